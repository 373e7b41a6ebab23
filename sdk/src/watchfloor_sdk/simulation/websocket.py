"""The base of simulators that push over WebSocket, with what such servers do wrong."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from .server import HttpSimulator


class Listener:
    """One subscriber's connection.

    ``silent``: the subscription is lost and nobody says so; pings are still answered.
    ``slow_s``: seconds before each message. ``echo``: what it sends comes back to it.
    """

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.request = request
        self.silent = False
        self.slow_s = 0.0
        self.echo = False
        self._socket = socket
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue()

    def send(self, message: Any) -> None:
        """Push text, bytes, or anything else as JSON. Never blocks."""
        as_it_is = isinstance(message, str | bytes)
        self._waiting.put_nowait(message if as_it_is else msgspec.json.encode(message).decode())

    async def deliver(self) -> None:
        """Send what waits, as long as the connection lives."""
        while True:
            message = await self._waiting.get()
            await asyncio.sleep(self.slow_s)
            if not self.silent:
                await self._send(message)

    async def _send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._socket.send_bytes(message)
        else:
            await self._socket.send_str(message)

    async def close(self, code: int = 1000) -> None:
        """Say goodbye."""
        await self._socket.close(code=code)

    def cut(self, half: bytes = b"") -> None:
        """Break off, after half a message where one is given (RFC 6455, section 5.2)."""
        transport = self.request.transport
        if transport is not None:
            if half:
                transport.write(bytes([0x81, 126]) + (len(half) * 2).to_bytes(2, "big") + half)
            transport.close()


class WebSocketSimulator(HttpSimulator):
    """A vendor's WebSocket at ``path`` on loopback.

    A subclass says its ``setup`` and what it does with what a listener sends (``heard``), and
    pushes with ``listener.send``. Faults of ``faults`` are played at the handshake.
    """

    path = "/events"
    subprotocols: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.listeners: list[Listener] = []

    @abstractmethod
    async def heard(self, listener: Listener, message: Any) -> None:
        """A listener has sent this (decoded JSON)."""

    def joined(self, listener: Listener) -> None:
        """A listener has come."""

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The one path."""
        return [web.get(self.path, self._serve)]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=self.subprotocols, timeout=0.2)
        await socket.prepare(request)
        listener = Listener(socket, request)
        self.listeners.append(listener)
        self.joined(listener)
        delivering = asyncio.create_task(listener.deliver())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    if listener.echo:
                        listener.send(message.data)
                    await self.heard(listener, msgspec.json.decode(message.data))
        finally:
            self.listeners.remove(listener)
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
        return socket
