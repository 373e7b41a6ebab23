"""The heads that this hub has witnessed, a file for each log."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


class FileHeads:
    """Named by the hash of the log's origin, as witnesses publish them (c2sp.org/tlog-witness)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, origin: str) -> bytes | None:
        """The checkpoint that was cosigned last."""
        path = self._path(origin)
        return path.read_bytes() if path.exists() else None

    def write(self, origin: str, checkpoint: bytes) -> None:
        """On the disk when it returns, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(origin)
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(checkpoint)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _path(self, origin: str) -> Path:
        return self._folder / hashlib.sha256(origin.encode()).hexdigest()
