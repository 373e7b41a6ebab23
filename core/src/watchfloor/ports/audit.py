"""Ports of the audit log: where records are written, and what is kept beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, order=True)
class End:
    """How far a copy of the log goes: its records, and where the next one is written."""

    count: int = 0
    segment: int = 0
    """The file that is being written, by the index of its first record."""
    length: int = 0
    """Bytes in it."""


class Sink(Protocol):
    """One copy of the log: append-only files. Methods block; the log calls them in a thread.

    Files are named by the index of their first record; the log says when a new one begins, so that
    copies are the same byte by byte."""

    folder: Path

    def open(self) -> End:
        """Take the folder and cut a torn end. May be called again after a failure. Raises
        ``OSError``, and ``AskAPerson`` (``audit_diverged``, ``audit_in_use``)."""

    def append(self, segment: int, frames: bytes) -> None:
        """Durable when it returns. Raises ``OSError``."""

    def sign(self, segment: int, checkpoints: bytes) -> None:
        """Keep checkpoints whose last record is in that file, durably. Raises ``OSError``."""

    def publish(self, key: str) -> None:
        """Keep a verifier key of the log among those that it had. Raises ``OSError``."""

    def close(self) -> None: ...


class Hashes(Protocol):
    """Hashes of 32 bytes, in the order in which they were appended."""

    def __len__(self) -> int: ...

    def read(self, place: int) -> bytes: ...

    def append(self, hashes: bytes) -> None: ...

    def cut(self, length: int) -> None: ...

    def sync(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Where:
    """What to look for; everything, where nothing is said. Times are RFC 3339, ``until`` is
    excluded; ``subject`` is a keyed hash. An index is asked with times as the log writes them."""

    operator: str | None = None
    event: str | None = None
    outcome: str | None = None
    purpose: str | None = None
    case: str | None = None
    request: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Indexed:
    """Where a record lies, and what it can be found by."""

    index: int
    at: str
    segment: int
    """Index of the first record of its file."""
    offset: int
    length: int
    keys: tuple[str | None, ...]
    """Operator, event, outcome, purpose, case, request, subject."""


class AuditIndex(Protocol):
    """Finds records. Made from the log and, when it is gone, made again. Methods block."""

    def open(self) -> None: ...

    def end(self) -> tuple[int, int, int]:
        """The next record to be added: its index, and the segment and offset where it begins."""

    def add(self, rows: Sequence[Indexed]) -> None: ...

    def find(self, where: Where, before: int | None, limit: int) -> Sequence[Indexed]:
        """Newest first, of those before the index ``before``."""

    def clear(self) -> None:
        """Forget all: it is to be made again."""

    def close(self) -> None: ...


class WitnessHeads(Protocol):
    """The last checkpoint that was cosigned for each log. Methods block."""

    def read(self, origin: str) -> bytes | None: ...

    def write(self, origin: str, checkpoint: bytes) -> None:
        """Durable when it returns. Raises ``OSError``."""
