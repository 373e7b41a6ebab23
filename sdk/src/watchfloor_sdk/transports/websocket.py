"""A subscription over WebSocket (RFC 6455).

    async def stream(self, ctx, checkpoint):
        async def subscribe(link):
            await link.send({"subscribe": {"after": checkpoint}})

        async for message in websocket.messages(ctx, ctx.settings.url, subscribe=subscribe,
                                                silent_s=120):
            event = to_event(ctx, message.json())
            yield Page(events=[event], checkpoint=event.id,
                       on_durable=lambda m=message: m.reply({"ack": event.id}))

One call is one connection. When it ends, the worker starts ``stream`` again, with the checkpoint of
what is durable: ``subscribe`` is where a vendor's resume token goes, and nobody who reconnects
forgets to subscribe. A subscription that was lost while the connection lives looks like a quiet
night: ``silent_s`` and ``renew`` tell the two apart. Needs the extra ``[websocket]``.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from websockets import exceptions as e
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from watchfloor.contracts import GiveUp, Refused, RetryLater, WatchfloorError
from watchfloor_sdk.answer import Answer, judge
from watchfloor_sdk.context import Context
from watchfloor_sdk.sockets import handed_on

from .reach import CONNECT_S, Site, refused, site, sorted_errors, tls

__all__ = ["Link", "Message", "messages"]

MAX_SIZE = 4 * 1024 * 1024
"""Bytes of one message, unpacked."""

PING_S = 20.0
"""Between two pings; a connection that does not answer one for as long is dead."""

_CLOSE_S = 2.0
_QUIET = logging.getLogger("watchfloor_sdk.websocket")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False  # the library logs headers and frames

Data = str | bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came: text or bytes."""

    data: Data
    link: Link

    def json(self) -> Any:
        """The decoded message. Raises ``GiveUp`` (``broken_json``): reject it with its ``data``."""
        try:
            return msgspec.json.decode(self.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise GiveUp("The message is not JSON.", code="broken_json") from None

    def reply(self, data: Any) -> None:
        """Send something back without waiting: an acknowledgement, as ``Page.on_durable``.

        On a connection that has ended it goes nowhere; the vendor then sends the message again.
        """
        self.link.post(data)


class Link:
    """The open connection, as ``subscribe`` and ``renew`` see it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._posts: set[asyncio.Task[None]] = set()

    async def send(self, data: Any) -> None:
        """Text or bytes as they are, all else as JSON text."""
        if not isinstance(data, str | bytes):
            data = msgspec.json.encode(data).decode()
        await self._connection.send(data)

    async def receive(self) -> Message:
        """The next message, such as the answer to a subscription."""
        return Message(await self._connection.recv(), self)

    def post(self, data: Any) -> None:
        """``send``, in its turn."""
        task = asyncio.create_task(self._post(data))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)

    async def close(self) -> None:
        """Send what was posted, then say goodbye; neither takes long."""
        if self._posts:
            await asyncio.wait(self._posts, timeout=_CLOSE_S)
        await self._connection.close()

    async def _post(self, data: Any) -> None:
        try:
            await self.send(data)
        except e.ConnectionClosed:
            return  # whoever receives hears of it


Act = Callable[[Link], Awaitable[None]]


async def messages(
    ctx: Context[Any],
    url: str,
    *,
    subscribe: Act | None = None,
    renew: tuple[float, Act] | None = None,
    silent_s: float | None = None,
    own: Callable[[Message], bool] | None = None,
    headers: Mapping[str, str] | None = None,
    subprotocols: Sequence[str] = (),
    tls_context: ssl.SSLContext | None = None,
    max_size: int = MAX_SIZE,
    ping_s: float = PING_S,
) -> AsyncIterator[Message]:
    """Messages of one connection, until the other side ends it in good order.

    ``subscribe`` is done first. ``renew``: seconds, and what is done again each time they are over
    (a subscription that runs out; a question whose answer shows that it is still there).
    ``silent_s``: a connection on which nothing comes for so long has lost its subscription.
    ``own`` are messages that are the echo of what we sent: they are left out. ``max_size`` is in
    bytes. ``tls_context`` is for client certificates.

    Raises ``RetryLater``: ``half_answer`` when it breaks off, ``feed_silent``,
    ``message_too_large`` ...; ``AskAPerson``: ``vendor_refused``, ``certificate``; ``Refused``.
    """
    where = site(url, ("ws", 80), ("wss", 443))
    options = {
        "additional_headers": dict(headers or {}),
        "subprotocols": [Subprotocol(name) for name in subprotocols] or None,
        "ssl": (tls_context or tls()) if where.secure else None,
        "max_size": max_size,
        "ping_interval": ping_s,
        "ping_timeout": ping_s,
    }
    async with _sorted_errors(where.host), _connected(ctx, url, where, options) as link:
        if subscribe:
            async with asyncio.timeout(CONNECT_S):
                await subscribe(link)
        found = _received(link, where.host, silent_s)
        async with _renewed(link, renew), aclosing(found) as received:
            async for message in received:
                if not (own and own(message)):
                    yield message


async def _received(link: Link, host: str, silent_s: float | None) -> AsyncGenerator[Message, None]:
    while True:
        try:
            async with asyncio.timeout(silent_s):
                message = await link.receive()
        except TimeoutError:
            raise RetryLater(
                f"{host} has sent nothing for {silent_s:g} s; it is subscribed to anew.",
                code="feed_silent",
            ) from None
        except e.ConnectionClosedOK:
            return
        yield message


@asynccontextmanager
async def _connected(
    ctx: Context[Any], url: str, where: Site, options: dict[str, Any]
) -> AsyncIterator[Link]:
    dialled = await ctx.network.dial(where.host, where.port, CONNECT_S)
    try:
        with handed_on(dialled):
            connection = await connect(
                url,
                sock=dialled,
                proxy=None,
                open_timeout=CONNECT_S,
                close_timeout=_CLOSE_S,
                user_agent_header="watchfloor-connector",
                logger=_QUIET,
                **options,
            )
    except ValueError:  # the library follows no redirect on a connection that was made for it
        raise Refused(
            f"{where.host} redirects elsewhere.",
            code="redirect_refused",
            remedy="Check the address in the settings.",
        ) from None
    link = Link(connection)
    try:
        yield link
    finally:
        await link.close()


@asynccontextmanager
async def _renewed(link: Link, renew: tuple[float, Act] | None) -> AsyncIterator[None]:
    """Renews as long as the block runs. A renewal that fails breaks off the connection."""
    if renew is None:
        yield
        return
    task = asyncio.create_task(_renew(link, *renew))
    try:
        yield
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended


async def _renew(link: Link, every_s: float, act: Act) -> None:
    while True:
        await asyncio.sleep(every_s)
        await act(link)


@asynccontextmanager
async def _sorted_errors(host: str) -> AsyncIterator[None]:
    async with sorted_errors(host, CONNECT_S, e.WebSocketException):
        try:
            yield
        except e.InvalidStatus as error:
            raise _judged(error, host) from None
        except e.ConnectionClosedError as error:
            raise _closed(error, host) from None


def _judged(error: e.InvalidStatus, host: str) -> WatchfloorError:
    answer = error.response
    headers = {name.lower(): value for name, value in answer.headers.raw_items()}
    try:
        judge(Answer(answer.status_code, headers, b"", host))
    except WatchfloorError as ours:
        return ours
    detail = f"{host} answered as no WebSocket does (status {answer.status_code})."
    return RetryLater(detail, code="half_answer")


_REFUSING = frozenset({1008, 3000, 3003})
"""Policy violation (RFC 6455); unauthorized, forbidden (IANA, WebSocket close codes)."""


def _closed(error: e.ConnectionClosedError, host: str) -> WatchfloorError:
    if error.rcvd and error.rcvd.code in _REFUSING:
        return refused(host)
    if error.rcvd and error.rcvd.code in (1012, 1013):
        return RetryLater(f"{host} asks to come again later.", code="vendor_unavailable")
    if error.sent and error.sent.code == 1009 and not error.rcvd_then_sent:
        return RetryLater(f"{host} sent a message that is too large.", code="message_too_large")
    return RetryLater(f"{host} broke off its answer.", code="half_answer")
