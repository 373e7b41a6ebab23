"""The server's half of NENA-STA-024.1a: who has subscribed to what, and who does not answer.

Base of simulators that speak it, with what such servers do: heartbeats, subscriptions that run out
or are dropped without a word, and the last state of incidents that have ended.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .simulator import Setup
from .websocket import Listener, WebSocketSimulator

__all__ = ["EidoSimulator", "Subscriptions"]

LEAST_S, MOST_S = 15.0, 3600.0
"""What a subscription may live, in seconds (the least: reported of the open library)."""
UNANSWERED = 3
"""Events without an answer after which a subscription ends (reported of the open library)."""
PATIENCE_S = 5.0
"""How long an answer may take until its event counts as unanswered. Ours."""


@dataclass(slots=True)
class Subscription:
    """One of them. ``incident`` is ``None`` for all that are active."""

    listener: Listener
    incident: str | None
    id: str = field(default_factory=lambda: f"s-{secrets.token_hex(8)}")
    until: float = 0.0
    silence_s: float = MOST_S
    unanswered: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=lambda: _now())

    def notify(self, eidos: list[Any]) -> None:
        """One event."""
        transaction = str(uuid.uuid4())
        self.unanswered[transaction] = self.last = _now()
        self.listener.send(
            {
                "event": {
                    "subscriptionId": self.id,
                    "transactionId": transaction,
                    "notification": eidos,
                }
            }
        )

    @property
    def ignored(self) -> bool:
        """Whether nobody answers its events."""
        long_ago = _now() - PATIENCE_S
        return sum(sent < long_ago for sent in self.unanswered.values()) >= UNANSWERED


class EidoSimulator(WebSocketSimulator):
    """A system that tells of incidents: ``subscriptions`` has its subscribers.

    A subclass says how an incident stands (``state``), which are ``active`` and which can be had
    (``available``), and tells ``subscriptions`` what ``changed``. The token is ours: the standard
    has certificates.
    """

    path = "/subscribe"
    subprotocols = ("emergency-ent1.0",)

    def __init__(self) -> None:
        super().__init__()
        self.token = secrets.token_urlsafe(24)
        self.subscriptions = Subscriptions(self.state, self.active, self.available)
        self._watching: asyncio.Task[None] | None = None

    @abstractmethod
    def state(self, incident: str) -> Any:
        """The EIDO of an incident, which is handed out now."""

    @abstractmethod
    def active(self) -> list[Any]:
        """The EIDOs of all that are active, which are handed out now."""

    @abstractmethod
    def available(self, incident: str) -> bool:
        """Whether an incident can be subscribed to."""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen."""
        setup = await super().start(host, port)
        self._watching = asyncio.create_task(self.subscriptions.watch())
        return setup

    async def stop(self) -> None:
        """Close the listener and end the subscriptions."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await super().stop()

    def address(self, base_url: str) -> str:
        """Where it takes subscriptions."""
        return f"ws{base_url.removeprefix('http')}{self.path}"

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The subscription."""
        return [web.get(self.path, self._subscribe)]

    async def heard(self, listener: Listener, message: Any) -> None:
        """A request or an answer of a subscriber."""
        self.subscriptions.heard(listener, message)

    @property
    def credentials(self) -> Mapping[str, Mapping[str, str]]:
        """What a subscriber shows."""
        return {"token": {"token": self.token}}

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """A new token; the one before is refused, and connections that were made with it end."""
        self.token = secrets.token_urlsafe(24)
        for listener in self.listeners:
            listener.cut()
        return self.credentials

    def authorised(self, request: web.Request) -> None:
        """Raises ``HTTPUnauthorized`` for another token."""
        expected = f"Bearer {self.token}"
        if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
            raise web.HTTPUnauthorized(text='{"error": "unauthorised"}')

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        self.authorised(request)
        return await self._serve(request)


class Subscriptions:
    """All of a server. ``state`` answers an incident's EIDO, ``active`` those of all that are
    active; ``available`` whether an incident can be subscribed to."""

    def __init__(
        self,
        state: Callable[[str], Any],
        active: Callable[[], list[Any]],
        available: Callable[[str], bool],
    ) -> None:
        self._state = state
        self._active = active
        self._available = available
        self._all: dict[str, Subscription] = {}
        self.answered = 0

    def heard(self, listener: Listener, message: dict[str, Any]) -> None:
        """A request or an answer."""
        if asked := message.get("subscribe"):
            self._renew(listener, asked) if "subscriptionId" in asked else self._new(
                listener, asked
            )
        elif asked := message.get("unsubscribe"):
            gone = self._all.pop(asked["subscriptionId"], None)
            _respond(listener, "unsubscribeResponse", asked, 200 if gone else 481)
        elif answer := message.get("eventResponse"):
            for one in self._all.values():
                self.answered += one.unanswered.pop(answer["transactionId"], None) is not None

    def changed(self, incident: str) -> None:
        """Tell all who have subscribed to it."""
        for one in [*self._all.values()]:
            if one.incident in (None, incident):
                one.notify([self._state(incident)])

    def drop(self) -> None:
        """Forget all subscriptions without a word; the sockets stay open."""
        self._all.clear()

    def terminate(self) -> None:
        """End all subscriptions, and say so."""
        for one in self._all.values():
            ended = {"requestId": secrets.token_hex(4), "subscriptionId": one.id}
            one.listener.send({"terminate": ended})
        self._all.clear()

    async def watch(self) -> None:
        """For ever: heartbeats (``minRate``), subscriptions that run out or that nobody answers."""
        while True:
            await asyncio.sleep(0.05)
            for one in [*self._all.values()]:
                if one.until < _now() or one.ignored or one.listener.request.transport is None:
                    del self._all[one.id]
                    await self._close_idle(one.listener)
                elif _now() - one.last >= one.silence_s:
                    one.notify([])

    async def _close_idle(self, listener: Listener) -> None:
        """With its last subscription a socket ends."""
        if not any(one.listener is listener for one in self._all.values()):
            await listener.close()

    def _new(self, listener: Listener, asked: dict[str, Any]) -> None:
        incident = asked.get("incidentId")
        if asked.get("requestType") != "EIDO" or asked.get("requestSubType") not in _SUB_TYPES:
            _respond(listener, "subscribeResponse", asked, 400)
        elif asked["requestSubType"] == "single" and not self._available(incident or ""):
            _respond(listener, "subscribeResponse", asked, 404)
        else:
            self._begin(listener, asked, incident)

    def _begin(self, listener: Listener, asked: dict[str, Any], incident: str | None) -> None:
        one = Subscription(listener, incident, silence_s=asked.get("minRate", MOST_S))
        self._all[one.id] = one
        self._grant(one, asked)
        one.notify(self._active() if incident is None else [self._state(incident)])

    def _renew(self, listener: Listener, asked: dict[str, Any]) -> None:
        one = self._all.get(asked["subscriptionId"])
        if one is None:
            _respond(listener, "subscribeResponse", asked, 481)
        else:
            self._grant(one, asked)

    def _grant(self, one: Subscription, asked: dict[str, Any]) -> None:
        lives_s = min(max(asked.get("expires", MOST_S), LEAST_S), MOST_S)
        one.until = _now() + lives_s
        granted = {"subscriptionId": one.id, "expires": lives_s, "minRate": one.silence_s}
        _respond(one.listener, "subscribeResponse", asked, 200, **granted)


_SUB_TYPES = ("single", "new")
_TEXTS = {200: "OK", 400: "Bad request", 404: "Not found", 481: "Subscription does not exist"}


def _respond(
    listener: Listener, name: str, asked: dict[str, Any], status: int, **more: Any
) -> None:
    answer = {"requestId": asked.get("requestId"), "statusCode": status}
    listener.send({name: {**answer, "statusText": _TEXTS[status], **more}})


def _now() -> float:
    return asyncio.get_running_loop().time()
