"""Handing a part of the log to somebody who is to check it, and proofs made from a folder alone.

An export is a folder like the log's own, of the records of some time. What is sealed stays sealed.
The record before that time and the first after it are in it, too: between them nothing is missing,
and whoever checks it sees that. It ends where a checkpoint does: further records stand in it by
their hash alone, and what comes before it by the roots of the tree so far.
"""

from __future__ import annotations

import base64
from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfloor.contracts import AskAPerson, GiveUp, NotFound

from . import frames
from .notes import Checkpoint, Note
from .proofs import Proof
from .record import decode
from .tree import Range, Tree

_FULL = 64 * 1024 * 1024
_READ_ME = """An excerpt of the audit log {origin}: records {first} to {last}.

Check it, on any machine that has Watchfloor, without a hub:

    watchfloor audit verify . --key KEY

KEY is the log's public key. Take it from where the agency publishes it, not from this folder.
records/*.log has a record a line, three columns between tabs: index, hash, JSON. {edges}
Lines without the third column are records after that. What is sealed in a record can be opened by
the agency alone.
"""
_EDGES = {
    (True, True): "The first and the\nlast of them are those just outside of the time asked for.",
    (True, False): "The first of\nthem is the one just before the time asked for.",
    (False, True): "The last of\nthem is the first after the time asked for.",
    (False, False): "They are all\nthat the log had of the time asked for.",
}
"""Whether the record before, and whether the one after that time is there."""


@dataclass(frozen=True)
class Exported:
    """What was handed out: records from ``first`` to before ``next``, between the one before and
    the one after them; those behind, up to the checkpoint, by their hash alone."""

    first: int
    next: int
    checkpoint: int
    unsigned: int
    """Records of that time that no checkpoint covers yet, and that were left out therefore."""


def export(folder: Path, to: Path, since: str, until: str) -> Exported:
    """Write the records from ``since`` to before ``until`` (RFC 3339, as the log writes them).

    Raises ``NotFound`` where there are none, ``AskAPerson`` (``not_written``, ``audit_diverged``).
    """
    first, next_, closed = _span(folder, since, until)
    notes = _checkpoints(folder)
    signed = [size for size, _ in notes]
    begin, full = max(0, first - 1), next_ + closed
    end = next((size for size in signed if size >= full), signed[-1] if signed else 0)
    if first >= min(next_, end):
        raise NotFound("There are no signed records of that time.")
    try:
        to.mkdir(parents=True)
        (to / frames.RECORDS).mkdir()
        before = _before(folder, begin)
        text = "".join(base64.b64encode(root).decode() + "\n" for root in before.roots)
        (to / frames.BEFORE).write_text(text, "ascii")
        (to / frames.KEYS).write_bytes((folder / frames.KEYS).read_bytes())
        _write(folder, to, begin, full, end, notes)
        read_me = _READ_ME.format(
            origin=Checkpoint.parse(notes[-1][1].text).origin, first=begin, last=min(full, end) - 1,
            edges=_EDGES[begin < first, closed and full <= end],
        )  # fmt: skip
        (to / "README.txt").write_text(read_me, "utf-8")
    except OSError as error:
        raise not_written(error) from None
    return Exported(first, min(next_, end), end, max(0, next_ - end))


def not_written(error: OSError) -> AskAPerson:
    """Why there is no export."""
    return AskAPerson(
        f"The export cannot be written: {error.strerror}.",
        code="not_written",
        remedy="Name another folder, one that is not there yet, with --out.",
    )


def proof(folder: Path, index: int) -> Proof:
    """That a record is in the log, by its last checkpoint. Raises ``NotFound``, ``AskAPerson``
    (``audit_diverged``)."""
    note = frames.last_checkpoint(folder)
    size = Checkpoint.parse(note.text).size if note else 0
    if note is None or not 0 <= index < size:
        raise NotFound(f"The last checkpoint covers {size} records; there is no record {index}.")
    found = next(iter(frames.frames_from(folder, index)))
    if found.entry is None:
        raise NotFound(f"Record {index} is withheld here.")
    tree = Tree(_Held())
    tree.add(_leaves(folder, 0, size))
    return Proof(found.entry, index, tuple(tree.inclusion(index, size)), note)


def last_records(folder: Path, count: int) -> list[frames.Frame]:
    """The newest records, oldest first."""
    firsts = frames.segments(folder)
    found: list[frames.Frame] = []
    for first in reversed(firsts):
        content = frames.segment(folder, first).read_bytes()
        found = [*frames.frames(content, first), *found][-count:]
        if len(found) == count:
            break
    return found


class _Held:
    """The tree's hashes in memory: for one proof."""

    def __init__(self) -> None:
        self._hashes = bytearray()

    def __len__(self) -> int:
        return len(self._hashes) // 32

    def read(self, place: int) -> bytes:
        return bytes(self._hashes[place * 32 : place * 32 + 32])

    def append(self, hashes: bytes) -> None:
        self._hashes += hashes

    def cut(self, length: int) -> None:
        del self._hashes[length * 32 :]

    def sync(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def _span(folder: Path, since: str, until: str) -> tuple[int, int, bool]:
    """The first record of that time, the first after it, and whether that one is there already."""
    firsts = frames.segments(folder)
    begins = [_time_of_first(folder, first) for first in firsts]
    start = max((n for n, at in enumerate(begins) if at < since), default=0)
    first = next_ = 0
    for found in frames.frames_from(folder, firsts[start] if firsts else 0):
        if found.entry is None:
            raise frames.diverged(folder, found.index)
        at = decode(found.entry).at
        first = found.index + 1 if at < since else first
        if at >= until:
            return first, next_, True
        next_ = found.index + 1
    return first, next_, False


def _time_of_first(folder: Path, first: int) -> str:
    with frames.segment(folder, first).open("rb") as file:
        line = file.readline()
    try:
        return decode(line.rstrip(b"\n").split(b"\t")[2]).at
    except (IndexError, GiveUp):
        raise frames.diverged(folder, first) from None


def _checkpoints(folder: Path) -> list[tuple[int, Note]]:
    notes = [
        note for first in frames.segments(folder) for note in frames.checkpoints(folder, first)
    ]
    return sorted(((Checkpoint.parse(note.text).size, note) for note in notes), key=lambda e: e[0])


def _leaves(folder: Path, first: int, next_: int) -> Iterator[bytes]:
    """As the log has noted them; whoever checks finds out whether they are right."""
    index = 0
    for begin in frames.segments(folder):
        for index, line in enumerate(
            frames.segment(folder, begin).read_bytes().splitlines(), begin
        ):
            if index >= next_:
                return
            if index >= first:
                yield a2b_base64(line.split(b"\t", 2)[1])


def _before(folder: Path, first: int) -> Range:
    tree = Range()
    for leaf in _leaves(folder, 0, first):
        tree.add(leaf)
    return tree


def _write(
    folder: Path, to: Path, first: int, next_: int, end: int, notes: Sequence[tuple[int, Note]]
) -> None:
    lines: list[bytes] = []
    begin = first
    for found in frames.frames_from(folder, first):
        if found.index >= end:
            break
        given = found.entry if found.index < next_ else None
        line = frames.frame(found.index, given)[0] if given else None
        lines.append(line or frames.withheld(found.index, found.leaf))
        if len(lines) * len(lines[0]) >= _FULL:
            _close(to, begin, lines, notes)
            begin, lines = found.index + 1, []
    if lines:
        _close(to, begin, lines, notes)


def _close(to: Path, begin: int, lines: Sequence[bytes], notes: Sequence[tuple[int, Note]]) -> None:
    frames.segment(to, begin).write_bytes(b"".join(lines))
    here = (note for size, note in notes if begin < size <= begin + len(lines))
    signed = b"".join(bytes(note) + b"\n" for note in here)
    frames.segment(to, begin, frames.SIGNED).write_bytes(signed)
