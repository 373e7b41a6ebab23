"""Which backups were taken here, and which of them were proven by reading them back."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct


class Taken(Struct, kw_only=True):
    """A backup. Times are RFC 3339."""

    file: str
    day: str
    made: str
    size: int
    verified: str | None = None


class Register:
    """A small JSON file in ``folder``. Killed in the middle, the one before stands."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "register.json"

    def all(self) -> list[Taken]:
        """Oldest first."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[Taken])
        except (FileNotFoundError, msgspec.DecodeError):  # a note for people; nothing hangs on it
            return []

    def add(self, taken: Taken) -> None:
        """Note one that was taken."""
        self._write([*self.all(), taken])

    def verified(self, file: str, at: str) -> None:
        """Note that one was read back whole; one that was taken elsewhere is not noted."""
        noted = self.all()
        for taken in noted:
            if taken.file == file:
                taken.verified = at
        self._write(noted)

    def forget(self, days: list[str]) -> None:
        """Those of days whose keys were destroyed."""
        self._write([taken for taken in self.all() if taken.day not in days])

    def _write(self, noted: list[Taken]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(noted))
        new.replace(self._path)
