"""What agency IT sets for one Security Center."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Hours = Annotated[float, Meta(ge=0, le=8760)]


class Settings(Struct, kw_only=True, frozen=True):
    """``base_url`` is the Web SDK role's address with its base word. ``backfill_hours`` is how far
    back hits are fetched at the first start, ``late_hours`` how late a hit may come into the
    report. ``export_path`` is the folder of AutoVu's exported reads; without it none are read.
    """

    base_url: Annotated[str, Meta(pattern="^https?://", max_length=1024)]
    owner: Annotated[str, Meta(min_length=1, max_length=256)]
    backfill_hours: Hours = 24.0
    late_hours: Hours = 1.0
    export_path: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
