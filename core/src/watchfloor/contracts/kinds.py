"""The kinds of event this hub knows, and what each is filed under.

A kind ties together the word people type (``kind:read``), the CloudEvents ``type``, the class of
its ``data``, the identity keys it is found by, the text that is searched, and its headline. Adding
a kind is adding a row here and a schema beside it; nothing else in the hub names kinds one by one.

Functions take ``data`` as decoded JSON (a dict): the hot path makes no object per event.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from . import event as e
from .event import Point
from .normal import normal_address, normal_phone, normal_plate

Data = dict[str, Any]
Key = tuple[str, str]
"""(what it is, its normalised value): ``("plate", "ZZT1234")``."""

KEY_KINDS = (
    "plate", "asset", "unit", "call", "address", "phone", "incident", "event", "report",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event. ``name`` is the word in search, API and console."""

    name: str
    type: str
    data: builtins.type[Struct]
    keys: Callable[[Data], Iterator[Key]]
    headline: Callable[[Data], str]
    text: Callable[[Data], str] | None = None
    placed: bool = False
    """Whether its headline ends with where it happened."""
    personal: bool = False
    """Whether it must not be streamed one by one (reads that hit nothing are only counted)."""
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each kind of key that it is filed under, and of its ``text``, the fields that hold it."""
    pictured: tuple[str, ...] = ()
    """Fields that its pictures show."""
    expires_after_s: float | None = None
    """After this a new one of the same subject makes it worthless (positions)."""
    aliases: tuple[str, ...] = field(default=())


Near = Callable[[Point], str | None]
"""Where a point is, in words that follow a headline (``near Main St & 5th Ave``); ``None`` where
nothing near it is known by name."""


def nowhere(point: Point) -> None:
    """Knows no place by name."""


def headline_of(kind: Kind, data: Data, near: Near) -> str:
    """An event's headline. Where the source gave a point without an address, it says what is near:
    coordinates help nobody who has to go there. Where policy leaves out what it would say, the
    kind is all."""
    place = _place(data)
    point = place.get("point")
    known = near((point[0], point[1])) if kind.placed and point and not place.get("address") else ""
    try:
        said = kind.headline(data)
    except KeyError:
        said = kind.name.capitalize()
    return said + (f" {known}" if known else "")


def where_of(data: Data, near: Near) -> str:
    """Where something happened, in words that follow others; empty where nobody can say."""
    point = _place(data).get("point")
    return _at(data).strip() or (near((point[0], point[1])) if point else None) or ""


def _place(data: Data) -> Data:
    return data.get("place") or {}


def _key(what: str, value: str | None) -> Iterator[Key]:
    """The key, unless nothing is left of the value to find it by (``---``, ``unknown``)."""
    if value:
        yield what, value


def _address_key(data: Data) -> Iterator[Key]:
    return _key("address", normal_address(_place(data).get("address") or ""))


def _at(data: Data) -> str:
    address = _place(data).get("address")
    return f" at {address}" if address else ""


def _words(coded: Data | None) -> str:
    coded = coded or {}
    return str(coded.get("text") or coded.get("common") or coded.get("code") or "Unknown")


def _call_keys(data: Data) -> Iterator[Key]:
    yield "call", data["call_number"]
    yield from _address_key(data)
    for unit in data.get("units", ()):
        yield "unit", unit
    for plate in data.get("plates", ()):
        yield from _key("plate", normal_plate(plate))
    yield from _key("phone", normal_phone(data.get("callback") or ""))


def _call_text(data: Data) -> str:
    parts = [
        data["call_number"],
        *(data.get("incident_type") or {}).values(),
        *(data.get("initial_type") or {}).values(),
        *(data.get("disposition") or {}).values(),
        _place(data).get("address"),
        data.get("centre_outcome"),
        *(note["text"] for note in data.get("notes", ())),
    ]
    return " ".join(str(part) for part in parts if part)


def _unit_keys(data: Data) -> Iterator[Key]:
    yield "unit", data["unit"]
    yield from _key("call", data.get("call_number"))


def _plate_keys(data: Data) -> Iterator[Key]:
    yield "plate", data["plate"]
    yield "asset", data["reader"]


def _gunshot_keys(data: Data) -> Iterator[Key]:
    yield "incident", data["incident"]
    yield from _address_key(data)


def _gunshot_headline(data: Data) -> str:
    rounds = data.get("rounds")
    shots = f", {rounds:.0f} round{'s' if rounds != 1 else ''}" if rounds else ""
    state = {"cancelled": "Cancelled: ", "updated": "Reviewed: "}.get(data["state"], "")
    return f"{state}{data['classification'].capitalize()}{shots}{_at(data)}"


def _emergency_keys(data: Data) -> Iterator[Key]:
    yield "incident", data["call"]
    yield from _key("call", data.get("call_number"))
    yield from _address_key(data)


def _emergency_headline(data: Data) -> str:
    words = {"ringing": "911 call", "answered": "911 call answered", "ended": "911 call ended"}
    return words.get(data["state"], "911 call abandoned") + _at(data)


def _report_keys(data: Data) -> Iterator[Key]:
    yield "report", data["report_number"]
    yield from _key("call", data.get("call_number"))
    yield from _address_key(data)


def _report_text(data: Data) -> str:
    coded = (data["offence"], *data.get("charges", ()))
    parts = [data["report_number"], *(word for one in coded for word in one.values())]
    return " ".join(str(part) for part in (*parts, _place(data).get("address")) if part)


def _alarm_keys(data: Data) -> Iterator[Key]:
    yield "incident", data["alarm"]
    yield from _key("asset", data.get("device"))
    yield from _address_key(data)


def _alarm_headline(data: Data) -> str:
    state = "" if data["state"] == "raised" else f"{data['state'].capitalize()}: "
    return f"{state}{data['classification'].capitalize()}{_at(data)}"


def _vehicle_keys(data: Data) -> Iterator[Key]:
    yield "asset", data["vehicle"]
    yield from _key("unit", data.get("unit"))


_ADDRESS, _CALL_NUMBER = ("data.place.address",), ("data.call_number",)
_READ = {"plate": ("data.plate",), "asset": ("data.reader",)}
_ON_THE_PLATE = ("data.plate", "data.plate_as_read", "data.region", "data.vehicle")

KINDS: tuple[Kind, ...] = (
    Kind(
        "call", "watchfloor.cad.incident.v1", e.CadIncident, _call_keys,
        lambda d: f"{_words(d.get('incident_type')).capitalize()}{_at(d)}",
        text=_call_text, placed=True, aliases=("cfs", "incident"),
        made_of={
            "call": _CALL_NUMBER, "address": _ADDRESS, "unit": ("data.units",),
            "plate": ("data.plates",), "phone": ("data.callback",),
            "text": (
                *_CALL_NUMBER, "data.incident_type", "data.initial_type", "data.disposition",
                *_ADDRESS, "data.centre_outcome", "data.notes.text",
            ),
        },
    ),
    Kind(
        "unit", "watchfloor.cad.unit-status.v1", e.UnitStatus, _unit_keys,
        lambda d: f"{d['unit']}: {d['status']}"
        + (f" on {d['call_number']}" if d.get("call_number") else ""),
        made_of={"unit": ("data.unit",), "call": _CALL_NUMBER},
    ),
    Kind(
        "read", "watchfloor.lpr.read.v1", e.PlateRead, _plate_keys,
        lambda d: f"{d['plate']} read by {d['reader']}", personal=True, aliases=("plate", "lpr"),
        made_of=_READ, pictured=_ON_THE_PLATE,
    ),
    Kind(
        "hit", "watchfloor.lpr.hit.v1", e.PlateHit, _plate_keys,
        lambda d: f"{d['plate']} on {d['hot_list']} ({d.get('verification', 'unverified')})",
        made_of=_READ, pictured=_ON_THE_PLATE,
    ),
    Kind(
        "gunshot", "watchfloor.gunshot.detection.v1", e.Gunshot, _gunshot_keys,
        _gunshot_headline, placed=True, aliases=("shot", "shots"),
        made_of={"incident": ("data.incident",), "address": _ADDRESS},
    ),
    Kind(
        "911", "watchfloor.e911.call.v1", e.EmergencyCall, _emergency_keys,
        _emergency_headline, placed=True, aliases=("e911", "emergency"),
        made_of={"incident": ("data.call",), "call": _CALL_NUMBER, "address": _ADDRESS},
    ),
    Kind(
        "report", "watchfloor.rms.report.v1", e.IncidentReport, _report_keys,
        lambda d: f"{_words(d['offence']).capitalize()}{_at(d)} (report {d['report_number']})",
        text=_report_text, aliases=("rms",),
        made_of={
            "report": ("data.report_number",), "call": _CALL_NUMBER, "address": _ADDRESS,
            "text": ("data.report_number", "data.offence", "data.charges", *_ADDRESS),
        },
    ),
    Kind(
        "alarm", "watchfloor.security.alarm.v1", e.Alarm, _alarm_keys, _alarm_headline,
        placed=True,
        made_of={
            "incident": ("data.alarm",), "asset": ("data.device",), "address": _ADDRESS,
        },
    ),
    Kind(
        "detection", "watchfloor.video.detection.v1", e.Detection,
        lambda d: iter([("asset", d["device"])]),
        lambda d: f"{d['detected'].capitalize()} seen by {d['device']}",
        aliases=("motion",), made_of={"asset": ("data.device",)},
    ),
    Kind(
        "camera", "watchfloor.camera.status.v1", e.CameraStatus,
        lambda d: iter([("asset", d["camera"])]),
        lambda d: f"Camera {d['camera']} is {d['status']}",
        made_of={"asset": ("data.camera",)},
    ),
    Kind(
        "vehicle", "watchfloor.vehicle.position.v1", e.VehiclePosition, _vehicle_keys,
        lambda d: f"{d.get('unit') or d.get('label') or d['vehicle']} moved{_at(d)}",
        expires_after_s=900.0, aliases=("position", "avl"),
        made_of={"asset": ("data.vehicle",), "unit": ("data.unit",)},
    ),
    Kind(
        "correction", "watchfloor.event.correction.v1", e.Correction,
        lambda d: iter([("event", d["corrects"])]),
        lambda d: f"Corrected: {d['reason']}",
        made_of={"event": ("data.corrects",)},
    ),
    Kind(
        "retraction", "watchfloor.event.retraction.v1", e.Retraction,
        lambda d: iter([("event", d["retracts"])]),
        lambda d: f"Withdrawn: {d['reason']}",
        made_of={"event": ("data.retracts",)},
    ),
)  # fmt: skip

BY_TYPE: dict[str, Kind] = {kind.type: kind for kind in KINDS}
BY_NAME: dict[str, Kind] = {name: kind for kind in KINDS for name in (kind.name, *kind.aliases)}
BY_DATA: dict[type[Struct], Kind] = {kind.data: kind for kind in KINDS}
