"""What is in a backup, written as its last part: enough to tell that all of it came back."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from .sealing import damaged

NAME = "MANIFEST.json"


class Part(Struct, frozen=True):
    """One file, by its path below the data directory."""

    path: str
    size: int
    sha256: str


class Counts(Struct, frozen=True):
    """Of the database. ``head`` is the position of the event that was recorded last."""

    schema: str
    head: int
    events: int
    dead_letters: int
    alerts: int


class InstalledVersion(Struct, frozen=True):
    """A connector that was in use. Its files are not in the backup: they are installed anew."""

    connector: str
    version: str


class Manifest(Struct, kw_only=True):
    """``made`` is RFC 3339. ``counts``: where there was a database."""

    made: str
    hub: str
    counts: Counts | None
    connectors: list[InstalledVersion]
    parts: list[Part]

    def encode(self) -> bytes:
        """As it stands in the backup."""
        return msgspec.json.format(msgspec.json.encode(self))


def decode(text: bytes) -> Manifest:
    """Raises ``AskAPerson`` (``backup_damaged``)."""
    try:
        return msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError:
        raise damaged("its list of parts cannot be read") from None
