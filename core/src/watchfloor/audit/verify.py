"""The stand-alone check of a log: needs its folder, or an export of it, and its public key.

No server, no database, no secret. It looks at every record and its place (RFC 6962), at every
checkpoint's signature, and at whether each checkpoint is the beginning of the next, and says what
is wrong and where. What a log alone cannot tell, a checkpoint that somebody else kept can: that its
end was cut off, or that it is another log than the one that was shown before.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from watchfloor.contracts import GiveUp

from . import frames
from .notes import Checkpoint, Note, Verifier, signed_by, unbase64
from .scanning import Finding, Scanned, Wrong, missing, scan
from .tree import Range

_FEW = 3
"""Files that are sooner read than a second process is started."""


@dataclass
class Report:
    """What was looked at, and what was found. ``findings`` in the order of the records."""

    origin: str
    first: int
    next: int
    withheld: int = 0
    checkpoints: int = 0
    """Whose signature and root hold."""
    head: Checkpoint | None = None
    """The newest of them."""
    times: tuple[str, str] | None = None
    witnessed: dict[str, int] = field(default_factory=dict)
    """Witness → the most records that it has cosigned."""
    own_key: bool = False
    """The key that was used came with the log itself."""
    not_covered: list[int] = field(default_factory=list)
    """Sizes of checkpoints that were handed in and lie outside of this export."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def unsigned(self) -> int:
        """Records at the end that no checkpoint covers (yet)."""
        return self.next - (self.head.size if self.head else self.first)

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "origin": self.origin,
            "holds": self.holds,
            "first": self.first,
            "next": self.next,
            "withheld": self.withheld,
            "times": self.times,
            "checkpoints": self.checkpoints,
            "signed": self.head.size if self.head else None,
            "witnessed": self.witnessed,
            "own_key": self.own_key,
            "not_covered": self.not_covered,
            "findings": [asdict(each) for each in self.findings],
        }


@dataclass(frozen=True)
class _Signed:
    """A checkpoint by the log's key. ``kept``: from the folder, not from elsewhere."""

    head: Checkpoint
    kept: bool


def verify(folder: Path, known: Sequence[Verifier] = (), seen: Iterable[Note] = ()) -> Report:
    """Check a log. ``known`` are the keys to believe, of the log and of witnesses; the log's own,
    when there are none. ``seen`` are checkpoints of it that were kept elsewhere.

    Raises ``GiveUp`` (``not_a_log``, ``bad_key``) where there is nothing to check."""
    firsts = frames.segments(folder)
    keys = list(known) or frames.keys(folder)
    if not firsts or not keys:
        raise GiveUp(f"There is no audit log with a key in {folder}.", code="not_a_log")
    before = _before(folder, firsts[0])
    report = Report(keys[0].name, firsts[0], firsts[0], own_key=not known)
    signed = _signed(folder, firsts, keys, seen, report)
    leaves = _Leaves(before, [each.head.size for each in signed])
    for scanned in _scanned(folder, firsts):
        _take(scanned, leaves, report)
    _judge(signed, leaves, report, export=(folder / frames.BEFORE).exists())
    report.findings = sorted(set(report.findings))
    return report


class _Leaves:
    """The tree, as far as it can be followed, and its roots at the sizes that matter."""

    def __init__(self, before: Range, sizes: Iterable[int]) -> None:
        self._range = before
        self._sizes = sorted(set(sizes))
        self.roots: dict[int, bytes] = {}
        self.broken = False
        self._note()

    @property
    def size(self) -> int:
        """The leaves so far."""
        return self._range.size

    def add(self, leaves: bytes) -> None:
        """32 bytes each."""
        start, end = self.size, self.size + len(leaves) // 32
        stops = [size for size in self._sizes[bisect_right(self._sizes, start) :] if size <= end]
        for begin, stop in pairwise([start, *stops, end]):
            add = self._range.add
            for at in range((begin - start) * 32, (stop - start) * 32, 32):
                add(leaves[at : at + 32])
            self._note()

    def _note(self) -> None:
        self.roots[self.size] = self._range.root()


def _scanned(folder: Path, firsts: Sequence[int]) -> Iterator[Scanned]:
    """Every file, in order; several at once where there are many."""
    paths = [frames.segment(folder, first) for first in firsts]
    workers = min(os.cpu_count() or 1, len(paths) // _FEW)
    if workers < 2:
        yield from map(scan, paths, firsts)
        return
    alone = threading.active_count() == 1  # a copy of several threads may never end
    context = multiprocessing.get_context("fork" if alone else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(scan, paths, firsts)


def _take(scanned: Scanned, leaves: _Leaves, report: Report) -> None:
    if scanned.first > report.next:
        report.findings.append(missing(report.next, scanned.first))
        leaves.broken = True
    if scanned.times and report.times and scanned.times[0] < report.times[1]:
        detail = f"{scanned.times[0]} comes after {report.times[1]}."
        report.findings.append(Finding(scanned.first, scanned.first, Wrong.TIME_GOES_BACK, detail))
    if not leaves.broken:
        leaves.add(scanned.leaves)
        leaves.broken = not scanned.whole
    report.findings += scanned.findings
    report.withheld += scanned.withheld
    report.next = max(report.next, scanned.next)
    if scanned.times:
        report.times = ((report.times or scanned.times)[0], scanned.times[1])


def _before(folder: Path, first: int) -> Range:
    """The tree over what comes before the first record."""
    path = folder / frames.BEFORE
    roots = path.read_text("ascii").split() if path.exists() else []
    return Range(first, [unbase64(root) for root in roots])


def _signed(
    folder: Path,
    firsts: Iterable[int],
    keys: Sequence[Verifier],
    seen: Iterable[Note],
    report: Report,
) -> list[_Signed]:
    """Every checkpoint that the log's key signed, smallest first; the others are findings."""
    found = []
    kept = ((note, True) for first in firsts for note in _kept(folder, first, report))
    for note, here in (*kept, *((note, False) for note in seen)):
        try:
            head = Checkpoint.parse(note.text)
            signers = signed_by(note, keys)
        except GiveUp as error:
            report.findings.append(Finding(0, 0, Wrong.BAD_SIGNATURE, error.detail))
            continue
        if head.origin not in {key.name for key in signers}:
            detail = f"The checkpoint over {head.size} is not signed by a key of this log."
            report.findings.append(Finding(head.size, head.size, Wrong.BAD_SIGNATURE, detail))
            continue
        found.append(_Signed(head, here))
        for key in signers:
            if key.name != head.origin:
                report.witnessed[key.name] = max(report.witnessed.get(key.name, 0), head.size)
    return sorted(found, key=lambda each: each.head.size)


def _kept(folder: Path, first: int, report: Report) -> list[Note]:
    try:
        return frames.checkpoints(folder, first)
    except GiveUp as error:
        report.findings.append(Finding(first, first, Wrong.BAD_SIGNATURE, error.detail))
        return []


def _judge(signed: Sequence[_Signed], leaves: _Leaves, report: Report, export: bool) -> None:
    """Each checkpoint against the tree; of those that do not fit, the first says where. Those of
    the folder say nothing about a history that was shown to somebody else, and the other way."""
    good = {True: report.first, False: report.first}
    parted = {True: False, False: False}
    for each in signed:
        head = each.head
        root = leaves.roots.get(head.size)
        if head.size > report.next and not export:
            detail = f"{head.size} records were signed, {report.next} are there."
            report.findings.append(Finding(report.next, head.size - 1, Wrong.TRUNCATED, detail))
        elif root is None:
            if not each.kept:
                report.not_covered.append(head.size)
        elif root == head.root:
            good[each.kept] = head.size
            report.checkpoints += 1
            report.head = head
        elif not parted[each.kept]:
            parted[each.kept] = True
            report.findings.append(_parted(each, good[each.kept]))


def _parted(each: _Signed, good: int) -> Finding:
    last = each.head.size - 1
    if each.kept:
        detail = f"They are not those that were signed; up to record {good} they are."
        return Finding(good, last, Wrong.REWRITTEN, detail)
    detail = (
        f"The checkpoint over {each.head.size} that was kept elsewhere, signed by this log's key, "
        "is of another history."
    )
    return Finding(good, last, Wrong.FORKED, detail)
