"""What agency IT writes for one dispatch system. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct

from watchfloor_sdk.mapping import Bounds


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """``bounds`` (west, south, east, north in degrees) is where the agency's calls can be."""

    base_url: str
    bounds: Bounds | None = None
