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
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from watchfloor.contracts import GiveUp, micros

from . import frames
from .notes import Checkpoint, Note, Verifier, signed_by, unbase64
from .record import time_of
from .scanning import Finding, Scanned, Wrong, missing, scan, torn
from .tree import Range
from .waiting import Pace

_FEW = 3
"""Files that are sooner read than a second process is started."""
_MOST = Pace.sign_every + Pace.batch
"""Records that a hub may have written since it signed: it looks after each batch."""
_LONGEST_S = 60.0
"""And for so long, with a slow disk."""


@dataclass
class Report:
    """What was looked at, and what was found. ``findings`` in the order of the records."""

    origin: str
    first: int
    next: int
    excerpt: bool = False
    """It says that it is a part of a log: what comes after its time may be there by hashes alone,
    and whether it encloses a time is told by its first and last record."""
    withheld: int = 0
    torn: int = 0
    """Bytes at the very end that are half a record: it is being written, or was when the machine
    stopped."""
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
            "excerpt": self.excerpt,
            "first": self.first,
            "next": self.next,
            "withheld": self.withheld,
            "torn": self.torn,
            "times": self.times,
            "checkpoints": self.checkpoints,
            "signed": self.head.size if self.head else None,
            "unsigned": self.unsigned,
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


def verify(
    folder: Path,
    known: Sequence[Verifier] = (),
    seen: Iterable[Note] = (),
    *,
    ended: bool = False,
) -> Report:
    """Check a log. ``known`` are the keys to believe, of the log and of witnesses; the log's own,
    when there are none. ``seen`` are checkpoints of it that were kept elsewhere; ``ended``: the hub
    had ended with the newest of them.

    Raises ``GiveUp`` (``not_a_log``, ``bad_key``) where there is nothing to check, or a file of it
    cannot be read."""
    try:
        return _verify(folder, known, seen, ended)
    except OSError as error:
        what = f"{error.filename or folder} cannot be read: {error.strerror}."
        raise GiveUp(what, code="not_a_log") from None
    except UnicodeDecodeError:
        raise GiveUp(
            f"The keys in {folder}, or what comes before it, are none.", code="not_a_log"
        ) from None


def _verify(folder: Path, known: Sequence[Verifier], seen: Iterable[Note], ended: bool) -> Report:
    firsts = frames.segments(folder)
    keys = list(known) or frames.keys(folder)
    if not firsts or not keys:
        raise GiveUp(f"There is no audit log with a key in {folder}.", code="not_a_log")
    before = _before(folder, firsts[0])
    export = (folder / frames.BEFORE).exists()
    report = Report(keys[0].name, firsts[0], firsts[0], own_key=not known, excerpt=export)
    signed = _signed(folder, firsts, keys, seen, report)
    leaves = _Leaves(before, [each.head.size for each in signed])
    scanned = [_take(each, leaves, report) for each in _scanned(folder, firsts)]
    signed += _signed_meanwhile(folder, firsts, keys, leaves, report)
    _judge(signed, leaves, report)
    _judge_end(folder, signed, report)
    if ended:
        _judge_behind(signed, report)
    _judge_withheld(scanned, report)
    _judge_rests(scanned, report)
    report.findings = sorted(set(report.findings))
    return report


class _Leaves:
    """The tree, as far as it can be followed, and its roots at the sizes that matter. Leaves after
    the last of these wait: the hub may sign them meanwhile."""

    def __init__(self, before: Range, sizes: Iterable[int]) -> None:
        self._range = before
        self._sizes = sorted(set(sizes))
        self._waiting = bytearray()
        self.roots = {before.size: before.root()}
        self.broken = False

    @property
    def followed(self) -> int:
        """The last size that mattered, and was reached."""
        return self._range.size

    def add(self, leaves: bytes) -> None:
        """32 bytes each."""
        self._waiting += leaves
        self._follow()

    def matter(self, sizes: Iterable[int]) -> None:
        """More sizes, all after those that were reached."""
        self._sizes = sorted({*self._sizes, *sizes})
        self._follow()

    def _follow(self) -> None:
        for size in self._sizes[bisect_right(self._sizes, self.followed) :]:
            length = 32 * (size - self.followed)
            if length > len(self._waiting):
                return
            leaves, add = bytes(self._waiting[:length]), self._range.add
            del self._waiting[:length]
            for at in range(0, length, 32):
                add(leaves[at : at + 32])
            self.roots[size] = self._range.root()


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


def _take(scanned: Scanned, leaves: _Leaves, report: Report) -> Scanned:
    """What of it is needed later: all but its leaves."""
    if scanned.first > report.next:
        report.findings.append(missing(report.next, scanned.first))
        leaves.broken = True
    elif scanned.first < report.next:
        detail = f"A file begins with it, and the one before goes on to record {report.next - 1}."
        again = Finding(scanned.first, report.next - 1, Wrong.OUT_OF_ORDER, detail)
        report.findings.append(again)
        leaves.broken = True
    if scanned.times and report.times and scanned.times[0] < report.times[1]:
        detail = f"{scanned.times[0]} comes after {report.times[1]}."
        report.findings.append(Finding(scanned.first, scanned.first, Wrong.TIME_GOES_BACK, detail))
    if not leaves.broken:
        leaves.add(scanned.leaves)
        leaves.broken = not scanned.whole
    report.findings += scanned.findings
    report.next = max(report.next, scanned.next)
    if scanned.times:
        report.times = ((report.times or scanned.times)[0], scanned.times[1])
    return replace(scanned, leaves=b"")


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


def _signed_meanwhile(
    folder: Path, firsts: Sequence[int], keys: Sequence[Verifier], leaves: _Leaves, report: Report
) -> list[_Signed]:
    """A hub that runs has signed, while the records were read, what was new of them."""
    if report.excerpt or leaves.broken or leaves.followed == report.next:
        return []
    found = [
        each
        for each in _signed(folder, firsts[-1:], keys, (), report)
        if leaves.followed < each.head.size <= report.next
    ]
    leaves.matter(each.head.size for each in found)
    return found


def _kept(folder: Path, first: int, report: Report) -> list[Note]:
    try:
        return frames.checkpoints(folder, first)
    except GiveUp as error:
        report.findings.append(Finding(first, first, Wrong.BAD_SIGNATURE, error.detail))
        return []


def _judge(signed: Sequence[_Signed], leaves: _Leaves, report: Report) -> None:
    """Each checkpoint against the tree; of those that do not fit, the first says where. Those of
    the folder say nothing about a history that was shown to somebody else, and the other way."""
    good = {True: report.first, False: report.first}
    parted = {True: False, False: False}
    for each in signed:
        head = each.head
        root = leaves.roots.get(head.size)
        if head.size > report.next and not report.excerpt:
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


def _judge_end(folder: Path, signed: Sequence[_Signed], report: Report) -> None:
    """What no checkpoint covers could be anybody's. At the end of a log there are such records, for
    as long as a hub takes to sign them; in an excerpt there are none."""
    sizes = [each.head.size for each in signed if report.first < each.head.size <= report.next]
    first = max(sizes, default=report.first)
    count = report.next - first
    if not sizes:
        detail = "No checkpoint covers anything of it: whoever could write the files wrote it."
    elif count > 0 and report.excerpt:
        detail = "No checkpoint covers them, and an excerpt ends where a checkpoint does."
    elif count > _MOST or (count > 0 and _span_s(folder, first, report) > _LONGEST_S):
        detail = (
            f"No checkpoint covers the last {count}. A hub signs every {Pace.sign_every} records "
            f"and every {Pace.sign_s:.0f} seconds: it was kept from it, or did not write them."
        )
    else:
        return
    last = max(first, report.next - 1)
    report.findings.append(Finding(first, last, Wrong.UNSIGNED, detail))


def _judge_behind(signed: Sequence[_Signed], report: Report) -> None:
    """The hub had ended with the newest that was kept: nothing comes after it."""
    end = max((each.head.size for each in signed if not each.kept), default=report.next)
    if end < report.next:
        detail = f"The hub had ended with record {end - 1}, and did not write what stands behind."
        report.findings.append(Finding(end, report.next - 1, Wrong.UNSIGNED, detail))


def _span_s(folder: Path, first: int, report: Report) -> float:
    """Seconds from the first record that is not covered to the last record."""
    begins = next((at for at in _times_from(folder, first)), None)
    if begins is None or report.times is None:
        return 0.0
    return (micros(report.times[1]) - micros(begins)) / 1e6


def _times_from(folder: Path, index: int) -> Iterator[str]:
    """Of the records of that file from ``index`` on, as far as they can be read."""
    found = frames.segment(folder, frames.holding(folder, index)).read_bytes()
    for line in found.split(b"\n")[:-1]:
        number, _, rest = line.partition(b"\t")
        if number.isdigit() and int(number) >= index:
            with suppress(GiveUp):
                yield time_of(rest.partition(b"\t")[2])


def _judge_withheld(scanned: Sequence[Scanned], report: Report) -> None:
    """A hash instead of a record hides it. Only behind the time of an excerpt that is what was
    meant, and there no record follows in full."""
    told = max(each.told for each in scanned)
    for first, last in (run for each in scanned for run in each.withheld):
        report.withheld += last - first + 1
        if report.excerpt and last >= told:
            continue
        which = "The record was taken out" if first == last else "The records were taken out"
        detail = f"{which}; only the hash was left in the place."
        report.findings.append(Finding(first, last, Wrong.WITHHELD, detail))


def _judge_rests(scanned: Sequence[Scanned], report: Report) -> None:
    """Half a record is an honest end of a log, and of nothing else."""
    for each in scanned:
        last = each is scanned[-1] and not report.excerpt
        if last and torn(each.rest, each.next):
            report.torn = len(each.rest)
        elif each.rest:
            detail = f"{len(each.rest)} bytes stand there that are no record."
            report.findings.append(Finding(each.next, each.next, Wrong.NOT_A_RECORD, detail))
