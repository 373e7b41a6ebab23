"""Deeds: what was done outside, each at most once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .log import Micros


@dataclass(slots=True)
class Deed:
    """An action as it was asked for, and what became of it. ``id`` is its idempotency key.

    ``outcome`` is ``done``, ``refused`` or ``failed``, and ``None`` while it is under way.
    ``person`` is the id of whoever asked, whose handle may be another's one day; empty where nobody
    knows it.
    """

    id: str
    source: str
    action: str
    parameters: dict[str, Any]
    requested_by: str
    asked: Micros
    outcome: str | None = None
    done: Micros | None = None
    reference: str | None = None
    detail: str | None = None
    person: str = ""


class Deeds(Protocol):
    """What was asked for and what became of it."""

    async def begin(self, deed: Deed) -> Deed | None:
        """Note that it is under way, durably. Answers the one known under its key instead, when
        there is one: then nothing is to be done."""

    async def settle(self, deed: Deed) -> None:
        """Note what became of it."""

    async def forget(self, id: str) -> None:
        """Nothing was done: the key is free again."""

    async def get(self, id: str) -> Deed:
        """Raises ``NotFound``."""

    async def under_way(self) -> Sequence[Deed]:
        """Those whose outcome is not known: at a start, those that a crash cut off."""

    async def recent(
        self, limit: int, sources: Collection[str] | None = None, person: str | None = None
    ) -> Sequence[Deed]:
        """Newest first; of these sources alone, and of what one person (an id) asked for."""
