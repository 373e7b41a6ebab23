"""Before anything is written: the copies are made one, and the tree is what they say and what was
signed. So at the start, and so after every outage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfloor.ports.audit import End, Sink

from . import copies, frames
from .notes import Checkpoint, Note, signed_by
from .record import Entry, decode
from .tree import Tree


@dataclass(frozen=True)
class Settled:
    """How things stand."""

    end: End
    checkpoint: Note | None
    """The last."""
    signed: int
    """Records that it covers."""
    last_at: str | None
    """The time of the last record."""
    unacknowledged: frozenset[str]
    """Ids of records that only one copy had taken when the other failed: they stand now."""
    new_key: bool
    """Whether the log was signed with another key before."""


def settled(sinks: Sequence[Sink], tree: Tree, key: str, known: int | None) -> Settled:
    """Blocks. ``known``: how many records were acknowledged; ``None`` at the start.

    Raises ``OSError``, and ``AskAPerson`` (``audit_diverged``, ``audit_in_use``)."""
    end = copies.settle(sinks)
    folder = sinks[0].folder
    before = [str(each) for each in frames.keys(folder)]
    for sink in sinks:
        sink.publish(key)
    checkpoint = frames.last_checkpoint(folder)
    signed = _fit(tree, folder, end, checkpoint)
    last = _entries(folder, end.count - 1) if end.count else []
    beyond = [] if known is None else _entries(folder, known)
    return Settled(
        end,
        checkpoint,
        signed,
        last[0].at if last else None,
        frozenset(entry.id for entry in beyond),
        bool(before) and key not in before,
    )


def _entries(folder: Path, index: int) -> list[Entry]:
    return [decode(found.entry or b"") for found in frames.frames_from(folder, index)]


def _fit(tree: Tree, folder: Path, end: End, checkpoint: Note | None) -> int:
    """The tree over the records, which must be what the last checkpoint signed; how many that
    covers. Of full files, what the tree's own file says is believed; the last two are read."""
    head = Checkpoint("", 0, b"")
    if checkpoint is not None:
        if not signed_by(checkpoint, frames.keys(folder)):
            raise frames.diverged(folder, 0)
        head = Checkpoint.parse(checkpoint.text)
    if head.size > end.count:
        raise frames.diverged(folder, end.count)
    _plant(tree, folder, min([head.size, tree.size, *frames.segments(folder)[-2:]]))
    if head.size and tree.root(head.size) != head.root:
        _plant(tree, folder, 0)
        if tree.root(head.size) != head.root:
            raise frames.diverged(folder, _good(tree, folder))
    return head.size


def _good(tree: Tree, folder: Path) -> int:
    """How many records are those that were signed."""
    notes = (n for first in frames.segments(folder) for n in frames.checkpoints(folder, first))
    heads = [Checkpoint.parse(note.text) for note in notes]
    return max((each.size for each in heads if tree.root(each.size) == each.root), default=0)


def _plant(tree: Tree, folder: Path, size: int) -> None:
    tree.cut(size)
    tree.add(found.leaf for found in frames.frames_from(folder, size))
