"""The base of simulators that answer HTTP."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from .faults import LAST, Faults, Handler
from .simulator import Setup, Simulator


class HttpSimulator(Simulator):
    """A vendor's HTTP interface on loopback.

    A subclass says its ``routes`` and its ``setup``, keeps its state, and writes what it hands
    out into ``handed_out``. ``faults`` go wrong to order; ``requests`` counts what came, by path.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.requests: dict[str, int] = {}
        self.handed_out: dict[str, Any] = {}
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The vendor's paths."""

    @abstractmethod
    def setup(self, base_url: str) -> Setup:
        """How agency IT would configure the connector against ``base_url``."""

    @property
    def ledger(self) -> Mapping[str, Any]:
        """Event id (as the connector will form it) → what the vendor said."""
        return self.handed_out

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen; answers how to configure the connector."""
        app = web.Application(middlewares=[self._faulty])
        app[LAST] = {}
        app.add_routes(self.routes())
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        port = self._runner.addresses[0][1]
        return self.setup(f"http://{host}:{port}")

    async def stop(self) -> None:
        """Close the listener and end what was started."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests[request.path] = self.requests.get(request.path, 0) + 1
        fault = self.faults.take(request.path)
        if fault is not None:
            return await fault.play(request, handler)
        response = await handler(request)
        if isinstance(response, web.Response):
            request.app[LAST][request.path] = response
        return response
