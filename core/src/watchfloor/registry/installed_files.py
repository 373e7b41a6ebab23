"""The files of an installed version: what is in them, and whether any was touched since."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

TICK_NS = 2_000_000_000
"""How coarse a file system's times may be: two changes within it can bear the same time (FAT has
the coarsest, 2 s)."""


def contents(place: Path) -> Iterator[tuple[str, str]]:
    """Every file below ``place``, by its path from there: SHA-256; of a link: where it leads."""
    for path, entry in _entries(place):
        if entry.is_symlink():
            yield path, f"-> {Path(entry).readlink()}"
        elif entry.is_file():
            yield path, hashlib.sha256(Path(entry).read_bytes()).hexdigest()
        elif not entry.is_dir():
            yield path, "no file"


def traces(place: Path) -> tuple[str, int]:
    """What the system notes of everything below ``place``, without reading it, as one hash; and
    when the last of it was changed (nanoseconds).

    A file that was written, replaced, renamed or given other rights or times has another ``ctime``,
    which the system alone sets (inode(7)).
    """
    noted, last = hashlib.sha256(), 0
    for path, entry in _entries(place):
        now = entry.stat(follow_symlinks=False)
        marks = now.st_mode, now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
        noted.update(f"{path}\0{marks}\0".encode("utf-8", "surrogateescape"))
        last = max(last, now.st_ctime_ns)
    return noted.hexdigest(), last


def _entries(folder: Path | str, before: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All below a folder, by its path from there; not what links lead to."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        yield before + entry.name, entry
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path, f"{before}{entry.name}/")
