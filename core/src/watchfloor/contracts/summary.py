"""An event in one line, for lists, feed, map and search: the same shape everywhere."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .event import Handling, Point
from .kinds import BY_TYPE, Near, headline_of, nowhere
from .moments import rfc3339


class Summary(Struct, kw_only=True):
    """What a row, a marker and a screen reader need to say about an event."""

    seq: int
    id: str
    source: str
    kind: str
    subject: str | None
    time: str
    recorded: str
    headline: str
    status: str | None
    priority: int | None
    call: str | None
    """The call for service that it belongs to, where it says so."""
    point: Point | None
    error_m: float | None
    heading_deg: float | None
    speed_mps: float | None
    handling: Handling
    synthetic: bool


_STATUS = ("status", "state", "verification")


def summarise(
    *,
    seq: int,
    source: str,
    recorded: int,
    time: int,
    event: dict[str, Any],
    synthetic: bool,
    near: Near = nowhere,
) -> Summary:
    """One line for ``event`` (an envelope as decoded JSON) as recorded at ``seq``. ``near`` names
    the place of one that has no address."""
    kind = BY_TYPE[event["type"]]
    data: dict[str, Any] = event["data"]
    place = data.get("place") or {}
    return Summary(
        seq=seq,
        id=event["id"],
        source=source,
        kind=kind.name,
        subject=event.get("subject"),
        time=rfc3339(time),
        recorded=rfc3339(recorded),
        headline=headline_of(kind, data, near),
        status=next((data[name] for name in _STATUS if name in data), None),
        priority=data.get("priority"),
        call=data.get("call_number"),
        point=place.get("point"),
        error_m=place.get("error_m"),
        heading_deg=data.get("course_deg", data.get("heading_deg")),
        speed_mps=data.get("speed_mps"),
        handling=event["dataclassification"],
        synthetic=synthetic,
    )
