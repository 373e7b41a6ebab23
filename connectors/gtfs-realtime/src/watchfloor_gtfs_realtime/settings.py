"""What agency IT sets for one feed."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, kw_only=True, frozen=True):
    """``feed_url`` answers with VehiclePositions. ``fleet`` is shown beside each vehicle.

    ``units``: these are the agency's own vehicles and each label is a unit's name. A position is
    worth nothing after ``stale_after_s`` seconds. ``key_header`` is the header in which the feed's
    key goes, where the feed wants one.
    """

    feed_url: Annotated[str, Meta(pattern="^https?://", max_length=2048)]
    fleet: Annotated[str, Meta(min_length=1, max_length=256)]
    units: bool = False
    stale_after_s: Annotated[float, Meta(ge=30, le=86400)] = 300.0
    key_header: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=64)] | None = None
