"""The hashes of the tree in one file, 32 bytes each. Made from the log, and made again from it."""

from __future__ import annotations

import os
from pathlib import Path

_WIDTH = 32


class FileHashes:
    """Append-only. What was not synced before a crash may be wrong: the log cuts it off."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        self._length = os.fstat(self._handle).st_size // _WIDTH

    def __len__(self) -> int:
        return self._length

    def read(self, place: int) -> bytes:
        """One hash."""
        return os.pread(self._handle, _WIDTH, place * _WIDTH)

    def append(self, hashes: bytes) -> None:
        """Any number of them."""
        rest, at = memoryview(hashes), self._length * _WIDTH
        while rest:
            written = os.pwrite(self._handle, rest, at)
            rest, at = rest[written:], at + written
        self._length += len(hashes) // _WIDTH

    def cut(self, length: int) -> None:
        """Keep the first ``length``."""
        os.ftruncate(self._handle, length * _WIDTH)
        self._length = length

    def sync(self) -> None:
        """On the disk when it returns."""
        os.fdatasync(self._handle)

    def close(self) -> None:
        """No more."""
        os.close(self._handle)
