"""The dispatch system: EIDOs over a WebSocket, and over HTTP with the list of active incidents."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

import msgspec
from aiohttp import web

from watchfloor_city import CallChanged, Code, UnitStatusChanged
from watchfloor_eido_cad import Author, UnitState, to_eido
from watchfloor_eido_cad.eido import MIME, decode, encode
from watchfloor_eido_cad.mapping import ENDED, told
from watchfloor_eido_cad.writing import incident_id
from watchfloor_sdk.simulation import Setup
from watchfloor_sdk.simulation.websocket import Listener, WebSocketSimulator

from .calls import incident, unit
from .subscriptions import Subscriptions


@dataclass(slots=True)
class _Call:
    """A call with the units on it. ``forgotten``: it can no longer be fetched."""

    changed: CallChanged
    units: dict[str, UnitState] = field(default_factory=dict)
    listed: bool = True
    forgotten: bool = False
    fetched: bool = False

    @property
    def updated(self) -> datetime:
        """The latest change of the call or of a unit on it."""
        return max([self.changed.at, *(state.since for state in self.units.values())])


class EidoCadSimulator(WebSocketSimulator):
    """Keeps the state of every call; a closed one leaves the list and can still be fetched.

    It speaks both ways; ``way`` is the one that ``setup`` proposes. An EIDO holds the state now:
    states that were overtaken between two requests are never handed out. Units that are on no call
    are in no EIDO. ``keep``: the list is at most twice as long, and of the calls that were fetched
    all but the newest so many are gone altogether.
    """

    connector = "eido-cad"
    path = "/subscribe"
    subprotocols = ("emergency-ent1.0",)

    def __init__(
        self,
        agency: str = "police.example.org",
        way: Literal["snapshots", "subscription"] = "snapshots",
        keep: int | None = None,
    ) -> None:
        super().__init__()
        self._keep = keep
        self._author = Author(agency)
        self._way = way
        self._calls: dict[str, _Call] = {}
        self._token = secrets.token_urlsafe(24)
        self._watching: asyncio.Task[None] | None = None
        self.subscriptions = Subscriptions(self._state, self._active, self._available)

    @classmethod
    def rehearsing(cls) -> Self:
        """One in which calls do not pile up as in no city."""
        return cls(keep=200)

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

    def feed(self, happening: Any) -> None:
        """Calls, and units that are on one."""
        if isinstance(happening, CallChanged):
            known = self._calls.setdefault(self._id(happening.call_number), _Call(happening))
            known.changed = happening
            known.listed = happening.status not in ENDED
            self.subscriptions.changed(self._id(happening.call_number))
        elif isinstance(happening, UnitStatusChanged) and happening.call_number:
            call = self._calls.get(self._id(happening.call_number))
            if call is not None:
                call.units[happening.unit] = UnitState(unit(happening), happening.at)
                self.subscriptions.changed(self._id(happening.call_number))

    def unlist(self, call_number: str, *, forget: bool = False) -> None:
        """Take a call off the list although it has not ended; ``forget``: it is gone altogether."""
        call = self._calls[self._id(call_number)]
        call.listed, call.forgotten = False, forget

    def rehearse(self, number: int, at: datetime) -> CallChanged:
        """A call of its own."""
        return CallChanged(
            at=at, call_number=f"SIM-{number:05}", status="Active",
            type=Code("94", "DISCHARGING FIREARM"), initial_type=Code("94", "DISCHARGING FIREARM"),
            created=at, priority=2, point=(-90.03, 29.98), address=f"{number:03}XX Example Ave",
        )  # fmt: skip

    def rotate(self) -> dict[str, dict[str, str]]:
        """A new token; the one before is refused."""
        self._token = secrets.token_urlsafe(24)
        return {"token": {"token": self._token}}

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        address = f"ws{base_url.removeprefix('http')}{self.path}"
        chosen = base_url if self._way == "snapshots" else address
        return Setup(self.connector, {"base_url": chosen}, {"token": {"token": self._token}})

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The list (ours), the dereference and the subscription (the standard's)."""
        return [
            web.get("/Incidents", self._list),
            web.get("/EIDO/{id}", self._get),
            web.get(self.path, self._subscribe),
        ]

    async def heard(self, listener: Listener, message: Any) -> None:
        """A request or an answer of a subscriber."""
        self.subscriptions.heard(listener, message)

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        self._authorised(request)
        return await self._serve(request)

    async def _list(self, request: web.Request) -> web.Response:
        self._authorised(request)
        self._forget_old()
        active = [
            {"incidentId": name, "lastUpdateTimeStamp": call.updated.isoformat()}
            for name, call in self._calls.items()
            if call.listed
        ]
        most = None if self._keep is None else 2 * self._keep
        return web.json_response({"incidents": active[:most]})

    def _forget_old(self) -> None:
        if self._keep is not None:
            fetched = [call for call in self._calls.values() if call.fetched and call.listed]
            for call in fetched[: -self._keep]:
                call.listed, call.forgotten = False, True

    async def _get(self, request: web.Request) -> web.Response:
        self._authorised(request)
        call = self._calls.get(request.match_info["id"])
        if call is None or call.forgotten:
            return web.json_response({"error": "not found"}, status=404)
        call.fetched = True
        state = self._state(request.match_info["id"])
        return web.Response(body=msgspec.json.encode(state), content_type=MIME)

    def _state(self, name: str) -> Any:
        """The EIDO, which is handed out now."""
        call = self._calls[name]
        eido = to_eido(incident(call.changed), call.changed.at, self._author, call.units)
        body = encode(eido)
        state = json.loads(body)
        self.handed_out |= dict.fromkeys((each.id for each in told(decode(body))), state)
        return state

    def _active(self) -> list[Any]:
        return [self._state(name) for name, call in self._calls.items() if call.listed]

    def _available(self, name: str) -> bool:
        return name in self._calls and not self._calls[name].forgotten

    def _id(self, call_number: str) -> str:
        return incident_id(self._author, call_number)

    def _authorised(self, request: web.Request) -> None:
        expected = f"Bearer {self._token}"
        if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
            raise web.HTTPUnauthorized(text='{"error": "unauthorised"}')
