"""Hits and entities to ours. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from watchfloor_sdk import Asset, Context, Event, GiveUp, PlateHit, mapping

from .settings import Settings
from .wire import Entity, Hit

Ctx: TypeAlias = Context[Settings]

UTC = ZoneInfo("UTC")
KINDS: Mapping[str, Literal["camera", "plate_reader", "vehicle"]] = {
    "Camera": "camera",
    "LprUnit": "plate_reader",
    "Patroller": "vehicle",
}
"""Entity types that are listed, and what they are here."""
_PARKING = frozenset({"permit", "overtime"})
"""Hits of parking rules: no hot list has the plate."""
_NOBODY = "00000000-0000-0000-0000-000000000000"
_STATES = frozenset({
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN",
    "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH",
    "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT",
    "VT", "VA", "WA", "WV", "WI", "WY", "PR",
})  # fmt: skip


def to_row(row: Any) -> Hit:
    """A row of the report. Raises ``GiveUp`` with the failing field, never its value."""
    try:
        return msgspec.convert(row, Hit)
    except msgspec.ValidationError as wrong:
        raise GiveUp(f"Not as the report is documented: {wrong}", code="unexpected_shape") from None


def to_hit(ctx: Ctx, hit: Hit, rules: Mapping[str, str]) -> Event | None:
    """A hot-list hit; ``None`` for one of a parking rule. ``rules`` has names of rules by id.

    Raises ``GiveUp``.
    """
    if str(hit.hit_type).lower() in _PARKING:
        return None
    reader = next(filter(_said, (hit.read1_unit_id, hit.read1_patroller_id)), None)
    if reader is None:
        raise GiveUp("The hit says neither unit nor patrol car.", code="no_reader")
    return ctx.event(
        PlateHit(
            plate=hit.read1_plate,
            reader=reader,
            hot_list=rules.get(hit.lpr_rule_id) or hit.lpr_rule_id,
            region=to_region(hit.read1_plate_state),
        ),
        id=f"hit:{hit.hit_id}",
        time=mapping.moment(hit.timestamp_utc, local=UTC).time,
    )


def to_asset(ctx: Ctx, entity: Entity, kind: str, observed: datetime) -> Asset:
    """One entity. Where it stands is not among the properties that are documented."""
    return Asset(
        id=entity.guid,
        source=ctx.source,
        kind=KINDS[kind],
        name=entity.name or entity.guid,
        owner=ctx.settings.owner,
        observed=observed,
        attributes={"type": kind},
    )


def to_region(state: str | None) -> str | None:
    """``KS`` is ``US-KS``; what is no state's code is left out (Security Center takes any word)."""
    code = (state or "").strip().upper()
    return f"US-{code}" if code in _STATES else None


def _said(value: str | None) -> bool:
    return bool(value) and value != _NOBODY
