"""A hub in a process of its own, as it would run, and a lean HTTP client to load it with."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from watchfloor.cli.client import Client
from watchfloor.contracts import AskAPerson

MIB = 1024 * 1024
_PROGRAM = re.compile(r"\bwatchfloor\.(\w+)\.program\b")


class HubProcess:
    """A started hub. ``started_s``: from the command to the first answer of the API."""

    def __init__(self, process: subprocess.Popen[bytes], client: Client, started_s: float) -> None:
        self.process = process
        self.client = client
        self.started_s = started_s
        address = urlsplit(client.url)
        self.address = (address.hostname or "", address.port or 0)

    def hooks_address(self) -> tuple[str, int]:
        """Where webhooks go."""
        address = urlsplit(self.client.get("/hub")["hooks_url"])
        return (address.hostname or "", address.port or 0)

    def push_source(self, name: str = "push") -> None:
        """Configure a source that hands over by the batch endpoint."""
        self.client.send("PUT", f"/sources/{name}", {"connector": "push", "name": name})

    def memory_mib(self) -> float:
        """Resident size."""
        return resident_mib(self.process.pid)

    def programs(self) -> dict[str, int]:
        """Its processes that are no workers, by name: gate, egress."""
        lists = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = [int(child) for each in lists for child in each.read_text().split()]
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in children}
        found = {pid: _PROGRAM.search(command) for pid, command in commands.items()}
        return {named[1]: pid for pid, named in found.items() if named}

    def all_running(self) -> None:
        """Wait until every source's worker runs."""
        deadline = time.monotonic() + 120
        states: list[str] = []
        while time.monotonic() < deadline:
            states = [each["state"] for each in self.client.get("/sources")["items"]]
            if all(state in ("running", "degraded") for state in states):
                return
            time.sleep(0.02)
        raise RuntimeError(f"not all workers came up: {states}")

    def total(self, source: str) -> int:
        """Events of a source that are durable and searchable since the hub's start."""
        sources = {each["id"]: each for each in self.client.get("/sources")["items"]}
        return int(sources[source]["events_total"])


def used_s(pid: int) -> float:
    """Processor time of a process so far, in user and kernel mode (proc_pid_stat(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Resident size of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


@contextmanager
def hub_process(
    data_dir: Path, *, development: bool = True, command: Sequence[str] = ()
) -> Iterator[HubProcess]:
    """A hub on a data directory, from start to a clean end. ``development``: it runs the connectors
    of this environment. ``command``: started by another one than ``watchfloor serve``."""
    (data_dir / "run.json").unlink(missing_ok=True)
    begun = time.perf_counter()
    serve = [
        sys.executable, "-m", "watchfloor", "serve", *(["--development"] if development else []),
        "--port", "0", "--hooks-port", "0", "--data-dir", str(data_dir),
    ]  # fmt: skip
    process = subprocess.Popen(command or serve, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        client = _answering(process, data_dir)
        started_s = time.perf_counter() - begun
        if development:
            open_request(client)
        yield HubProcess(process, client, started_s)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _answering(process: subprocess.Popen[bytes], data_dir: Path) -> Client:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(AskAPerson):  # it is not there, or half written
            client = Client.of(data_dir)
            client.get("/health")
            return client
        time.sleep(0.005)
    raise RuntimeError("the hub did not start")


def open_request(client: Client) -> str:
    """Have a request open: what is looked up is looked up for it. Its id."""
    asked = {"purpose": "missing_endangered", "asked": "A benchmark", "provisional": True}
    request = str(client.send("POST", "/requests", asked)["id"])
    client.send("PUT", "/session/request", {"request": request})
    return request


class Connection(asyncio.Protocol):
    """One keep-alive connection that posts as fast as it is answered. It shares the machine with
    what is measured, so it does only what a load needs."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._came = b""

    @classmethod
    async def to(cls, address: tuple[str, int]) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(cls, *address)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def post(self, path: str, headers: dict[str, str], body: bytes) -> asyncio.Future[int]:
        """The answer's status."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        )
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head.encode() + body)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._came = b""
            assert self._answer
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    def close(self) -> None:
        if self._transport:
            self._transport.close()


def _length(head: bytes) -> int:
    """Of the body that follows."""
    _, named, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if named else 0


def percentiles(samples: list[float]) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds of samples in seconds."""
    ordered = sorted(samples)
    return {
        f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000, 2)
        for share in (50, 95, 99)
    }


def row(what: str, figure: Any, unit: str, least: Any, aim: Any, **more: Any) -> dict[str, Any]:
    """One line of the table. Of sizes and durations, ``least`` is the most."""
    return {"what": what, "figure": figure, "unit": unit, "least": least, "aim": aim, **more}
