"""What agency IT sets for one plate-read interface."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, kw_only=True, frozen=True):
    """``owner`` is whose reads they are: it stands beside every picture."""

    base_url: Annotated[str, Meta(pattern="^https?://", max_length=1024)]
    owner: Annotated[str, Meta(min_length=1, max_length=256)]
