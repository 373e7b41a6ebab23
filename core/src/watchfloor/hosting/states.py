"""How an instance fares, and the limits that workers are held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from watchfloor.ports.store import Micros

StateName = Literal[
    "starting", "running", "degraded", "backing_off", "crash_loop", "needs_attention", "stopped"
]


@dataclass(frozen=True, slots=True)
class State:
    """One instance now. ``since`` is when it came into this state; ``reason`` and ``remedy`` are
    for people, ``code`` is stable. Measurements are of the last look."""

    source: str
    state: StateName
    since: Micros
    code: str = ""
    reason: str = ""
    remedy: str = ""
    pid: int | None = None
    memory_mb: float | None = None
    lag_s: float | None = None
    skew_s: float | None = None
    """By how much the vendor's clock is ahead, where that is more than it may be wrong."""
    confinement: Sequence[str] = ()
    """What its worker is held to, in words of ``docs/operations.md``."""
    crashes: int = 0
    """Within the crash window."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may take, and how long the hub waits for it. Times in seconds."""

    handshake_s: float = 30.0
    heartbeat_s: float = 15.0
    stop_s: float = 10.0
    webhook_s: float = 60.0
    request_s: float = 60.0
    """For ``check`` and ``fetch_media``."""
    credit_events: int = 20_000
    credit_bytes: int = 32 * 1024 * 1024
    oldest_s: float = 5.0
    """No new credit while the oldest batch that is not yet durable is older than this."""
    messages_per_look: int = 2_000
    """Lines other than batches (heartbeats, log lines, requests) between two looks."""
    log_lines_per_look: int = 50
    """More are dropped, and their number is told."""
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    crash_window_s: float = 300.0
    crash_loop_after: int = 5
    crash_loop_wait_s: float = 60.0
    attention_wait_s: float = 60.0
    look_s: float = 1.0
    """Between two looks at heartbeat and memory."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a worker's run ended. ``orderly``: it was asked to. ``attention``: it takes a person.
    ``words``: what the worker said last, which is for who operates it alone."""

    code: str
    reason: str
    remedy: str = ""
    orderly: bool = False
    attention: bool = False
    words: str = ""

    @property
    def in_full(self) -> str:
        """Why, and what the worker said last."""
        return f"{self.reason} Its last words: {self.words}" if self.words else self.reason


class SessionOver(Exception):
    """Raised inside a session to end it."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.reason)
        self.ended = ended
