"""Reads a backup back, all of it, and compares what came with what was put in."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from watchfloor.audit.scanning import Wrong
from watchfloor.audit.verify import verify
from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Micros

from . import database
from .keys import key_missing
from .manifest import NAME, Manifest, Part, decode
from .place import Place
from .register import Register
from .sealing import Header, OpeningReader, damaged, read_header
from .trouble import Step, trouble_with_files

_AT_A_TIME = 1024 * 1024


def checked(
    place: Place,
    file: Path,
    keys: Mapping[str, str],
    now: Micros,
    step: Step = lambda *_: None,
) -> Manifest:
    """A drill: restore into a folder that is thrown away. When it returns, every part is there with
    its digest, the databases are sound, and the counts are those of the day; the register says so.
    Raises ``AskAPerson`` (``backup_damaged``, ``backup_key_missing``, ``disk_full``)."""
    with trouble_with_files(), place.working() as work:
        manifest = unpack(file, work, keys, step)
        prove(replace(place, data_dir=work), manifest)
        Register(place.own).verified(str(file.absolute()), rfc3339(now))
        return manifest


def unpack(file: Path, into: Path, keys: Mapping[str, str], step: Step) -> Manifest:
    """Write all parts below ``into``, synced. ``keys`` are day → key in hex. Raises ``AskAPerson``
    unless they are all there and as they were."""
    with file.open("rb") as sealed:
        header, start = read_header(sealed)
        if header.day not in keys:
            raise key_missing(header.day)
        opened = OpeningReader(sealed, header, start, bytes.fromhex(keys[header.day]))
        found: list[Part] = []
        manifest = None
        for name, mode, content in _members(opened, header, step):
            if manifest is not None:
                raise damaged("there is something behind its list of parts")
            if name == NAME:
                manifest = decode(content.read())
            else:
                found.append(_write(into, name, mode, content))
    if manifest is None or found != manifest.parts:
        raise damaged("its parts are not those of its list")
    return manifest


def prove(place: Place, manifest: Manifest) -> None:
    """What lies there is sound: the databases in themselves, the hub's in its counts, the audit log
    in every record and checkpoint. Raises ``AskAPerson`` (``backup_damaged``)."""
    for part in manifest.parts:
        path = place.data_dir / part.path
        if database.is_database(path):
            database.check(path)
    hub = place.data_dir / place.database
    if manifest.counts is not None and database.counts(hub) != manifest.counts:
        raise damaged("the database in it holds another number of events or alerts")
    for folder in place.audit_logs():
        for found in verify(folder).findings:
            if found.wrong is not Wrong.UNSIGNED:  # records that came after their checkpoints
                raise damaged(f"the audit log in it, {folder.name}, is not whole: {found.detail}")


def _members(
    opened: OpeningReader, header: Header, step: Step
) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, mode and content of each, to be read before the next."""
    done = 0
    try:
        with (
            gzip.GzipFile(fileobj=opened, mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or not _inside(member.name):
                    raise damaged("it holds something that is no part of a hub")
                yield member.name, member.mode, content
                done += member.size
                step(min(done, header.content), header.content)
            while packed.read(_AT_A_TIME):  # to the end, where a missing piece is noticed
                pass
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError):
        raise damaged("its parts cannot be told apart") from None


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _write(into: Path, name: str, mode: int, content: IO[bytes]) -> Part:
    path, digest, size = into / name, hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, mode & 0o700)
    with os.fdopen(descriptor, "wb") as out:
        while chunk := content.read(_AT_A_TIME):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        out.flush()
        os.fsync(descriptor)
    return Part(name, size, digest.hexdigest())
