"""EIDOs as they are pushed over a WebSocket: NENA-STA-024.1a, subscribe and notify.

A subscription to all active incidents sends them at once and then each that changes. Every event
is answered once the hub has it for good. A socket that closes drops its subscriptions without a
word, and a server may drop one while the socket lives: so it is renewed every minute (an unknown
one is answered with 481), and a socket on which nothing comes is left.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor_sdk import AskAPerson, Context, Page, Rejected, RetryLater
from watchfloor_sdk.answer import Answer
from watchfloor_sdk.auth import Outgoing
from watchfloor_sdk.transports import websocket
from watchfloor_sdk.transports.websocket import Link, Message

from .client import MAX_INCIDENTS, proof
from .eido import MIME
from .known import Register
from .settings import Settings

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


async def listen(ctx: Context[Settings], register: Register) -> AsyncGenerator[Page, None]:
    """Pages of one connection. Ends when the server ends the subscription.

    Raises what ``websocket.messages`` raises, ``RetryLater`` (``subscription_lost``) and
    ``AskAPerson`` (``subscription_refused``).
    """
    said, complete = Conversation(), False
    async with aclosing(_frames(ctx, said)) as frames:
        async for message, frame in frames:
            if isinstance(frame, Rejected):
                yield register.page(rejected=[frame])
            elif frame.subscribe_response:
                if lost := said.granted(frame.subscribe_response):
                    yield register.gone(lost)
            elif frame.terminate:
                _end(message, frame.terminate)
                if frame.terminate.subscription_id == said.all:
                    return
            elif event := frame.event:
                one = said.single.get(event.subscription_id)
                pages = [_last(register, one, event)] if one else list(_changed(register, event))
                if not (one or complete):
                    await _ask_after_missing(message.link, said, register, event)
                    complete = True
                last = pages.pop() if pages else register.page()
                for page in pages:
                    yield page
                yield _answered(message, event, last, None if one else ctx.now())


async def incidents_now(ctx: Context[Settings]) -> list[bytes]:
    """All active incidents: the first notification. Raises as ``listen`` does."""
    said = Conversation()
    async with aclosing(_frames(ctx, said)) as frames:
        async for message, frame in frames:
            if isinstance(frame, Rejected):
                raise RetryLater(frame.detail, code=frame.code)
            if frame.subscribe_response:
                said.granted(frame.subscribe_response)
            if frame.event:
                _answer(message, frame.event)
                return [bytes(one) for one in frame.event.notification]
    raise RetryLater("The dispatch system ended the subscription.", code="subscription_lost")


async def _frames(
    ctx: Context[Settings], said: Conversation
) -> AsyncGenerator[tuple[Message, Frame | Rejected], None]:
    auth, call = proof(ctx), Outgoing("GET", ctx.settings.base_url, {}, b"")
    await auth.apply(call)
    messages = websocket.messages(
        ctx,
        ctx.settings.base_url,
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


def _changed(register: Register, event: Event) -> Iterator[Page]:
    if len(event.notification) > MAX_INCIDENTS:
        detail = f"The dispatch system sent {len(event.notification)} incidents at once."
        raise RetryLater(detail, code="bad_listing")
    for raw in event.notification:
        if name := _name(raw):
            yield register.changed(name, bytes(raw))
        else:
            bad = Rejected(bytes(raw), "bad_eido", "Not an EIDO: it has no id.")
            yield register.page(rejected=[bad])


def _last(register: Register, incident: str, event: Event) -> Page:
    """The last state of one that was no longer among the active ones."""
    if incident not in register.known or not event.notification:
        return register.page()
    return register.vanished(incident, bytes(event.notification[-1]))


async def _ask_after_missing(
    link: Link, said: Conversation, register: Register, event: Event
) -> None:
    """What was active when we last heard of it and is not among the first: how did it end?"""
    register.forget_ended(0)
    for missing in sorted(register.active - {_name(raw) for raw in event.notification}):
        await said.ask_one(link, missing)


def _name(raw: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(raw, type=Head).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _answered(message: Message, event: Event, last: Page, assured: datetime | None) -> Page:
    """The last page of an event, which is answered once that is durable, and with it all."""
    tell = partial(_answer, message, event)
    return replace(last, assured_until=assured, on_durable=tell)


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
