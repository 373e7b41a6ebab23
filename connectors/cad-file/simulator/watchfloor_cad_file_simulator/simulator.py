"""The export: a file that grows or is rewritten, and the same by address."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from aiohttp import web

from watchfloor_city import CallChanged, Code
from watchfloor_sdk.declarative import Plan, Scope
from watchfloor_sdk.finding import find
from watchfloor_sdk.simulation import Setup
from watchfloor_sdk.testing import HttpSimulator, context

from .export import COLUMNS, csv_text, row

Way = Literal["append", "torn", "rewrite", "replace"]

MAPPING = "new-orleans"
LOCAL = ZoneInfo("America/Chicago")
PAUSE_S = 0.05
"""Between the halves of a torn line, and between two rewritings."""


class CadFileSimulator(HttpSimulator):
    """Writes calls in the columns of the New Orleans export.

    ``way``: ``append`` a row for every change; the same ``torn`` into two writes; ``rewrite`` the
    file in place with the last state of every call; ``replace`` it by a new one in one step. With
    the latter two, states that were overtaken between two writings are never handed out.
    ``by_address``: the connector is to fetch it over HTTP.
    """

    connector = "cad-file"
    records_path = "/cfs.csv"

    def __init__(self, *, way: Way = "append", by_address: bool = False) -> None:
        super().__init__()
        self._way = way
        self._by_address = by_address
        self._last: dict[str, list[str]] = {}
        self._waiting = b""
        self._due: asyncio.TimerHandle | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="watchfloor-cad-")
        self.path = Path(self._folder.name, "cfs.csv")
        self.path.write_bytes(csv_text([COLUMNS]).encode())
        settings = find(self.connector).connector.settings(mapping=MAPPING, path=str(self.path))
        self._mapper = Plan.of("watchfloor_cad_file", context(settings)).mappers["calls"]

    def feed(self, happening: Any) -> None:
        """Calls that changed; a dispatch system's export tells of nothing else."""
        if not isinstance(happening, CallChanged):
            return
        cells = row(happening, LOCAL)
        if self._way in ("rewrite", "replace"):
            self._last[happening.call_number] = cells
            self._later(self._write_anew)
        else:
            self._hand_out(cells)
            self._append(csv_text([cells]).encode())

    @classmethod
    def rehearsing(cls) -> Self:
        """An export with a web address: what servers do can be tried with it, too."""
        return cls(by_address=True)

    def rehearse(self, number: int, at: datetime) -> CallChanged:
        """A call of its own."""
        return CallChanged(
            at=at, call_number=f"Z{number:07}", status="Active",
            type=Code("94", "DISCHARGING FIREARM"), initial_type=Code("94", "DISCHARGING FIREARM"),
            created=at, priority=2, point=(-90.03, 29.98), address=f"{number:03}XX Example Ave",
        )  # fmt: skip

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        where = {"url": f"{base_url}/cfs.csv"} if self._by_address else {"path": str(self.path)}
        return Setup(self.connector, {"mapping": MAPPING, **where})

    def routes(self) -> Iterable[web.RouteDef]:
        """The file."""
        return [web.get("/cfs.csv", self._get)]

    async def stop(self) -> None:
        """Close the listener, take the file away."""
        if self._due is not None:
            self._due.cancel()
        await super().stop()
        self._folder.cleanup()

    async def _get(self, request: web.Request) -> web.Response:
        body = self.path.read_bytes()
        etag = blake2b(body, digest_size=8).hexdigest()
        if f'"{etag}"' == request.headers.get("if-none-match"):
            return web.Response(status=304, headers={"etag": f'"{etag}"'})
        answer = web.Response(body=body, content_type="text/csv")
        answer.etag = etag
        answer.last_modified = self.path.stat().st_mtime
        return answer

    def _append(self, line: bytes) -> None:
        cut = len(line) // 2 if self._way == "torn" else len(line)
        with self.path.open("ab") as file:
            file.write(self._waiting + line[:cut])
        self._waiting = line[cut:]
        if self._waiting:
            self._later(lambda: self._append(b""))

    def _write_anew(self) -> None:
        for cells in self._last.values():
            self._hand_out(cells)
        text = csv_text([COLUMNS, *self._last.values()]).encode()
        if self._way == "rewrite":
            self.path.write_bytes(text)
        else:
            new = self.path.with_suffix(".new")
            new.write_bytes(text)
            new.replace(self.path)

    def _later(self, do: Any) -> None:
        """Do it once in a moment, however often it is asked for until then."""
        if self._due is None or self._due.when() <= asyncio.get_running_loop().time():
            self._due = asyncio.get_running_loop().call_later(PAUSE_S, do)

    def _hand_out(self, cells: list[str]) -> None:
        mapped = self._mapper.page(csv_text([COLUMNS, cells]).encode(), Scope(datetime.now(UTC)))
        self.handed_out[mapped.events[0].id] = dict(zip(COLUMNS, cells, strict=True))
