"""Plays a cassette: the vendor's answers by request and in their order, and its webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from watchfloor_sdk.simulation import HttpSimulator, Setup, WebhookSender

from .cassette import ORIGIN, Cassette, Exchange, read
from .documents import Body


class CassetteSimulator(HttpSimulator):
    """A recorded vendor. Faults can be played on it as on any simulator.

    A request gets the next answer that was recorded for its method, path and query; when all of
    those were given, the last again. Else it gets what was recorded for its method and path, as
    times in a query change. What was never asked for is not found, and stands in ``unheard``.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.cassette: Cassette = read(Path(path))
        self.connector = self.cassette.connector
        self.unheard: list[str] = []
        self.handed_out = dict.fromkeys(self.cassette.events)
        self._left: list[Exchange] = list(self.cassette.exchanges)
        self._origin = ""
        self._senders: list[WebhookSender] = []
        self._sending: list[asyncio.Task[None]] = []

    @property
    def is_through(self) -> bool:
        """Whether every recorded answer and webhook was given."""
        sent = sum(sender.delivered + sender.given_up for sender in self._senders)
        return not self._left and sent >= len(self.cassette.webhooks)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Every path."""
        return [web.route("*", "/{path:.*}", self._answer)]

    def setup(self, base_url: str) -> Setup:
        """As it was recorded, with credentials that are none."""
        self._origin = base_url
        config = _at(self.cassette.config, base_url)
        return Setup(self.connector, config, self.cassette.credentials)

    def feed(self, happening: Any) -> None:
        """What is recorded does not change."""

    def push_to(self, url: str) -> None:
        """Send the recorded webhooks there, in their order."""
        for pushed in self.cassette.webhooks:
            sender = WebhookSender(lambda _, headers=pushed.headers: headers, at_once=1)  # type: ignore[misc]
            sender.send(self._raw(pushed.body))
            self._senders.append(sender)
        self._sending.append(asyncio.ensure_future(self._push(url)))

    async def stop(self) -> None:
        """Close the listener, send no more."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        for sender in self._senders:
            await sender.stop()
        await super().stop()

    async def _push(self, url: str) -> None:
        for sender in self._senders:
            await sender.start(url)
            await sender.idle()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        found = self._next(request.method, request.raw_path)
        if found is None:
            self.unheard.append(f"{request.method} {request.path}")
            return web.Response(status=404)
        headers = _at(found.headers, self._origin)
        return web.Response(status=found.status, headers=headers, body=self._raw(found.body))

    def _next(self, method: str, path: str) -> Exchange | None:
        left, every = self._left, self.cassette.exchanges[::-1]
        for recorded, fits in ((left, _is), (every, _is), (left, _is_like), (every, _is_like)):
            found = next((each for each in recorded if fits(each, method, path)), None)
            if found is not None:
                if recorded is left:
                    left.remove(found)
                return found
        return None

    def _raw(self, body: Body) -> bytes:
        return body.raw().replace(ORIGIN.encode(), self._origin.encode())


def _is(exchange: Exchange, method: str, path: str) -> bool:
    return (exchange.method, exchange.path) == (method, path)


def _is_like(exchange: Exchange, method: str, path: str) -> bool:
    """But for the query."""
    return exchange.method == method and exchange.path.split("?")[0] == path.split("?")[0]


def _at(value: Any, origin: str) -> Any:
    if isinstance(value, str):
        return value.replace(ORIGIN, origin)
    if isinstance(value, dict):
        return {key: _at(inner, origin) for key, inner in value.items()}
    return [_at(inner, origin) for inner in value] if isinstance(value, list) else value
