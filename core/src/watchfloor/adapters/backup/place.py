"""What of a data directory belongs into a backup: all of it but what is made anew."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchfloor.adapters.keyring_file import KEYRING
from watchfloor.audit import frames
from watchfloor.contracts import RetryLater

from .database import BESIDE
from .manifest import InstalledVersion

FOLDER = "backup"
RESTORED = "restored"
"""In that folder: which backup the directory was filled from."""
"""Of the data directory: the keys, the register, and room to work in. It is in no backup: whoever
had a later backup could open the earlier ones, whose keys were destroyed."""


@dataclass(frozen=True, slots=True)
class Place:
    """A hub's data directory. ``database`` and ``connectors`` are names in it."""

    data_dir: Path
    database: str
    connectors: str
    passing: frozenset[str] = frozenset()
    """Names in it of what only a running hub has."""

    @property
    def own(self) -> Path:
        """The folder of the backups' own things."""
        return self.data_dir / FOLDER

    def files(self) -> list[Path]:
        """Every file that belongs into a backup. The keyring, which knows the head that was signed
        last, comes before the audit log's checkpoints, and they before its records: of those there
        may be more than is known of them, but never fewer."""
        keyring = self.data_dir / KEYRING
        return sorted(
            self._files(),
            key=lambda path: (path.parent != keyring, path.suffix != frames.SIGNED, path),
        )

    def audit_logs(self) -> list[Path]:
        """The folders of the audit log's copies."""
        return sorted(path.parent for path in self.data_dir.glob(f"*/{frames.RECORDS}"))

    def _files(self) -> Iterator[Path]:
        apart = {FOLDER, self.connectors, *self.passing}
        for folder, folders, names in os.walk(self.data_dir):
            here = Path(folder)
            if here == self.data_dir:
                folders[:] = [name for name in folders if name not in apart]
                names = [name for name in names if name not in apart]
            for path in (here / name for name in names):
                if path.is_file() and not path.is_symlink() and not _beside_a_database(path):
                    yield path

    def connectors_in_use(self) -> list[InstalledVersion]:
        """By id."""
        return [
            InstalledVersion(link.parent.name, link.readlink().name)
            for link in sorted((self.data_dir / self.connectors).glob("*/current"))
            if link.is_symlink()
        ]

    @contextlib.contextmanager
    def working(self) -> Iterator[Path]:
        """Room to work in, empty, on the data directory's own disk and as closed to others; for one
        at a time. What was left by one that was killed is taken away. Raises ``RetryLater``."""
        work = self.own / "work"
        self.own.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.own / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RetryLater(
                    "Another backup or check of one is under way.",
                    code="backup_under_way",
                    remedy="Wait until it has ended.",
                ) from None
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(mode=0o700)
            try:
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)


def _beside_a_database(path: Path) -> bool:
    return any(
        path.name.endswith(ending) and path.with_name(path.name.removesuffix(ending)).exists()
        for ending in BESIDE
    )
