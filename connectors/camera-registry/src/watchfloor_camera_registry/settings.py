"""What agency IT writes for one registry. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct

from watchfloor_sdk.mapping import Bounds


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """One registry: a file's ``path``, a ``url``, or the base address of a registration ``desk``;
    and its mapping.

    ``bounds`` (west, south, east, north in degrees) is where the cameras can be.
    """

    mapping: str = "registry-geojson"
    path: str | None = None
    url: str | None = None
    desk: str | None = None
    bounds: Bounds | None = None

    def __post_init__(self) -> None:
        if [self.path, self.url, self.desk].count(None) != 2:
            raise ValueError("name one of path, url and desk")
