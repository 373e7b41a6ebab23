"""The dispatch system over HTTP: the list of active incidents, and each one's EIDO."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from watchfloor_city import CallChanged, Code, UnitStatusChanged
from watchfloor_eido_cad import Author, UnitState, to_eido
from watchfloor_eido_cad.eido import MIME, decode, encode
from watchfloor_eido_cad.mapping import ENDED, told
from watchfloor_eido_cad.writing import incident_id
from watchfloor_sdk.simulation import Setup
from watchfloor_sdk.testing import HttpSimulator

from .calls import incident, unit


@dataclass(slots=True)
class _Call:
    """A call with the units on it. ``forgotten``: it can no longer be fetched."""

    changed: CallChanged
    units: dict[str, UnitState] = field(default_factory=dict)
    listed: bool = True
    forgotten: bool = False

    @property
    def updated(self) -> datetime:
        """The latest change of the call or of a unit on it."""
        return max([self.changed.at, *(state.since for state in self.units.values())])


class EidoCadSimulator(HttpSimulator):
    """Keeps the state of every call; a closed one leaves the list and can still be fetched.

    An EIDO holds the state now: states that were overtaken between two requests are never handed
    out. Units that are on no call are in no EIDO.
    """

    connector = "eido-cad"

    def __init__(self, agency: str = "police.example.org") -> None:
        super().__init__()
        self._author = Author(agency)
        self._calls: dict[str, _Call] = {}
        self._token = secrets.token_urlsafe(24)

    def feed(self, happening: Any) -> None:
        """Calls, and units that are on one."""
        if isinstance(happening, CallChanged):
            known = self._calls.setdefault(self._id(happening.call_number), _Call(happening))
            known.changed = happening
            known.listed = happening.status not in ENDED
        elif isinstance(happening, UnitStatusChanged) and happening.call_number:
            call = self._calls.get(self._id(happening.call_number))
            if call is not None:
                call.units[happening.unit] = UnitState(unit(happening), happening.at)

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

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        return Setup(self.connector, {"base_url": base_url}, {"token": {"token": self._token}})

    def routes(self) -> Iterable[web.RouteDef]:
        """The list (ours) and the dereference (the standard's)."""
        return [web.get("/Incidents", self._list), web.get("/EIDO/{id}", self._get)]

    async def _list(self, request: web.Request) -> web.Response:
        self._authorised(request)
        active = [
            {"incidentId": name, "lastUpdateTimeStamp": call.updated.isoformat()}
            for name, call in self._calls.items()
            if call.listed
        ]
        return web.json_response({"incidents": active})

    async def _get(self, request: web.Request) -> web.Response:
        self._authorised(request)
        call = self._calls.get(request.match_info["id"])
        if call is None or call.forgotten:
            return web.json_response({"error": "not found"}, status=404)
        eido = to_eido(incident(call.changed), call.changed.at, self._author, call.units)
        body = encode(eido)
        for each in told(decode(body)):
            self.handed_out[each.id] = json.loads(body)
        return web.Response(body=body, content_type=MIME)

    def _id(self, call_number: str) -> str:
        return incident_id(self._author, call_number)

    def _authorised(self, request: web.Request) -> None:
        expected = f"Bearer {self._token}"
        if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
            raise web.HTTPUnauthorized(text='{"error": "unauthorised"}')
