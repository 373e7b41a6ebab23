"""How the log lies in a folder, and how to read it.

    keys                         the log's verifier keys, one a line, the newest last
    records/000000000000.log     records; the file is named by the index of its first one
    records/000000000000.signed  checkpoints whose last record is in that file
    before                       in an export: the tree over the records before the first

A record is one line of three columns between tabs: its index, the hash of its leaf (Base 64), the
record (JSON). One that is withheld from an export has no third column; its hash still takes its
place in the tree. ``cut -f3`` gives JSON lines.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from watchfloor.contracts import AskAPerson

from .notes import Checkpoint, Note, Verifier, notes_in

RECORDS, KEYS, BEFORE = "records", "keys", "before"
LOG, SIGNED = ".log", ".signed"


@dataclass(frozen=True, slots=True)
class Frame:
    """A line. ``entry`` is ``None`` where it is withheld; ``length`` is without the newline."""

    index: int
    leaf: bytes
    entry: bytes | None
    offset: int
    length: int


def frame(index: int, entry: bytes) -> tuple[bytes, bytes]:
    """The line of a record, and its leaf's hash."""
    leaf = sha256(b"\0" + entry).digest()
    return b"%d\t%b\t%b\n" % (index, b2a_base64(leaf, newline=False), entry), leaf


def withheld(index: int, leaf: bytes) -> bytes:
    """The line of a record that is not handed out."""
    return b"%d\t%b\n" % (index, b2a_base64(leaf, newline=False))


def parse(line: bytes, offset: int = 0) -> Frame:
    """A line without its newline. Raises ``ValueError`` when it is none, or its hash does not fit
    its record."""
    number, leaf64, *columns = line.split(b"\t")
    leaf = a2b_base64(leaf64, strict_mode=True)
    entry = columns[0] if columns else None
    if len(columns) > 1 or (entry is not None and sha256(b"\0" + entry).digest() != leaf):
        raise ValueError("the record does not fit its hash")
    return Frame(int(number), leaf, entry, offset, len(line))


def frames(content: bytes, index: int, offset: int = 0) -> Iterator[Frame]:
    """Whole and unbroken lines, as long as they carry on from ``index``."""
    while (end := content.find(b"\n", offset)) >= 0:
        try:
            found = parse(content[offset:end], offset)
        except ValueError:
            return
        if found.index != index:
            return
        yield found
        index, offset = index + 1, end + 1


def segment(folder: Path, first: int, suffix: str = LOG) -> Path:
    """The file whose first record is ``first``, or its checkpoints."""
    return folder / RECORDS / f"{first:012}{suffix}"


def segments(folder: Path) -> list[int]:
    """The first records of the files of a log, in order."""
    found = (folder / RECORDS).glob(f"*{LOG}")
    return sorted(int(path.stem) for path in found if path.stem.isdecimal())


def holding(folder: Path, index: int) -> int:
    """The first record of the file in which a record stands."""
    return max((first for first in segments(folder) if first <= index), default=0)


def frames_from(folder: Path, index: int) -> Iterator[Frame]:
    """Every record from ``index`` on. Raises ``AskAPerson`` (``audit_diverged``) where one is
    missing or broken, and ``OSError``."""
    firsts = segments(folder)
    begin = max((n for n, first in enumerate(firsts) if first <= index), default=0)
    for number, first in enumerate(firsts[begin:], begin):
        following = first
        for found in frames(segment(folder, first).read_bytes(), first):
            following = found.index + 1
            if found.index >= index:
                yield found
        if number + 1 < len(firsts) and firsts[number + 1] != following:
            raise diverged(folder, following)


def checkpoints(folder: Path, first: int) -> list[Note]:
    """The checkpoints whose last record is in one file of the log. Raises ``GiveUp``."""
    path = segment(folder, first, SIGNED)
    return notes_in(path.read_bytes())[0] if path.exists() else []


def last_checkpoint(folder: Path) -> Note | None:
    """The newest, with the most signatures. Raises ``GiveUp`` (``bad_note``)."""
    for first in reversed(segments(folder)):
        if found := checkpoints(folder, first):
            return max(found, key=lambda n: (Checkpoint.parse(n.text).size, len(n.signatures)))
    return None


def keys(folder: Path) -> list[Verifier]:
    """The keys that came with the log, the newest last. Raises ``GiveUp`` (``bad_key``)."""
    path = folder / KEYS
    lines = path.read_text("utf-8").split() if path.exists() else []
    return [Verifier.parse(line) for line in lines]


class Diverged(AskAPerson):
    """The log is not as it was written (``audit_diverged``), from record ``index`` on."""

    code = "audit_diverged"
    remedy = "Keep both copies as they are; watchfloor audit verify says what was changed."

    def __init__(self, index: int, detail: str, remedy: str | None = None) -> None:
        super().__init__(detail, remedy=remedy)
        self.index = index


def diverged(folder: Path, index: int) -> Diverged:
    """From which record on."""
    return Diverged(
        index, f"The audit log in {folder.name} is not as it was written, from record {index} on."
    )


def behind_the_end(folder: Path, index: int) -> Diverged:
    """Records stand there that came after a hub had ended."""
    return Diverged(
        index,
        f"The audit log in {folder.name} is not as it was written, from record {index} on: the hub"
        f" had ended with record {index - 1}. What stands behind it is not the hub's: end the hub,"
        " and cut it off (watchfloor audit cut).",
        remedy=f"Cut behind record {index - 1}: watchfloor audit cut keeps what it cuts off.",
    )
