"""The ``Bus`` port: tells consumers what the log has recorded. It carries, it does not decide:
the log is the truth, and a consumer that misses a message reads it from the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from .store import RecordedEvent, Seq


class Bus(Protocol):
    """From the log's one writer to its many followers."""

    async def publish(self, recorded: Sequence[RecordedEvent]) -> None:
        """Tell followers of what one commit recorded. Never waits for a slow one."""

    def follow(self, after: Seq, limit: int = 1000) -> AsyncIterator[Sequence[RecordedEvent]]:
        """Everything after a position, in order and without holes, then live as it comes. A
        follower that falls behind is served from the log until it has caught up."""

    def behind(self, position: Seq) -> int:
        """How many events a position is behind the newest published."""
