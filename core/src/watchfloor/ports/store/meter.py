"""The meter: what questions cost, one row a paid one, and what may be spent on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .log import Micros


@dataclass(slots=True)
class Charge:
    """One paid question, written down before it is asked. ``cents`` are hundredths of ``currency``
    (ISO 4217), by the connector's declaration. ``outcome`` is how it ended; a question that was
    sent and ended badly may have been billed all the same, so it stays."""

    id: int
    at: Micros
    source: str
    offer: str
    request: str
    person: str
    purpose: str
    cents: int
    currency: str
    emergency: bool = False
    outcome: str | None = None


@dataclass(slots=True)
class Budget:
    """What a source may cost in a calendar month of the agency's: ``cents`` of ``currency``, so
    many questions (``lookups``: a contract's quota), or both. ``each_cents`` is what a question
    costs by the agency's contract; 0: what the connector declares, if it does."""

    source: str
    cents: int | None
    currency: str
    lookups: int | None
    each_cents: int
    changed: Micros
    changed_by: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What was counted: ``cents`` by currency, and questions."""

    cents: Mapping[str, int]
    lookups: int


class Meter(Protocol):
    """Charges and budgets."""

    async def charge(self, charge: Charge, since: Micros) -> bool:
        """Count a question against its source's budget, in one step: whether it fits into what was
        not spent since a moment. One of an emergency is counted whether or not it fits; one that
        does not fit is not counted."""

    async def settle(self, request: str, outcome: str) -> None:
        """How a question ended."""

    async def withdraw(self, request: str) -> None:
        """A question was not asked after all: it counts for nothing."""

    async def charges(
        self, since: Micros, limit: int, source: str | None = None
    ) -> Sequence[Charge]:
        """The newest first."""

    async def spent(self, since: Micros) -> Mapping[str, Spent]:
        """By source."""

    async def budgets(self) -> Sequence[Budget]: ...

    async def set_budget(self, budget: Budget) -> None: ...

    async def remove_budget(self, source: str) -> None: ...
