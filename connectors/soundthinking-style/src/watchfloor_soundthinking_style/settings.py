"""What agency IT sets for one gunshot push."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, kw_only=True, frozen=True):
    """``owner`` is whose recordings they are. ``audio_url`` is the host that recordings come from;
    without it none is fetched.
    """

    owner: Annotated[str, Meta(min_length=1, max_length=256)]
    audio_url: Annotated[str, Meta(pattern="^https?://", max_length=1024)] | None = None
