"""Takes a backup of a data directory, whether or not a hub runs on it."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from watchfloor import __version__
from watchfloor.audit import frames
from watchfloor.contracts import AskAPerson, rfc3339
from watchfloor.ports.store import Micros

from . import database
from .escrow import Escrow
from .keys import DayKeys
from .manifest import NAME, Manifest, Part
from .place import Place
from .register import Register, Taken
from .sealing import Header, SealingWriter, new_salt
from .trouble import Step, trouble_with_files

SUFFIX, _HALF = ".backup", ".half"
_LOOK = 64 * 1024
"""Bytes that are looked through at a time for the end of a line."""
COMPRESSION = 1
"""Of zlib: plate reads become a quarter of their size, at some 60 MiB a second."""


@dataclass(slots=True)
class _Progress:
    step: Step
    total: int = 0
    done: int = 0

    def __call__(self, size: int) -> None:
        self.done += size
        self.step(min(self.done, self.total), self.total)


def take(place: Place, folder: Path, now: Micros, step: Step = lambda *_: None) -> Taken:
    """Write a backup into ``folder``, which is this hub's alone; it has its name only when it is
    whole and synced. The escrow holds its key before that.

    Raises ``AskAPerson`` (``no_data_dir``, ``no_escrow``, ``escrow_not_written``, ``disk_full``,
    ``disk_error``, ``keyring_...``), ``RetryLater`` (``backup_under_way``, ``store_busy``).
    """
    keys, day = DayKeys(place.own), rfc3339(now)[:10]
    if not place.data_dir.is_dir():
        raise AskAPerson(
            f"{place.data_dir} is no data directory.",
            code="no_data_dir",
            remedy="Name it with --data-dir.",
        )
    with trouble_with_files(), place.working() as work:
        key = keys.make(day)
        Escrow(keys).renew()
        made = re.sub("[-:]", "", rfc3339(now))
        file = folder / f"watchfloor-{made}{SUFFIX}"
        half = file.with_name(f"{file.name}{_HALF}")
        for left in folder.glob(f"*{SUFFIX}{_HALF}"):  # by one that was killed
            left.unlink()
        try:
            with open(half, "xb", opener=_for_its_owner) as out:
                _write(place, work, out, now, key, step)
                out.flush()
                os.fsync(out.fileno())
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)
        taken = Taken(file=str(file.absolute()), day=day, made=rfc3339(now), size=_size(file))
        Register(place.own).add(taken)
        return taken


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(place: Place, work: Path, out: BinaryIO, now: Micros, key: bytes, step: Step) -> None:
    progress = _Progress(step)
    files = place.files()
    progress.total = sum(_size(file) for file in files)
    connectors = place.connectors_in_use()
    sources = [*_copied(place, files, work, progress)]
    content = sum(_size(source) for _, source in sources)
    progress.total += content
    header = Header(day=rfc3339(now)[:10], made=rfc3339(now), hub=__version__,
                    content=content, salt=new_salt())  # fmt: skip
    sealed = SealingWriter(out, header, key)
    with (
        gzip.GzipFile(fileobj=sealed, mode="wb", compresslevel=COMPRESSION, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        parts = [part for name, source in sources if (part := _add(tar, name, source, progress))]
        copy = dict(sources).get(place.database)
        manifest = Manifest(
            made=rfc3339(now), hub=__version__, connectors=connectors, parts=parts,
            counts=database.counts(copy) if copy else None,
        )  # fmt: skip
        _add_bytes(tar, NAME, manifest.encode())
    sealed.finish()


def _copied(
    place: Place, files: list[Path], work: Path, progress: _Progress
) -> Iterator[tuple[str, Path]]:
    """Name in the backup → where to read it: databases first and from a copy. What is written
    later (media, audit records) is then more than the database knows, and never less."""
    databases = [file for file in files if database.is_database(file)]
    for number, file in enumerate(databases):
        copy = work / f"{number}.sqlite"
        _room_for(file, work)
        database.copy(file, copy, progress)
        yield _name(place, file), copy
    for file in files:
        if file not in databases:
            progress(_size(file))
            yield _name(place, file), file


def _room_for(file: Path, work: Path) -> None:
    """Raises ``AskAPerson`` (``disk_full``) before anything is written."""
    stat = os.statvfs(work)
    if _size(file) > stat.f_bavail * stat.f_frsize:
        raise AskAPerson(
            f"There is no room for a copy of {file.name} beside it.",
            code="disk_full",
            remedy=f"Free {_size(file) / 2**30:.1f} GiB on the disk of the data directory.",
        )


class _Hashing(io.RawIOBase):
    """Reads on, and knows the digest of what was read."""

    def __init__(self, file: BinaryIO, progress: _Progress) -> None:
        self._file = file
        self._progress = progress
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        self._progress(len(data))
        return data


def _add(tar: tarfile.TarFile, name: str, source: Path, progress: _Progress) -> Part | None:
    """As large as it is now: what is added meanwhile is in the next backup. One that has gone since
    it was listed is none."""
    try:
        file = source.open("rb")
    except FileNotFoundError:
        return None
    with file:
        stat = os.fstat(file.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = _whole(file), stat.st_mode & 0o700, int(stat.st_mtime)
        reading = _Hashing(file, progress)
        tar.addfile(info, reading)
    return Part(name, info.size, reading.digest.hexdigest())


def _whole(file: BinaryIO) -> int:
    """How much of a file is to be copied: all that is there now, but no half of an audit record
    that is being written."""
    size = os.fstat(file.fileno()).st_size
    if Path(file.name).suffix not in (frames.LOG, frames.SIGNED):
        return size
    at = size
    while at > 0:
        start = max(0, at - _LOOK)
        file.seek(start)
        end = file.read(at - start).rfind(b"\n")
        if end >= 0:
            at = start + end + 1
            break
        at = start
    file.seek(0)
    return at


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def _name(place: Place, file: Path) -> str:
    return file.relative_to(place.data_dir).as_posix()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
