"""The dispatch system: EIDOs over a WebSocket, and over HTTP with the list of active incidents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

import msgspec
from aiohttp import web

from watchfloor_city import CallChanged, Code, UnitStatusChanged
from watchfloor_eido_cad import UnitState, to_eido
from watchfloor_eido_cad.mapping import ENDED, told
from watchfloor_sdk.eido import MIME, Author, decode, encode, tracking_id
from watchfloor_sdk.simulation import Setup
from watchfloor_sdk.simulation.eido import EidoSimulator

from .calls import as_incident, as_unit


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


class EidoCadSimulator(EidoSimulator):
    """Keeps the state of every call; a closed one leaves the list and can still be fetched.

    It speaks both ways; ``way`` is the one that ``setup`` proposes. An EIDO holds the state now:
    states that were overtaken between two requests are never handed out. Units that are on no call
    are in no EIDO. ``keep``: the list is at most twice as long, and of the calls that were fetched
    all but the newest so many are gone altogether.
    """

    connector = "eido-cad"

    def __init__(
        self,
        agency: str = "police.example.org",
        way: Literal["snapshots", "subscription"] = "snapshots",
        keep: int | None = None,
    ) -> None:
        super().__init__()
        self._keep = keep
        self._agency = agency
        self._way = way
        self._calls: dict[str, _Call] = {}

    @classmethod
    def rehearsing(cls) -> Self:
        """One in which calls do not pile up as in no city."""
        return cls(keep=200)

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
                call.units[happening.unit] = UnitState(as_unit(happening), happening.at)
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

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        chosen = base_url if self._way == "snapshots" else self.address(base_url)
        return Setup(self.connector, {"base_url": chosen}, self.credentials)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The list (ours), the dereference and the subscription (the standard's)."""
        return [
            web.get("/Incidents", self._list),
            web.get("/EIDO/{id}", self._get),
            *super().routes(),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        self.authorised(request)
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
        self.authorised(request)
        call = self._calls.get(request.match_info["id"])
        if call is None or call.forgotten:
            return web.json_response({"error": "not found"}, status=404)
        call.fetched = True
        state = self.state(request.match_info["id"])
        return web.Response(body=msgspec.json.encode(state), content_type=MIME)

    def state(self, incident: str) -> Any:
        """The EIDO of an incident, which is handed out now."""
        call = self._calls[incident]
        author = Author(self._agency, "dispatch", call.changed.at)
        body = encode(to_eido(as_incident(call.changed), author, call.units))
        state = json.loads(body)
        self.handed_out |= dict.fromkeys((each.id for each in told(decode(body))), state)
        return state

    def active(self) -> list[Any]:
        """The EIDOs of all on the list."""
        return [self.state(name) for name, call in self._calls.items() if call.listed]

    def available(self, incident: str) -> bool:
        """Whether it can still be fetched."""
        return incident in self._calls and not self._calls[incident].forgotten

    def _id(self, call_number: str) -> str:
        return tracking_id(call_number, self._agency)
