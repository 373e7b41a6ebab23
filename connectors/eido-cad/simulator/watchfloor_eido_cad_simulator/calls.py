"""Calls and units of the city in the words of the contract, from which EIDOs are written."""

from __future__ import annotations

from typing import Literal

from watchfloor_city import CallChanged, Code, Point, UnitStatusChanged
from watchfloor_sdk import CadIncident, Coded, Note, Place, UnitStatus


def as_incident(call: CallChanged) -> CadIncident:
    """A call as the dispatch system knows it. EIDO's registry has no counterpart for its types."""
    return CadIncident(
        call_number=call.call_number,
        status=call.status,
        incident_type=_coded(call.type),
        priority=call.priority,
        priority_text=call.priority_text,
        place=_place(call.point, call.point_error_m, call.address),
        beat=call.beat,
        created=call.created,
        closed=call.closed,
        disposition=_coded(call.disposition) if call.disposition else None,
        self_initiated=call.self_initiated,
        units=list(call.units),
        notes=[Note(text=note.text, time=note.at) for note in call.notes],
        callback=call.callback,
        plates=list(call.plates),
    )


def as_unit(changed: UnitStatusChanged) -> UnitStatus:
    """What a unit does."""
    primary: Literal["Available", "NotAvailable"] = "NotAvailable"
    if changed.status in ("InService", "Cleared"):
        primary = "Available"
    return UnitStatus(
        unit=changed.unit,
        status=changed.status,
        primary=primary,
        call_number=changed.call_number,
        place=_place(changed.point, None, None),
    )


def _coded(code: Code) -> Coded:
    return Coded(code=code.code, text=code.text)


def _place(point: Point | None, error_m: float | None, address: str | None) -> Place | None:
    if point is None and address is None:
        return None
    return Place(point=point, error_m=error_m if point else None, address=address)
