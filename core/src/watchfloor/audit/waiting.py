"""What waits to be written, what comes of it, and how long anybody waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from watchfloor.contracts import GiveUp, RetryLater
from watchfloor.ports.store import Micros

from .record import Entry


@dataclass(frozen=True)
class Pace:
    """How the log goes about its work. Times in seconds."""

    write_s: float = 5.0
    """A copy that takes longer counts as down."""
    settle_s: float = 600.0
    """For opening the copies, and for bringing up one that was away."""
    retry_s: float = 1.0
    """While copies are down; twice as long after each try,"""
    retry_most_s: float = 10.0
    """up to this: opening the copies reads their last files."""
    diverged_s: float = 60.0
    """While the log is not as it was written: somebody has to look at it first."""
    sign_s: float = 10.0
    """No record waits longer for a checkpoint that covers it."""
    sign_every: int = 1000
    """Records."""
    batch: int = 1000
    """Records."""
    note_s: float = 0.2
    """What nobody waits for goes with the next record that somebody waits for; without one, after
    this."""
    notes: int = 10_000
    """What is kept at most of what nobody waits for."""
    segment: int = 64 * 1024 * 1024
    """Bytes after which a new file is begun."""


@dataclass(frozen=True)
class Receipt:
    """Where a record stands: its index, its leaf's hash, its id."""

    index: int
    leaf: bytes
    id: str


@dataclass(frozen=True)
class Health:
    """Whether records are taken, since when (microseconds), and why not."""

    healthy: bool
    since: Micros
    reason: str = ""
    down_since: Micros | None = None
    """While records are taken: when they were not for the last time, up to ``since``."""
    diverged: bool = False
    """It is not as it was written: nothing is added to it or signed until somebody has looked."""


@dataclass(eq=False)
class Waiting:
    """A record to be written; ``done`` where somebody waits for it."""

    entry: Entry
    said: Micros
    done: asyncio.Future[Receipt] | None = None
    noted: bool = False
    read: asyncio.Event | None = None
    """Set when it can be read, or cannot be written for now, where a reader waits for that."""

    def tell(self, outcome: Receipt | Exception) -> None:
        """Whoever waits gets the receipt, or hears why there is none."""
        self.let_read()
        if self.done is None or self.done.done():
            return
        if isinstance(outcome, Receipt):
            self.done.set_result(outcome)
        elif isinstance(outcome, RetryLater):
            self.done.set_exception(outcome)
        else:
            detail = "The audit record cannot be written down."
            self.done.set_exception(GiveUp(detail, code="bad_audit_record"))

    def let_read(self) -> None:
        """Readers wait for it no longer."""
        if self.read is not None:
            self.read.set()


def unavailable(diverged: bool = False) -> RetryLater:
    """Why nothing is recorded now."""
    if diverged:
        return RetryLater(
            "The audit log is not as it was written; nothing is looked up until somebody has looked"
            " at it.",
            retry_after=60,
            code="audit_unavailable",
            remedy="Agency IT: the page Audit says from which record on, and docs/audit.md what to"
            " do. Alerts go on.",
        )
    return RetryLater(
        "The audit log cannot be written; nothing is looked up while that lasts.",
        retry_after=1,
        code="audit_unavailable",
        remedy="Agency IT: check the disks of the audit log (watchfloor doctor). Alerts go on.",
    )
