"""What agency IT writes for one export. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct

from watchfloor_sdk.mapping import Bounds


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """One export: a ``path`` (a file, or a folder of them) or a ``url``, and its mapping.

    ``bounds`` (west, south, east, north in degrees) is where the agency's calls can be.
    ``stalled_after_s``: an export not written for longer than that is reported as stalled.
    """

    mapping: str
    path: str | None = None
    url: str | None = None
    pattern: str = "*.csv"
    bounds: Bounds | None = None
    stalled_after_s: float | None = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            raise ValueError("name either path or url")
