"""The base of simulators that answer HTTP."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from aiohttp import web

from .faults import CALLED, LAST, Faults, Handler
from .simulator import Setup, Simulator


class HttpSimulator(Simulator):
    """A vendor's HTTP interface on loopback.

    A subclass says its ``routes`` and its ``setup``, keeps its state, and writes what it hands
    out into ``handed_out``. ``faults`` go wrong to order; ``requests`` counts what came, by path;
    ``arrivals`` are the newest of them as (seconds on the loop's clock, path). A vendor with one
    path for all its calls has ``called``.
    """

    records_path: ClassVar[str] = "/"
    """How paths begin under which the vendor's records are read: faults of records belong there."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.requests: dict[str, int] = {}
        self.arrivals: deque[tuple[float, str]] = deque(maxlen=10_000)
        self.handed_out: dict[str, Any] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    @abstractmethod
    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The vendor's paths."""

    @abstractmethod
    def setup(self, base_url: str) -> Setup:
        """How agency IT would configure the connector against ``base_url``."""

    async def called(self, request: web.Request) -> str:
        """The path by which faults, golden answers and counts know a request.

        Where a vendor has one address for all (JSON-RPC, SOAP), override it to say what is called,
        such as ``/api/GetFeed``: else a fault of its records meets the log-in, too.
        """
        return request.path

    @property
    def ledger(self) -> Mapping[str, Any]:
        """Event id (as the connector will form it) → what the vendor said."""
        return self.handed_out

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen; answers how to configure the connector."""
        await self._listen(host, port)
        return self.setup(f"http://{host}:{self._port}")

    async def cut(self) -> None:
        """The net is down: connections end, new ones are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def mend(self) -> None:
        """The net is up again, at the same address."""
        await self._listen("127.0.0.1", self._port)

    async def _listen(self, host: str, port: int) -> None:
        app = web.Application(middlewares=[self._faulty])
        app[LAST] = {}
        app.add_routes(self.routes())
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the listener and end what was started."""
        await self.cut()

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[CALLED] = path = await self.called(request)
        self.arrivals.append((asyncio.get_running_loop().time(), path))
        self.requests[path] = self.requests.get(path, 0) + 1
        fault = self.faults.take(path)
        if fault is not None:
            return await fault.play(request, handler)
        response = await handler(request)
        if isinstance(response, web.Response):
            request.app[LAST][path] = response
        return response
