"""What hosting needs of the other services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from watchfloor.contracts.protocol import AssetsParams, Emit, Emitted
from watchfloor.ingest import Origin
from watchfloor.ports.world import WaysOut

from .leases import Leases


class Ingest(Protocol):
    """Files what workers hand over."""

    async def accept(self, origin: Origin, emit: Emit, settles: Sequence[int] = ()) -> Emitted:
        """Answers when all of it is durable.

        Called again before earlier calls have answered. Calls of one origin must commit in the
        order in which they were made, and when one fails, those made after it and before its
        failure was seen must fail as well: else a later checkpoint would stand without the events
        before it. ``RetryLater`` and ``AskAPerson`` are tried again in the same order.
        """


class Assets(Protocol):
    """Keeps the asset register."""

    async def accept(self, origin: Origin, params: AssetsParams) -> int:
        """File an inventory; how many assets differ from before."""


class Gaps(Protocol):
    """Keeps the ledger of intervals without assured data."""

    async def watch(self, source: str, cadence_s: float, *, backfill: bool) -> None:
        """Expect news of a source from now on."""

    def forget(self, source: str) -> None:
        """Expect nothing more."""

    async def assured(self, source: str, until: str | None = None) -> None:
        """Nothing is missing up to a moment (RFC 3339), or up to now."""

    async def lost(self, source: str, reason: str) -> None:
        """Data is being missed."""


@dataclass(frozen=True, slots=True)
class Services:
    """Where hosting takes what workers say. Without ``ways_out`` they connect for themselves."""

    ingest: Ingest
    assets: Assets
    gaps: Gaps
    leases: Leases
    ways_out: WaysOut | None = None
