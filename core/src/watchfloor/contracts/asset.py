"""Assets: what exists and where. Appears, changes, goes stale, is gone.

The normative form is ``schemas/asset.schema.json``. Geometry is GeoJSON (RFC 7946).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .event import Contract, Degrees, Identifier, Instant, Metres, ShortText, SourceName

AssetKind = Literal[
    "camera", "plate_reader", "gunshot_sensor", "drone", "vehicle", "unit", "registry_entry",
    "floor_plan",
]  # fmt: skip


class FieldOfView(Contract):
    """The wedge that a camera sees: centre from true north, full opening, reach in metres."""

    heading_deg: Degrees
    angle_deg: Annotated[float, Meta(gt=0, le=360)] = 90.0
    range_m: Metres | None = None


class AccessTerms(Contract):
    """On what terms the owner lets the agency use it.

    Levels are ours, from the facts in public registry programmes: ``listed`` (place only),
    ``request`` (may be asked for clips), ``conditional_live``, ``live``, ``live_and_recorded``.
    """

    level: Literal["listed", "request", "conditional_live", "live", "live_and_recorded"]
    conditions: ShortText | None = None
    expires: Instant | None = None
    withdrawn: Instant | None = None


class Asset(Contract):
    """One thing with a place. ``source`` and ``id`` together are its identity."""

    id: Identifier
    source: SourceName
    kind: AssetKind
    name: ShortText
    geometry: dict[str, Any] | None = None
    owner: ShortText | None = None
    field_of_view: FieldOfView | None = None
    access: AccessTerms | None = None
    address: ShortText | None = None
    streams: list[ShortText] = []
    status: Literal["online", "offline", "degraded", "unknown"] = "unknown"
    state: Literal["present", "stale", "gone"] = "present"
    observed: Instant | None = None
    attributes: dict[str, str | int | float | bool] = {}
