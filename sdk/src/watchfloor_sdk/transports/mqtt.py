"""Topics of an MQTT broker (MQTT 3.1.1, OASIS 2014).

    async for message in mqtt.messages(ctx, ctx.settings.url, ["frigate/reviews"]):
        yield Page(events=to_events(ctx, message.json()), on_durable=message.acknowledge)

The session outlives the connection: what is published meanwhile with quality 1 or 2 waits at the
broker, and what was not acknowledged comes again. What comes with quality 0 while nobody listens is
lost; where the vendor has a list of what happened, ask it after each connection. The credential has
``username`` and ``password``. Needs the extra ``[mqtt]``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater
from watchfloor_sdk.context import Context
from watchfloor_sdk.sockets import handed_on

from .reach import CONNECT_S, Site, refused, site, sorted_errors, tls

__all__ = ["Message", "messages"]

MAX_SIZE = 4 * 1024 * 1024
"""Bytes of one message; longer ones are left out, and the log says so."""

WAITING = 1_000
"""Messages that wait to be taken; beyond that nothing more is read from the broker."""

KEEPALIVE_S = 30

_OK = MQTTErrorCode.MQTT_ERR_SUCCESS
_REFUSING = (134, 135)
"""Bad user name or password; not authorised: 4 and 5 in MQTT 3.1.1, in the library's words."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``retained``: it is the topic's last word, not news."""

    topic: str
    data: bytes
    retained: bool
    number: int
    quality: int
    session: _Session

    def json(self) -> Any:
        """The decoded message. Raises ``GiveUp`` (``broken_json``): reject it with its ``data``."""
        try:
            return msgspec.json.decode(self.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise GiveUp("The message is not JSON.", code="broken_json") from None

    def acknowledge(self) -> None:
        """The broker may forget it. For ``Page.on_durable``; a second time does no harm."""
        self.session.client.ack(self.number, self.quality)

    def publish(self, topic: str, data: Any, quality: int = 1) -> None:
        """Say something on another topic, such as a reply: bytes as they are, else as JSON."""
        body = data if isinstance(data, bytes) else msgspec.json.encode(data)
        self.session.client.publish(topic, body, quality)


async def messages(
    ctx: Context[Any],
    url: str,
    topics: Sequence[str],
    *,
    credential: str | None = "broker",
    client_id: str | None = None,
    quality: int = 1,
    silent_s: float | None = None,
    tls_context: ssl.SSLContext | None = None,
    max_size: int = MAX_SIZE,
) -> AsyncIterator[Message]:
    """Messages of ``topics`` (filters with ``+`` and ``#``) until the connection breaks off.

    ``url`` is ``mqtts://host`` or ``mqtt://host``. ``client_id`` is the session's name at the
    broker, one for each source. ``silent_s``: a connection on which no message comes for so long
    has lost its subscription. Acknowledge each message.

    Raises ``RetryLater`` (``half_answer``, ``feed_silent``, ``vendor_unreachable`` ...) or
    ``AskAPerson`` (``vendor_refused``, ``subscription_refused``, ``certificate``).
    """
    where = site(url, ("mqtt", 1883), ("mqtts", 8883))
    fields = await ctx.credential(credential) if credential else {}
    client = _Client(client_id or f"watchfloor-{ctx.source}")
    if fields:
        client.username_pw_set(fields.get("username", ""), fields.get("password"))
    if where.secure:
        client.tls_set_context(tls_context or tls())
    async with _connected(ctx, where, client) as session:
        await session.subscribe([(topic, quality) for topic in topics])
        while True:
            message = await session.next(silent_s)
            if len(message.data) <= max_size:
                yield message
            else:
                ctx.log.warning(f"A message of {len(message.data)} bytes was left out.")
                message.acknowledge()


class _Client(paho.Client):
    """The library's client on a connection that ``ctx.network`` made."""

    def __init__(self, client_id: str) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=False,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self.dialled: socket.socket

    def _create_socket_connection(self) -> socket.socket:
        return self.dialled


@asynccontextmanager
async def _connected(ctx: Context[Any], where: Site, client: _Client) -> AsyncIterator[_Session]:
    session = _Session(client, where.host)
    async with sorted_errors(where.host, CONNECT_S):
        async with asyncio.timeout(CONNECT_S):
            dialled = await ctx.network.dial(where.host, where.port, CONNECT_S)
            with handed_on(dialled) as client.dialled:
                dialled.settimeout(CONNECT_S)
                await asyncio.to_thread(client.connect, where.host, where.port, KEEPALIVE_S)
        try:
            async with asyncio.timeout(CONNECT_S):
                await session.open()
            yield session
        finally:
            session.close()


class _Session:
    """Drives the client from the event loop: reads while there is room, writes, keeps alive."""

    def __init__(self, client: _Client, host: str) -> None:
        self.client = client
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._welcome: asyncio.Future[int] = self._loop.create_future()
        self._granted: asyncio.Future[list[int]] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._reading = False
        self._handle = -1
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_register_write = lambda *_: self._later(self._write_on)
        client.on_socket_unregister_write = lambda *_: self._later(self._write_off)

    async def open(self) -> None:
        """Until the broker has let us in."""
        self._handle = self._socket().fileno()
        self._read_on()
        self._write()
        self._tick()
        if code := await self._unless_ended(self._welcome):
            if code in _REFUSING:
                raise refused(self._host)
            detail = f"{self._host} does not take connections now (code {code})."
            raise RetryLater(detail, code="vendor_unavailable")

    async def subscribe(self, filters: list[tuple[str, int]]) -> None:
        """Until the broker has granted each."""
        self.client.subscribe(filters)
        async with sorted_errors(self._host, CONNECT_S), asyncio.timeout(CONNECT_S):
            granted = await self._unless_ended(self._granted)
        if any(code >= 128 for code in granted):
            raise AskAPerson(
                f"{self._host} does not let this user read all of the topics.",
                code="subscription_refused",
                remedy="Compare the topics in the settings with what the broker allows this user.",
            )

    async def next(self, silent_s: float | None) -> Message:
        """The next message."""
        if self._waiting.qsize() < WAITING // 2 and not self._reading:
            self._read_on()
            self._read()  # TLS may hold what the socket no longer shows
        try:
            async with asyncio.timeout(silent_s):
                waiting = asyncio.ensure_future(self._waiting.get())
                message: Message = await self._unless_ended(waiting)
                return message
        except TimeoutError:
            raise RetryLater(
                f"{self._host} has sent nothing for {silent_s:g} s; it is subscribed to anew.",
                code="feed_silent",
            ) from None

    def close(self) -> None:
        """Say goodbye and forget the socket; the broker keeps the session."""
        if self._timer:
            self._timer.cancel()
        self._read_off()
        self.client.disconnect()
        self.client.loop_write()
        self._write_off()
        self.client.loop_misc()
        if (used := self.client.socket()) is not None:
            used.close()
        self._ended.cancel()

    async def _unless_ended(self, wanted: asyncio.Future[Any]) -> Any:
        try:
            await asyncio.wait((wanted, self._ended), return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                raise RetryLater(f"{self._host} broke off.", code="half_answer")
            return wanted.result()
        finally:
            wanted.cancel()

    def _socket(self) -> Any:
        used = self.client.socket()
        if used is None:
            raise RetryLater(f"{self._host} broke off.", code="half_answer")
        return used

    def _on_connect(self, _: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        if not self._welcome.done():
            self._welcome.set_result(int(reason.value))

    def _on_subscribe(self, _: Any, __: Any, ___: Any, reasons: Any, ____: Any) -> None:
        if not self._granted.done():
            self._granted.set_result([int(reason.value) for reason in reasons])

    def _on_message(self, _: Any, __: Any, said: paho.MQTTMessage) -> None:
        message = Message(said.topic, bytes(said.payload), said.retain, said.mid, said.qos, self)
        self._waiting.put_nowait(message)
        if self._waiting.qsize() >= WAITING:
            self._read_off()

    def _read(self) -> None:
        while self._reading:
            self._note(self.client.loop_read())
            used = self.client.socket()
            if used is None or not getattr(used, "pending", int)():
                return

    def _write(self) -> None:
        self._note(self.client.loop_write())
        self._write_on()

    def _tick(self) -> None:
        self._note(self.client.loop_misc())
        self._timer = self._loop.call_later(1.0, self._tick)

    def _note(self, outcome: MQTTErrorCode) -> None:
        if outcome != _OK and not self._ended.done():
            self._read_off()
            self._write_off()
            self._ended.set_result(None)

    def _later(self, do: Any) -> None:
        """From the thread that connects."""
        self._loop.call_soon_threadsafe(do)

    def _read_on(self) -> None:
        if not self._ended.done():
            self._reading = True
            self._loop.add_reader(self._handle, self._read)

    def _read_off(self) -> None:
        self._reading = False
        self._loop.remove_reader(self._handle)

    def _write_on(self) -> None:
        if self._handle >= 0 and self.client.want_write() and not self._ended.done():
            self._loop.add_writer(self._handle, self._write)

    def _write_off(self) -> None:
        self._loop.remove_writer(self._handle)
