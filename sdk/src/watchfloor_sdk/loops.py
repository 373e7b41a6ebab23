"""The loops of a worker: poll, stream and inventory, each again and again until it is stopped.

A loop sorts what goes wrong by what to do next, says so in the heartbeat, and tries again from
the last durable checkpoint. Only a connector that fails again and again for no known reason ends
the worker.
"""

from __future__ import annotations

import asyncio
import traceback
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar

import msgspec

from watchfloor.contracts import RetryLater, WatchfloorError
from watchfloor.contracts.protocol import AssetsParams

from .connector import Connector, Page, Rejected
from .context import Context
from .emitter import Emitter
from .health import Health, wait_after
from .peer import Peer

MOST_BUGS = 5
"""Unexpected exceptions in a row after which the worker ends, to start afresh."""
STEADY_S = 30.0
"""A connection that lived so long had worked: when it breaks, failures are counted anew."""
ASSETS_DEADLINE_S = 300.0


class ConnectorFailed(Exception):
    """The connector's code failed too often; the text says where."""


class Loop(ABC):
    """Runs ``once`` and waits, for as long as the worker lives."""

    name: str
    steady_s: ClassVar[float] = inf
    """After how long a round that then fails is no failure in a row."""

    def __init__(self, connector: Connector[Any], ctx: Context[Any], health: Health) -> None:
        self.connector = connector
        self.ctx = ctx
        self.health = health

    @abstractmethod
    async def once(self) -> float:
        """One round. Answers how long to wait until the next, in seconds."""

    async def run(self) -> None:
        """Forever. Raises ``ConnectorFailed``."""
        failures = bugs = 0
        while True:
            began = monotonic()
            try:
                pause = await self.once()
            except Exception as error:
                if monotonic() - began >= self.steady_s:
                    failures = bugs = 0
                failures += 1
                if not isinstance(error, WatchfloorError):
                    bugs += 1
                    error = self._bug(error, bugs)
                pause = self._failed(error, failures)
            else:
                failures = bugs = 0
                self.health.well(self.name)
            await asyncio.sleep(pause)

    def _failed(self, error: WatchfloorError, failures: int) -> float:
        self.ctx.log.warning(f"{self.name}: {error.detail} ({error.code})")
        self.health.ill(self.name, error)
        return wait_after(error, failures)

    def _bug(self, error: Exception, bugs: int) -> WatchfloorError:
        where = f"{self.name} failed: {place_of(error)}"
        if bugs >= MOST_BUGS:
            raise ConnectorFailed(f"{where}, {bugs} times in a row.") from error
        return RetryLater(f"{where}.", code="connector_failed", remedy="Tell its maintainer.")


class PollLoop(Loop):
    """Asks at the cadence. A round that ended well assures everything up to its start."""

    name = "poll"

    def __init__(
        self,
        connector: Connector[Any],
        ctx: Context[Any],
        health: Health,
        emitter: Emitter,
        every_s: float,
    ) -> None:
        super().__init__(connector, ctx, health)
        self.emitter = emitter
        self.every_s = every_s

    async def once(self) -> float:
        """All pages there are, until they are durable."""
        await self.emitter.drain()
        started, began = self.ctx.now(), asyncio.get_running_loop().time()
        self.emitter.assured_until = None
        await self._send_all(self.connector.poll(self.ctx, self.emitter.checkpoint))
        self.health.assured(self.emitter.assured_until or started)
        return max(0.0, began + self.every_s - asyncio.get_running_loop().time())

    async def _send_all(self, pages: AsyncIterator[Page]) -> None:
        async with aclosing(pages) as open_pages:  # type: ignore[type-var]
            async for page in open_pages:
                if _says_something(page, self.emitter.checkpoint):
                    self.health.saw(page.events, self.ctx.now(), self.name)
                    await self.emitter.send(page)
                elif page.assured_until is not None:
                    self.emitter.assured_until = page.assured_until
        await self.emitter.drain()


class StreamLoop(PollLoop):
    """Listens for as long as the connection lives, and connects again when it ends."""

    name = "stream"
    steady_s = STEADY_S

    async def once(self) -> float:
        """One connection. ``every_s`` is the wait before the next."""
        await self.emitter.drain()
        teller = asyncio.create_task(self._tell())
        try:
            await self._send_all(self.connector.stream(self.ctx, self.emitter.checkpoint))
        finally:
            teller.cancel()
        return self.every_s

    async def _tell(self) -> None:
        told: datetime | None = None
        while True:
            await asyncio.sleep(1.0)
            self.health.well(self.name)
            self.emitter.settle()
            if self.emitter.assured_until is not None and self.emitter.assured_until != told:
                told = self.emitter.assured_until
                self.health.assured(told)


class InventoryLoop(Loop):
    """Lists the assets at the start and then at the cadence."""

    name = "inventory"

    def __init__(
        self,
        connector: Connector[Any],
        ctx: Context[Any],
        health: Health,
        peer: Peer,
        emitter: Emitter,
        every_s: float,
    ) -> None:
        super().__init__(connector, ctx, health)
        self.peer = peer
        self.emitter = emitter
        self.every_s = every_s
        self._told: set[tuple[str | bytes, str]] = set()

    async def once(self) -> float:
        """One list, until it is durable."""
        listed = await self.connector.inventory(self.ctx)
        params = AssetsParams(
            assets=[msgspec.Raw(msgspec.json.encode(asset)) for asset in listed.assets],
            complete=listed.complete and not listed.rejected,
            checkpoint=listed.checkpoint,
        )
        await self.peer.request("assets", params, ASSETS_DEADLINE_S)
        await self._tell({(row.raw, row.code): row for row in listed.rejected})
        return self.every_s

    async def _tell(self, rejected: dict[tuple[str | bytes, str], Rejected]) -> None:
        fresh = [row for name, row in rejected.items() if name not in self._told]
        if fresh:
            await self.emitter.send(Page(rejected=fresh))
            await self.emitter.drain()
        self._told = set(rejected)


def _says_something(page: Page, checkpoint: Any) -> bool:
    if page.events or page.rejected or page.on_durable:
        return True
    return page.checkpoint is not None and page.checkpoint != checkpoint


def place_of(error: BaseException) -> str:
    """``ValueError in mapping.py, line 41``: never the text, which may hold a vendor's record."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"
