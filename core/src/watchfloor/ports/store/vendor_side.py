"""What vendors say of their own side, kept: their logs of searches, and how they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .log import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLook:
    """A row of a vendor's log. ``key`` is the keyed hash of whom or what was searched, ``record``
    the hub's own record of the question; ``says`` are the names of the fields that the row has,
    and ``sealed`` holds the row whole, as an audit record holds what is about persons."""

    id: str
    source: str
    at: Micros
    pulled: Micros
    user: str | None
    organisation: str | None
    case_number: str | None
    record: str | None
    key: str | None
    says: Sequence[str]
    sealed: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLog:
    """How a source's log stands: whole up to ``until``, compared up to ``compared``, asked for at
    ``tried``, read and compared to the end for the last time at ``visited`` (0: never), ``rows``
    kept in all. ``fields`` are the most it ever had; ``problem`` is the code of
    what kept it from being read, and ``detail`` says it in words. ``id`` is the source."""

    id: str
    until: Micros
    compared: Micros
    tried: Micros
    rows: int
    fields: Sequence[str]
    problem: str | None = None
    detail: str = ""
    visited: Micros = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingState:
    """One setting at a vendor: as ``found`` since ``since`` (none: it is not shown any more), and
    as two people ``approved`` it (none: nobody has)."""

    id: str
    source: str
    name: str
    title: str
    found: str | None
    since: Micros
    looked: Micros
    approved: str | None = None
    approved_at: Micros | None = None
    approved_by: str | None = None


class VendorSide(Protocol):
    """All of it."""

    async def keep(self, looks: Sequence[KeptLook], log: KeptLog) -> int:
        """Rows that are new, and how the log stands with them, in one step; how many were new.
        ``log.rows`` is counted by the store."""

    async def looks(self, source: str, since: Micros, until: Micros) -> Sequence[KeptLook]:
        """Rows of ``since`` ≤ t < ``until``, oldest first."""

    async def logs(self) -> Sequence[KeptLog]:
        """How each source's log stands."""

    async def sharing(self, source: str | None = None) -> Sequence[SharingState]:
        """Settings, of one source or of all, by name."""

    async def change_sharing(
        self, source: str, change: Callable[[Sequence[SharingState]], Sequence[SharingState]]
    ) -> Sequence[SharingState]:
        """Put what ``change`` makes of a source's settings over those of the same ids, in one step;
        what it made. ``change`` may be called more than once and has no effect of its own; what it
        raises is raised."""
