"""Hubs for tests: in this process or in one of its own, and a client that speaks their API."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from policies import FAR_BACK, adopt, keep_long

from watchfloor.bootstrap import RUN_FILE, Options, Running, running_hub
from watchfloor.identity import DEVELOPING, Origin, person_here
from watchfloor.web import COOKIE
from watchfloor.web.csrf import HEADER

T = TypeVar("T")

PERSON = "Casey Analyst"
WATCHFLOOR = (sys.executable, "-m", "watchfloor")
"""The command, whether or not its script is on the path."""


async def until(
    condition: Callable[[], T | Awaitable[T]], deadline_s: float = 15.0, every_s: float = 0.02
) -> T:
    """The first true value of ``condition`` (which may be async). Fails when it stays untrue."""
    value: Any = None
    try:
        async with asyncio.timeout(deadline_s):
            while True:
                value = condition()
                if isawaitable(value):
                    value = await value
                if value:
                    return value
                await asyncio.sleep(every_s)
    except TimeoutError:
        raise AssertionError(f"not within {deadline_s:g} s; the last value was {value!r}") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error, in the one shape that errors have."""
        error = self.json["error"]
        assert set(error) - {"approval"} == {"code", "detail", "remedy"}, error
        assert error["detail"]
        return str(error["code"])


class Api:
    """The public API of one hub, in one person's session (or in nobody's)."""

    def __init__(self, url: str, client: aiohttp.ClientSession, session: str | None) -> None:
        self.url = url
        self.client = client
        self.session = session
        self._hooks_url = ""

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        base: str = "/api/v1",
        url: str | None = None,
        **query: Any,
    ) -> Answer:
        """One request. ``body``: bytes as they are, anything else as JSON. ``url`` is what comes
        before ``path``, where it is not the API."""
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        data = io.BytesIO(raw) if raw and len(raw) > 2**19 else raw  # aiohttp warns of large ones
        async with self.client.request(
            method, f"{url or self.url + base}{path}", data=data, params=_wanted(query),
            headers={"Content-Type": "application/json", HEADER: "1", **(headers or {})},
        ) as response:  # fmt: skip
            return Answer(response.status, response.headers, await response.read())

    async def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request that must succeed; its JSON."""
        answer = await self.call(method, path, body, **query)
        assert answer.status < 300, (method, path, answer.status, answer.body[:500])
        return answer.json if answer.body else None

    async def get(self, path: str, **query: Any) -> Any:
        """One GET that must succeed; its JSON."""
        return await self.send("GET", path, **query)

    async def push(self, source: str, events: Sequence[Any]) -> Any:
        """Hand events over by the batch endpoint; what was counted."""
        return await self.send("POST", "/events", list(events), source=source)

    async def hooks_url(self) -> str:
        """Where webhooks go, up to the source's id."""
        self._hooks_url = self._hooks_url or str((await self.get("/hub"))["hooks_url"])
        return self._hooks_url

    async def knock(
        self, source: str, body: bytes, headers: Mapping[str, str], method: str = "POST"
    ) -> Answer:
        """A webhook as a vendor sends it."""
        hooks = await self.hooks_url()
        return await self.call(method, source, body, headers=headers, url=hooks)

    async def lines(self, path: str, **query: Any) -> list[Any]:
        """An answer of JSON lines."""
        answer = await self.call("GET", path, **query)
        assert answer.status == 200, answer.body
        return [json.loads(line) for line in answer.body.splitlines()]

    async def events(self, **query: Any) -> list[dict[str, Any]]:
        """Every event there is, page by page."""
        found, cursor = [], None
        while True:
            page = await self.get("/events", limit=1000, cursor=cursor, **query)
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    async def source(self, id: str) -> dict[str, Any]:
        """One source as the sources page shows it."""
        items = (await self.get("/sources"))["items"]
        return next(item for item in items if item["id"] == id)

    async def dead(self, source: str | None = None) -> list[dict[str, Any]]:
        """The dead letters that wait, newest first."""
        items = (await self.get("/dead-letters", source=source, limit=1000))["items"]
        return list(items)


def _wanted(query: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}


@contextlib.asynccontextmanager
async def api_of(url: str, session: str | None = None) -> AsyncIterator[Api]:
    """The API of the hub at ``url``; without a session, as nobody."""
    cookies = {} if session is None else {COOKIE: session}
    jar = aiohttp.CookieJar(unsafe=True)  # loopback addresses have cookies, too
    async with aiohttp.ClientSession(cookies=cookies, cookie_jar=jar) as client:
        api = Api(url, client, session)
        if session is not None:
            await work_on(api)
        yield api


async def work_on(api: Api) -> None:
    """Have a request open: what these tests look up, they look up for it."""
    if (await api.get("/session"))["request"] is None:
        asked = {"purpose": "missing_endangered", "asked": "What a test asks", "provisional": True}
        request = await api.send("POST", "/requests", asked)
        await api.send("PUT", "/session/request", {"request": request["id"]})


@contextlib.asynccontextmanager
async def hub_here(data_dir: Path, policy: str = FAR_BACK) -> AsyncIterator[Running]:
    """A hub in this process."""
    adopt(data_dir, policy)
    options = Options(data_dir, port=0, hooks_port=0, development=True, person=PERSON)
    async with running_hub(options) as running:
        await keep_long(running.hub.retention)
        run = json.loads((data_dir / RUN_FILE).read_text())
        async with api_of(run["url"], run["session"]):
            """The command line has a request open, too."""
        yield running


def session_of(running: Running) -> str:
    """A session of the person for whom the hub runs."""
    hub = running.hub
    person = person_here(PERSON, hub.settings.agency, DEVELOPING)
    secret, _ = hub.sessions.begin(person, Origin("127.0.0.1", "test"))
    return secret


class HubProcess:
    """``watchfloor serve`` in a process of its own, to be stopped, killed and started again.

    It keeps its ports over restarts. ``around`` is put before the command (``strace …``). ``root``
    is where its file system is seen from here, when it has one of its own.
    """

    def __init__(self, data_dir: Path, around: Sequence[str] = ()) -> None:
        self.data_dir = data_dir
        self.around = around
        self.port = self.hooks_port = 0
        self.pid = 0
        self.session = ""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def hooks_url(self) -> str:
        return f"http://127.0.0.1:{self.hooks_port}/hooks/"

    def seen(self, name: str) -> Path:
        """A file of its data directory, through its own eyes."""
        assert self._process
        return Path(f"/proc/{self._process.pid}/root{self.data_dir}") / name

    async def start(self, deadline_s: float = 30.0) -> None:
        """Start it; it answers when this returns."""
        (self.data_dir / RUN_FILE).unlink(missing_ok=True)
        with (self.data_dir.parent / "hub.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.around, *WATCHFLOOR, "serve", "--development",
                "--data-dir", str(self.data_dir), "--port", str(self.port),
                "--hooks-port", str(self.hooks_port), "--as", PERSON,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        run = await until(self._run_file, deadline_s)
        self.port = int(run["url"].rpartition(":")[2])
        self.pid, self.session = run["pid"], run["session"]
        async with self.api() as api:
            self.hooks_port = urlsplit(await api.hooks_url()).port or 0

    def _run_file(self) -> Any:
        assert self._process
        assert self._process.returncode is None, self.log()
        try:
            return json.loads(self.seen(RUN_FILE).read_text())
        except (OSError, ValueError):
            return None

    def log(self) -> str:
        """What it has printed, for the message of a failed test."""
        return (self.data_dir.parent / "hub.log").read_text()[-4000:]

    def api(self) -> contextlib.AbstractAsyncContextManager[Api]:
        """Its API, in the session that it keeps for its owner."""
        return api_of(self.url, self.session)

    async def kill(self) -> None:
        """SIGKILL to the hub alone: what becomes of its workers is its own affair."""
        await self._end(signal.SIGKILL)

    async def stop(self, number: signal.Signals = signal.SIGTERM, deadline_s: float = 20.0) -> int:
        """Ask it to end; its exit status."""
        return await self._end(number, deadline_s)

    async def _end(self, number: signal.Signals, deadline_s: float = 20.0) -> int:
        assert self._process
        if self._process.returncode is None:
            os.kill(self.pid, number)
        async with asyncio.timeout(deadline_s):
            return await self._process.wait()

    async def close(self) -> None:
        """Leave nothing behind, however the test ended."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


@contextlib.asynccontextmanager
async def hub_process(data_dir: Path, around: Sequence[str] = ()) -> AsyncIterator[HubProcess]:
    """A hub in a process of its own, started; gone afterwards."""
    adopt(data_dir)
    process = HubProcess(data_dir, around)
    try:
        await process.start()
        yield process
    finally:
        await process.close()
