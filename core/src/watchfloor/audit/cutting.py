"""Taking off what was put behind the end of a log while no hub ran; what is taken off is kept."""

from __future__ import annotations

import os
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
    last = max(frames.segments(folder), default=0)
    path = frames.segment(folder, last)
    found = frames.frames(path.read_bytes(), last) if path.exists() else ()
    return Lying(folder, last + sum(1 for _ in found), carries_on(folder, head))


def refuse_unless_foreign(copy: Lying, head: Checkpoint, key: str) -> None:
    """Unless the hub had ended with that head, which is known to be so, and ``key`` is its key,
    what stands behind may be its own. Raises ``AskAPerson`` (``not_to_be_cut``), ``OSError``."""
    if not copy.carries_on:
        raise not_to_be_cut(
            f"The log in {copy.folder} does not have the {head.size} records that were signed."
        )
    if not ended(copy.folder, head, key):
        raise not_to_be_cut(f"The hub has signed what stands in {copy.folder} behind its end.")


def not_to_be_cut(detail: str) -> AskAPerson:
    """Why nothing is cut off."""
    return AskAPerson(
        detail,
        code="not_to_be_cut",
        remedy="Look at both copies first: watchfloor audit verify; docs/audit.md says what then.",
    )


def cut(folder: Path, size: int, aside: Path) -> None:
    """Keep the first ``size`` records, and put the rest, byte by byte, into the folder ``aside``,
    which is not there yet, before anything is taken off. Raises ``OSError``, ``GiveUp``."""
    aside.mkdir(parents=True, mode=0o700)
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
