"""What one file of the log says for itself: its leaves, and which lines are not as they must be."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from watchfloor.contracts import GiveUp

from .record import time_of

_BUFFER = 1024 * 1024
_LEAF64 = 44
"""Characters of a hash in Base 64."""
_END = ord("\n")


class Wrong(StrEnum):
    """What can be wrong with a log."""

    EDITED = "edited"
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"
    NOT_A_RECORD = "not_a_record"
    TIME_GOES_BACK = "time_goes_back"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    FORKED = "forked"
    BAD_SIGNATURE = "bad_signature"
    WITHHELD = "withheld"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, from which record to which."""

    first: int
    last: int
    wrong: Wrong
    detail: str


@dataclass
class Scanned:
    """One file. ``leaves`` are 32 bytes each, from ``first`` on, up to the first that is missing:
    what comes after a hole has no place in the tree."""

    first: int
    leaves: bytes = b""
    next: int = 0
    """The index after its last record."""
    times: tuple[str, str] | None = None
    """Of its first and its last record."""
    withheld: list[tuple[int, int]] = field(default_factory=list)
    """Of which records the hash alone is there: runs of them, first and last."""
    told: int = 0
    """The index after the last record that is there in full; 0 where none is."""
    rest: bytes = b""
    """What stands behind the last newline."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether it has all its leaves."""
        return len(self.leaves) == 32 * (self.next - self.first)


@dataclass
class _Line:
    index: int
    leaf: bytes
    at: str | None
    wrong: Wrong | None = None


def scan(path: Path, first: int) -> Scanned:
    """Every line of a file."""
    with suppress(ValueError, GiveUp):
        return _spotless(path, first)
    *content, rest = path.read_bytes().split(b"\n")
    lines = [_line(line, n) for n, line in enumerate(content, first)]
    found = Scanned(first, next=first, rest=rest)
    found.findings += [
        Finding(line.index, line.index, line.wrong, _DETAILS[line.wrong])
        for line in lines
        if line.wrong
    ]
    found.findings += _times_going_back(lines)
    if any(line.index != n for n, line in enumerate(lines, first)):
        lines = _in_order(lines, found)
    found.withheld = runs(line.index for line in lines if line.at is None and not line.wrong)
    found.told = max((line.index + 1 for line in lines if line.at is not None), default=0)
    found.leaves = b"".join(line.leaf for line in _unbroken(lines, first))
    found.next = lines[-1].index + 1 if lines else first
    times = [line.at for line in lines if line.at is not None]
    found.times = (times[0], times[-1]) if times else None
    return found


def _spotless(path: Path, first: int) -> Scanned:
    """The usual case, told fast: line by line, for a file as a whole is more memory to come by than
    work to check. Raises ``ValueError`` or ``GiveUp`` for anything else."""
    leaves, since, last = [], None, ""
    with path.open("rb", _BUFFER) as lines:
        for index, line in enumerate(lines, first):
            number = b"%d\t" % index
            begin = len(number) + _LEAF64 + 1
            entry = line[begin:-1]
            leaf = sha256(b"\0" + entry).digest()
            at = time_of(entry)
            fits = line[:begin] == b"%b%b\t" % (number, b2a_base64(leaf, newline=False))
            if at < last or not fits or line[-1] != _END:
                raise ValueError("something is wrong, withheld, or not whole yet")
            leaves.append(leaf)
            since, last = since or at, at
    times = (since, last) if since else None
    end = first + len(leaves)
    return Scanned(first, b"".join(leaves), end, times, told=end if leaves else 0)


_DETAILS = {
    Wrong.EDITED: "The record does not fit the hash that was written beside it.",
    Wrong.NOT_A_RECORD: "The line is no record of an audit log.",
}


def _line(line: bytes, expected: int) -> _Line:
    """``expected`` is the index of a line that does not even say its own."""
    number, _, rest = line.partition(b"\t")
    leaf64, tab, entry = rest.partition(b"\t")
    index = int(number) if number.isdigit() else expected
    leaf = sha256(b"\0" + entry).digest()
    try:
        at = time_of(entry) if tab else None
    except GiveUp:
        at = ""
    if tab and at and b2a_base64(leaf, newline=False) == leaf64:
        return _Line(index, leaf, at)
    try:
        leaf = a2b_base64(leaf64, strict_mode=True)
    except ValueError:
        leaf = b""
    if len(leaf) != 32 or not number.isdigit():
        return _Line(index, bytes(32), None, Wrong.NOT_A_RECORD)
    if not tab:
        return _Line(index, leaf, None)
    return _Line(
        index, leaf, at or None, Wrong.EDITED if _edited(entry, leaf) else Wrong.NOT_A_RECORD
    )


def _edited(entry: bytes, leaf: bytes) -> bool:
    return sha256(b"\0" + entry).digest() != leaf


def _times_going_back(lines: Sequence[_Line]) -> Iterator[Finding]:
    timed = [(line.at, line.index) for line in lines if line.at is not None]
    for (before, _), (at, index) in pairwise(timed):
        if at < before:
            yield Finding(index, index, Wrong.TIME_GOES_BACK, f"{at} comes after {before}.")


def _in_order(lines: Sequence[_Line], found: Scanned) -> list[_Line]:
    """The lines by their own numbers; what is out of order or twice there, and what is missing."""
    highest = found.first - 1
    known: dict[int, _Line] = {}
    for line in lines:
        if line.index <= highest:
            detail = "It is there twice." if line.index in known else "It stands after a later one."
            found.findings.append(Finding(line.index, line.index, Wrong.OUT_OF_ORDER, detail))
        known.setdefault(line.index, line)
        highest = max(highest, line.index)
    indexes = sorted(index for index in known if index >= found.first)
    for before, index in pairwise([found.first - 1, *indexes]):
        if index > before + 1:
            found.findings.append(missing(before + 1, index))
    return [known[index] for index in indexes]


def runs(indexes: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbours together: first and last of each run."""
    found: list[tuple[int, int]] = []
    for index in indexes:
        if found and index == found[-1][1] + 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found


def torn(rest: bytes, index: int) -> bool:
    """Whether what stands behind the last newline can be a record that was half written when the
    machine stopped: the beginning of that record's line, or a length without content yet."""
    begun, number = rest.rstrip(b"\0"), b"%d\t" % index
    return begun.startswith(number) or number.startswith(begun)


def missing(first: int, after: int) -> Finding:
    """Records that are not there."""
    return Finding(first, after - 1, Wrong.MISSING, f"{after - first} were taken out.")


def _unbroken(lines: Sequence[_Line], first: int) -> Iterator[_Line]:
    for expected, line in enumerate(lines, first):
        if line.index != expected:
            return
        yield line
