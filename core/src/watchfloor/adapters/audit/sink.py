"""A copy of the audit log in a folder: files that are only ever appended to, and synced."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import NamedTuple

from watchfloor.audit import frames
from watchfloor.audit.frames import LOG, SIGNED
from watchfloor.audit.notes import notes_in
from watchfloor.contracts import AskAPerson
from watchfloor.ports.audit import End

_LOCK = "lock"


class _File(NamedTuple):
    """A file that is open: its first record, where it lies, its descriptor, which file it is."""

    first: int
    path: Path
    handle: int
    known: os.stat_result


class FileSink:
    """One copy. The folder belongs to one hub at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = -1
        self._open: dict[str, _File] = {}
        """Suffix → the file that is being written."""

    def open(self) -> End:
        """Take the folder and cut a torn end."""
        self.close()
        for folder in (self.folder, self.folder / frames.RECORDS):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _locked(self.folder / _LOCK)
        found = frames.segments(self.folder)
        if not found:
            return End()
        for first in found[-2:]:
            _cut_checkpoints(frames.segment(self.folder, first, SIGNED))
        return _cut_records(self.folder, found[-1])

    def append(self, segment: int, frames: bytes) -> None:
        """Durable when it returns."""
        self._write(segment, LOG, frames)

    def sign(self, segment: int, checkpoints: bytes) -> None:
        """Durable when it returns."""
        self._write(segment, SIGNED, checkpoints)

    def publish(self, key: str) -> None:
        """Durable when it returns."""
        path = self.folder / frames.KEYS
        known = path.read_text("utf-8").split() if path.exists() else []
        if key not in known:
            handle = _appending(path)
            try:
                _append(handle, f"{key}\n".encode())
            finally:
                os.close(handle)

    def close(self) -> None:
        """Give the folder back."""
        for file in self._open.values():
            os.close(file.handle)
        self._open.clear()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _write(self, segment: int, suffix: str, content: bytes) -> None:
        file = self._open.get(suffix)
        if file is None or file.first != segment:
            file = self._begin(segment, suffix, file)
        _refuse_another(file)
        _append(file.handle, content)

    def _begin(self, segment: int, suffix: str, before: _File | None) -> _File:
        path = frames.segment(self.folder, segment, suffix)
        handle = _appending(path)
        file = self._open[suffix] = _File(segment, path, handle, os.fstat(handle))
        if before is not None:
            os.close(before.handle)
        return file


def _appending(path: Path) -> int:
    """Its descriptor: what is written to it is synced when the write returns, in one call, since at
    each the thread that answers questions is waited for. A new file's name is on the disk, too."""
    new = not path.exists()
    how = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_DSYNC | os.O_NOFOLLOW
    handle = os.open(path, how, 0o600)
    if new:
        _sync_folder(path.parent)
    return handle


def _refuse_another(file: _File) -> None:
    """A file that was taken away can still be written to, and nobody would find it again."""
    if not os.path.samestat(file.known, file.path.stat()):
        raise OSError(errno.ESTALE, "The file of the audit log was taken away", str(file.path))


def _append(handle: int, content: bytes) -> None:
    """All of it, synced: a full disk may take a part of it only, and then says so."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _cut_records(folder: Path, first: int) -> End:
    """Take away what a crash left half-written at the very end of the last file. Raises
    ``AskAPerson`` when whole records follow what is broken: that is no crash."""
    path = frames.segment(folder, first)
    content = path.read_bytes()
    count, length = first, 0
    for found in frames.frames(content, first):
        count, length = found.index + 1, found.offset + found.length + 1
    if any(map(_is_frame, content[length:].split(b"\n")[:-1])):
        raise frames.diverged(folder, count)
    _cut(path, content, length)
    return End(count, first, length)


def _cut_checkpoints(path: Path) -> None:
    if path.exists():
        content = path.read_bytes()
        _cut(path, content, notes_in(content)[1])


def _cut(path: Path, content: bytes, length: int) -> None:
    if length < len(content):
        with path.open("r+b") as file:
            file.truncate(length)
            os.fsync(file.fileno())


def _is_frame(line: bytes) -> bool:
    try:
        frames.parse(line)
    except ValueError:
        return False
    return True


def _locked(path: Path) -> int:
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise AskAPerson(
            f"Another hub writes its audit log into {path.parent}.",
            code="audit_in_use",
            remedy="Give each hub folders of its own (audit_copy in hub.toml).",
        ) from None
    return handle


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
