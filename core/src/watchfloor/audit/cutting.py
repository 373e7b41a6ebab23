"""Taking off what was put behind the end of a log while no hub ran; what is taken off is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchfloor.contracts import AskAPerson

from . import frames
from .lasthead import carries_on
from .notes import Checkpoint, notes_in
from .settling import ended


@dataclass(frozen=True)
class Lying:
    """How a copy lies there: its records, and whether it carries on from the head that is known."""

    folder: Path
    records: int
    carries_on: bool


def lying(folder: Path, head: Checkpoint) -> Lying:
    """Raises ``OSError``."""
    with suppress(FileNotFoundError):
        list((folder / frames.RECORDS).iterdir())  # what may not be read is not nothing
    last = max(frames.segments(folder), default=0)
    path = frames.segment(folder, last)
    found = frames.frames(path.read_bytes(), last) if path.exists() else ()
    return Lying(folder, last + sum(1 for _ in found), carries_on(folder, head))


def refuse_unless_foreign(copies: Sequence[Lying], head: Checkpoint, key: str) -> None:
    """Unless the hub had ended with that head, which is known to be so, and ``key`` is its key,
    what stands behind may be its own. Raises ``AskAPerson`` (``not_to_be_cut``), ``OSError``."""
    sound = [copy for copy in copies if copy.carries_on]
    for copy in copies:
        if copy not in sound and not any(_stopped_earlier(copy, each, head) for each in sound):
            raise not_to_be_cut(
                f"The log in {copy.folder} does not have the {head.size} records that were signed."
            )
        if not ended(copy.folder, head, key):
            raise not_to_be_cut(f"The hub has signed what stands in {copy.folder} behind its end.")


def _stopped_earlier(copy: Lying, other: Lying, head: Checkpoint) -> bool:
    """Whether a copy is a beginning of the other, or not there at all: the hub brings it up."""
    pairs = zip(_lines(copy.folder), _lines(other.folder), strict=False)
    return copy.records < head.size and all(one == another for one, another in pairs)


def _lines(folder: Path) -> Iterator[bytes]:
    """Without half a record at an end."""
    for first in frames.segments(folder):
        yield from frames.segment(folder, first).read_bytes().split(b"\n")[:-1]


def not_to_be_cut(detail: str) -> AskAPerson:
    """Why nothing is cut off."""
    return AskAPerson(
        detail,
        code="not_to_be_cut",
        remedy="Look at both copies first: watchfloor audit verify; docs/audit.md says what then.",
    )


def cut(folder: Path, size: int, aside: Path) -> None:
    """Keep the first ``size`` records, and put the rest, byte by byte, into the empty folder
    ``aside``, before anything is taken off. Raises ``OSError``, ``GiveUp``."""
    last = frames.holding(folder, size - 1)
    for first in frames.segments(folder):
        if first > last:
            for suffix in (frames.SIGNED, frames.LOG):
                _move(frames.segment(folder, first, suffix), aside, 0)
    path = frames.segment(folder, last)
    found = frames.frames(path.read_bytes(), last)
    end = sum(each.length + 1 for each in found if each.index < size)
    _drop_checkpoints(frames.segment(folder, last, frames.SIGNED), size, aside)
    _move(path, aside, end)


def _move(path: Path, aside: Path, start: int) -> None:
    """What stands in a file from there on."""
    if path.exists():
        _write(aside / path.name, path.read_bytes()[start:])
        if start:
            os.truncate(path, start)
        else:
            path.unlink()


def _drop_checkpoints(path: Path, size: int, aside: Path) -> None:
    """Those of more records; nobody had this log sign them."""
    content = path.read_bytes() if path.exists() else b""
    notes = notes_in(content)[0]
    kept = [note for note in notes if Checkpoint.parse(note.text).size <= size]
    if len(kept) < len(notes):
        _write(aside / path.name, content)
        new = path.with_suffix(".new")
        _write(new, b"".join(bytes(note) + b"\n" for note in kept))
        new.replace(path)


def _write(path: Path, content: bytes) -> None:
    """On the disk when it returns."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
