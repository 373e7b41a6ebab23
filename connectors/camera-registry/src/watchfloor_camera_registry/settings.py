"""What agency IT writes for one registry. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct

from watchfloor_sdk.mapping import Bounds


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """One registry: a file's ``path`` or a ``url``, and its mapping.

    ``bounds`` (west, south, east, north in degrees) is where the cameras can be.
    """

    mapping: str
    path: str | None = None
    url: str | None = None
    bounds: Bounds | None = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            raise ValueError("name either path or url")
