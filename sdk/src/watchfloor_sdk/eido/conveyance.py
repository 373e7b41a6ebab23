"""EIDOs as they are pushed over a WebSocket: NENA-STA-024.1a, subscribe and notify.

    auth = conveyance.proof(ctx, certificate=ctx.settings.client_certificate)
    async with aclosing(conveyance.listen(ctx, url, auth, lambda: known)) as heard:
        async for one in heard: ...

A subscription to all active incidents sends them at once and then each that changes. Every event
is answered once the hub has it for good. A socket that closes drops its subscriptions without a
word, and a server may drop one while the socket lives: so it is renewed every minute (an unknown
one is answered with 481), and a socket on which nothing comes is left. The standard is read through
open implementations; the sub-protocol is what the open library sends. Needs the extra
``[websocket]``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor_sdk.answer import Answer
from watchfloor_sdk.auth import ApiKey, Auth, Outgoing
from watchfloor_sdk.auth.certificate import ClientCertificate
from watchfloor_sdk.connector import Rejected
from watchfloor_sdk.context import Context
from watchfloor_sdk.transports import websocket
from watchfloor_sdk.transports.websocket import Link, Message

from .parts import MIME

__all__ = ["Gone", "Notification", "incidents_now", "listen", "name_of", "proof"]

SUBPROTOCOL = "emergency-ent1.0"
EXPIRES_S = 3600
"""Of a subscription, as it is asked for; a server may grant less, 15 s at the least."""
MIN_RATE_S = 60
"""The longest silence that is asked for (RFC 6446): then comes an event with no incident in it."""
RENEW_S = 60.0
SILENT_S = 2.5 * MIN_RATE_S
TICK_S = 1.0
CHECK_S = 20.0
MAX_SIZE = 32 * 1024 * 1024
"""Bytes of one message: the first has all active incidents, some 10 KiB each."""
MAX_INCIDENTS = 2_000
"""Active incidents of one agency. Beyond, the system is not believed."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Incidents as they stand now, each an EIDO as it came.

    ``incident``: only that one was asked for, because it was no longer among the active ones.
    ``answer`` tells the system that it has come: for ``Page.on_durable``.
    """

    eidos: Sequence[msgspec.Raw]
    incident: str | None
    answer: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Gone:
    """An incident that left the active ones and cannot be had any more."""

    incident: str


class Response(Struct, rename="camel"):
    """What becomes of a request."""

    request_id: str
    status_code: int
    subscription_id: str | None = None
    expires: float | None = None


class Event(Struct, rename="camel"):
    """Incidents of one subscription, to be answered with its ``transactionId``."""

    subscription_id: str
    transaction_id: str
    notification: list[msgspec.Raw] = []


class Terminate(Struct, rename="camel"):
    """The server ends a subscription."""

    request_id: str
    subscription_id: str


class Frame(Struct, rename="camel"):
    """One message: the member that is there says which. What we sent ourselves has none of them,
    so an echo of it is passed over."""

    subscribe_response: Response | None = None
    event: Event | None = None
    terminate: Terminate | None = None


class Head(Struct):
    """An EIDO's own id, by which it is known."""

    id: str = msgspec.field(name="$id")


class Conversation:
    """What was asked for on one connection, and what was granted.

    ``all`` is the subscription to all active incidents, once it stands. ``single`` are those to one
    incident each: subscription → incident.
    """

    def __init__(self) -> None:
        self.all: str | None = None
        self.single: dict[str, str] = {}
        self._numbers = count(1)
        self._asked: dict[str, str | None] = {}
        self._renew_at = float("inf")

    async def ask(self, link: Link) -> None:
        """Subscribe to all active incidents."""
        await self._subscribe(link, None, requestSubType="new", minRate=MIN_RATE_S)

    async def ask_one(self, link: Link, incident: str) -> None:
        """Subscribe to one: within five minutes of its end its last state is sent once more."""
        await self._subscribe(link, incident, requestSubType="single", incidentId=incident)

    async def renew(self, link: Link) -> None:
        """Once it is time."""
        if self.all and monotonic() >= self._renew_at:
            self._renew_at = float("inf")
            number = self._request(None)
            again = {"requestId": number, "subscriptionId": self.all, "expires": EXPIRES_S}
            await link.send({"subscribe": again})

    def granted(self, response: Response) -> str | None:
        """Take note of an answer. Answers the incident that cannot be had, if it is about one."""
        incident = self._asked.pop(response.request_id, None)
        if incident is None:
            self._judge(response)
            self.all = response.subscription_id or self.all
            self._renew_at = monotonic() + min(RENEW_S, (response.expires or EXPIRES_S) / 2)
        elif response.status_code == 200 and response.subscription_id:
            self.single[response.subscription_id] = incident
        else:
            return incident
        return None

    async def _subscribe(self, link: Link, incident: str | None, **more: Any) -> None:
        asked = {
            "requestId": self._request(incident),
            "requestType": "EIDO",
            "requestAccepts": f'{MIME}; version="1"',
            "expires": EXPIRES_S,
            **more,
        }
        await link.send({"subscribe": asked})

    def _request(self, incident: str | None) -> str:
        number = f"r{next(self._numbers)}"
        self._asked[number] = incident
        return number

    def _judge(self, response: Response) -> None:
        status = response.status_code
        if status == 200 and (response.subscription_id or self.all):
            return
        detail = f"The dispatch system answers the subscription with status {status}."
        if status in (200, 481, 500, 503):
            raise RetryLater(detail, code="subscription_lost")
        raise AskAPerson(
            detail,
            code="subscription_refused",
            remedy="Ask whoever runs the dispatch system what this agency may subscribe to.",
        )


def proof(ctx: Context[Any], *, certificate: bool) -> Auth:
    """A client certificate (the standard's: one that leads to the PSAP Credentialing Agency), or a
    bearer token (ours): the credential ``certificate`` or ``token``."""
    if certificate:
        return ClientCertificate(ctx, "certificate")
    return ApiKey(ctx, "token", header="authorization", prefix="Bearer ")


async def listen(
    ctx: Context[Any], url: str, auth: Auth, active: Callable[[], Collection[str]]
) -> AsyncGenerator[Notification | Gone | Rejected, None]:
    """What one connection says. Ends when the server ends the subscription.

    The first notification has all that is active. What is ``active`` as far as the caller knows
    and is not among it is then subscribed to alone: within five minutes of its end its last state
    is sent once more.

    Raises what ``websocket.messages`` raises, ``RetryLater`` (``subscription_lost``,
    ``bad_listing``) and ``AskAPerson`` (``subscription_refused``).
    """
    said, complete = Conversation(), False
    async with aclosing(_frames(ctx, url, auth, said)) as frames:
        async for message, frame in frames:
            if isinstance(frame, Rejected):
                yield frame
            elif frame.subscribe_response:
                if lost := said.granted(frame.subscribe_response):
                    yield Gone(lost)
            elif frame.terminate:
                _end(message, frame.terminate)
                if frame.terminate.subscription_id == said.all:
                    return
            elif event := frame.event:
                one = _notification(message, event, said)
                yield one
                if not (one.incident or complete):
                    await _ask_after_missing(message.link, said, active(), event)
                    complete = True


async def incidents_now(ctx: Context[Any], url: str, auth: Auth) -> list[bytes]:
    """All active incidents: the first notification. For a connector's ``check``.

    Raises as ``listen`` does; ``RetryLater`` (``feed_silent``) when nothing comes.
    """
    try:
        async with asyncio.timeout(CHECK_S), aclosing(listen(ctx, url, auth, tuple)) as heard:
            async for one in heard:
                if isinstance(one, Rejected):
                    raise RetryLater(one.detail, code=one.code)
                if isinstance(one, Notification):
                    one.answer()
                    return [bytes(eido) for eido in one.eidos]
    except TimeoutError:
        raise RetryLater(
            "The dispatch system did not answer the subscription.",
            code="feed_silent",
            remedy="Check the address: it must be that of the EIDO subscription.",
        ) from None
    raise RetryLater("The dispatch system ended the subscription.", code="subscription_lost")


def name_of(eido: msgspec.Raw) -> str | None:
    """The ``$id`` by which an incident is known; ``None`` for what is no EIDO."""
    try:
        return msgspec.json.decode(eido, type=Head).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


async def _frames(
    ctx: Context[Any], url: str, auth: Auth, said: Conversation
) -> AsyncGenerator[tuple[Message, Frame | Rejected], None]:
    call = Outgoing("GET", url, {}, b"")
    await auth.apply(call)
    messages = websocket.messages(
        ctx,
        url,
        subscribe=said.ask,
        renew=(TICK_S, said.renew),
        silent_s=SILENT_S,
        headers=call.headers,
        subprotocols=[SUBPROTOCOL],
        tls_context=await auth.tls(),
        max_size=MAX_SIZE,
    )
    try:
        async for message in messages:
            yield message, _read(message)
    except AskAPerson as error:
        if error.code == "vendor_refused" and await auth.renew(call, Answer(401, {}, b"", "")):
            raise RetryLater(
                "The credential was changed; it is tried again with the new one.",
                code="subscription_lost",
            ) from None
        raise


def _read(message: Message) -> Frame | Rejected:
    try:
        return msgspec.json.decode(message.data, type=Frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Rejected(message.data, "bad_message", f"No message of a subscription: {error}.")


def _notification(message: Message, event: Event, said: Conversation) -> Notification:
    if len(event.notification) > MAX_INCIDENTS:
        detail = f"The dispatch system sent {len(event.notification)} incidents at once."
        raise RetryLater(detail, code="bad_listing")
    one = said.single.get(event.subscription_id)
    return Notification(event.notification, one, partial(_answer, message, event))


async def _ask_after_missing(
    link: Link, said: Conversation, active: Collection[str], event: Event
) -> None:
    """What was active when we last heard of it and is not among the first: how did it end?"""
    for missing in sorted(set(active) - {name_of(raw) for raw in event.notification}):
        await said.ask_one(link, missing)


def _answer(message: Message, event: Event) -> None:
    answer = {"transactionId": event.transaction_id, "statusCode": 200, "statusText": "OK"}
    message.reply({"eventResponse": answer})


def _end(message: Message, ended: Terminate) -> None:
    answer = {
        "requestId": ended.request_id,
        "subscriptionId": ended.subscription_id,
        "statusCode": 200,
        "statusText": "OK",
    }
    message.reply({"terminateResponse": answer})
