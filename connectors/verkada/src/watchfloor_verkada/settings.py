"""What agency IT sets for one Verkada organisation."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Url = Annotated[str, Meta(pattern="^https?://", max_length=1024)]


class Settings(Struct, kw_only=True, frozen=True):
    """``base_url`` is the organisation's home region. ``pictures_url`` is the host that pictures
    come from, as seen in ``image_url``; without it no picture is fetched. ``backfill_hours`` is
    how far back missed reads are fetched. ``lpr_cameras`` are the cameras in plate-reading mode;
    when empty, every camera is asked.
    """

    base_url: Url
    owner: Annotated[str, Meta(min_length=1, max_length=256)]
    pictures_url: Url | None = None
    backfill_hours: Annotated[float, Meta(ge=0, le=720)] = 24.0
    lpr_cameras: list[Annotated[str, Meta(min_length=1, max_length=128)]] = []
