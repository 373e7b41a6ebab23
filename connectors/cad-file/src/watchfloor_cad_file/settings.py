"""What agency IT writes for one export. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct

from watchfloor_sdk.exports import Where
from watchfloor_sdk.mapping import Bounds


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """One export and its mapping: a ``path`` (a file, or a folder of them), a ``url``, a folder on
    an ``sftp`` server that is known by ``host_key``, or a ``table`` of a database ``replica``, read
    in the order of ``key``.

    ``bounds`` (west, south, east, north in degrees) is where the agency's calls can be.
    ``stalled_after_s``: an export not written for longer than that is reported as stalled.
    """

    mapping: str
    path: str | None = None
    url: str | None = None
    sftp: str | None = None
    host_key: str | None = None
    replica: str | None = None
    table: str | None = None
    key: list[str] = []
    pattern: str = "*.csv"
    bounds: Bounds | None = None
    stalled_after_s: float | None = None

    def __post_init__(self) -> None:
        if [self.path, self.url, self.sftp, self.replica].count(None) != 3:
            raise ValueError("name one of path, url, sftp and replica")
        if self.sftp and not self.host_key:
            raise ValueError("sftp goes with host_key")
        if self.replica and not (self.table and self.key):
            raise ValueError("replica goes with table and key")

    def where(self) -> Where:
        """Where the exports are, unless they are a replica's rows."""
        return Where(self.path, self.url, self.sftp, self.host_key, self.pattern)
