"""Before anything is written: the copies are made one, and the tree is what they say and what was
signed. So at the start, and so after every outage. A log that does not carry on from the head that
was signed last is not gone on with: what was written into it would be signed, whoever wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from watchfloor.ports.audit import End, Sink

from . import copies, frames
from .notes import Checkpoint, Note, Verifier, signed_by
from .record import Entry, decode
from .tree import EMPTY, Tree


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


def settled(
    sinks: Sequence[Sink],
    tree: Tree,
    key: str,
    known: Checkpoint | None,
    acknowledged: int | None,
    thorough: bool,
    *,
    whole: bool = False,
) -> Settled:
    """Blocks. ``known`` is the head that the log must carry on from; ``acknowledged``, how many
    records were, ``None`` at the start. ``thorough``: every record is compared, else those of the
    last two files. ``whole``: the hub ended with the head that is known, and nothing stands after;
    what does is left as it is.

    Raises ``OSError``, and ``AskAPerson`` (``audit_diverged``, ``audit_in_use``)."""
    end, longest = copies.opened(sinks)
    if whole and known is not None and end.count > known.size:
        _refuse_behind(tree, longest.folder, known, key, thorough)
    copies.bring_up(sinks, longest)
    folder = sinks[0].folder
    before = [str(each) for each in frames.keys(folder)]
    for sink in sinks:
        sink.publish(key)
    checkpoint = frames.last_checkpoint(folder)
    head = _head_of(checkpoint, folder)
    heads = [each for each in (known, head) if each is not None]
    _fit(tree, folder, end.count, heads, thorough)
    last = _entries(folder, end.count - 1) if end.count else []
    beyond = [] if acknowledged is None else _entries(folder, acknowledged)
    return Settled(
        end,
        checkpoint,
        head.size if head else 0,
        last[0].at if last else None,
        frozenset(entry.id for entry in beyond),
        bool(before) and key not in before,
    )


def _entries(folder: Path, index: int) -> list[Entry]:
    return [decode(found.entry or b"") for found in frames.frames_from(folder, index)]


def ended(folder: Path, head: Checkpoint, key: str) -> bool:
    """Whether the hub signed nothing there that is newer: where it did, it was not known any more
    with which head it had ended. A key that lies beside the log is anybody's. Raises ``OSError``,
    ``GiveUp``."""
    note = frames.last_checkpoint(folder)
    if note is None or not signed_by(note, [Verifier.parse(key)]):
        return True
    return Checkpoint.parse(note.text).size <= head.size


def _refuse_behind(tree: Tree, folder: Path, known: Checkpoint, key: str, thorough: bool) -> None:
    """Before it is copied, or taken into the tree."""
    if ended(folder, known, key):
        _fit(tree, folder, known.size, [known], thorough)
        raise frames.behind_the_end(folder, known.size)


def _head_of(checkpoint: Note | None, folder: Path) -> Checkpoint | None:
    if checkpoint is None:
        return None
    if not signed_by(checkpoint, frames.keys(folder)):
        raise frames.diverged(folder, 0)
    return Checkpoint.parse(checkpoint.text)


def _fit(tree: Tree, folder: Path, count: int, heads: Sequence[Checkpoint], thorough: bool) -> None:
    """The tree over so many records, which must have these heads. Where the tree's own file has the
    last of them it is believed, and says where a record is another one: it is left as it is then.
    Else nothing is left in it that was not signed.
    """
    last = max(heads, key=lambda head: head.size, default=Checkpoint("", 0, EMPTY))
    believed = tree.size >= last.size and tree.root(last.size) == last.root
    if believed:
        begin = 0 if thorough else min([last.size, *frames.segments(folder)[-2:]])
        _compare(tree, folder, begin, last.size)
    elif last.size > count:
        tree.cut(0)
    if last.size > count:
        raise frames.diverged(folder, count)
    _plant(tree, folder, last.size if believed else 0, count)
    if any(tree.root(head.size) != head.root for head in heads):
        tree.cut(_good(tree, folder))
        raise frames.diverged(folder, tree.size)


def _compare(tree: Tree, folder: Path, first: int, next_: int) -> None:
    for found in frames.frames_from(folder, first):
        if found.index >= next_:
            return
        if found.entry is None or found.leaf != tree.leaf(found.index):
            raise frames.diverged(folder, found.index)


def _good(tree: Tree, folder: Path) -> int:
    """How many records are those that were signed."""
    notes = (n for first in frames.segments(folder) for n in frames.checkpoints(folder, first))
    heads = [Checkpoint.parse(note.text) for note in notes]
    known = [each for each in heads if each.size <= tree.size]
    return max((each.size for each in known if tree.root(each.size) == each.root), default=0)


def _plant(tree: Tree, folder: Path, first: int, count: int) -> None:
    tree.cut(first)
    found = islice(frames.frames_from(folder, first), count - first)
    tree.add(_told(folder, each) for each in found)


def _told(folder: Path, found: frames.Frame) -> bytes:
    """The leaf of a record that is there in full."""
    if found.entry is None:
        raise frames.diverged(folder, found.index)
    return found.leaf
