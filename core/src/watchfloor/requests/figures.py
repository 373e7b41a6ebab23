"""What requests came to, in numbers: what a centre shows for its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from watchfloor.contracts import on_clocks
from watchfloor.ports.store import Counted, Micros, PastOutcome, RequestBook


class Figures(Struct, kw_only=True):
    """Requests that were opened in an interval. ``outcomes``: ``found``, ``not_found``,
    ``not_used``, ``cancelled`` and ``open``; a request that is answered without an outcome (an
    import may have none) is ``unknown``. The other tables have the same counts by purpose, agency,
    channel and month (in the agency's own time); what was not said is ``unknown``. ``imported``:
    how many of all are from before this hub."""

    total: int
    imported: int
    outcomes: dict[str, int]
    purposes: dict[str, dict[str, int]]
    agencies: dict[str, dict[str, int]]
    channels: dict[str, dict[str, int]]
    months: dict[str, dict[str, int]]


class Outcomes:
    """What came of requests, here and before."""

    def __init__(self, book: RequestBook, zone: ZoneInfo) -> None:
        self._book = book
        self._zone = zone

    async def figures(self, since: Micros, until: Micros) -> Figures:
        """What was asked in ``since`` ≤ t < ``until``, and what came of it."""
        return figures_of(await self._book.counted(since, until), self._zone)

    async def put_past(self, name: str, outcomes: Sequence[PastOutcome]) -> None:
        """Outcomes of the time before this hub, in the place of those imported by that name."""
        await self._book.put_past(name, outcomes)


def figures_of(counted: Sequence[Counted], zone: ZoneInfo) -> Figures:
    """Count them."""

    def month(each: Counted) -> str:
        return on_clocks(each.opened, zone).isoformat()[: len("2026-05")]

    return Figures(
        total=len(counted),
        imported=sum(each.past for each in counted),
        outcomes=_outcomes(counted),
        purposes=_by(counted, lambda each: each.purpose),
        agencies=_by(counted, lambda each: each.agency),
        channels=_by(counted, lambda each: each.channel),
        months=_by(counted, month),
    )


def _by(
    counted: Sequence[Counted], what: Callable[[Counted], str | None]
) -> dict[str, dict[str, int]]:
    groups: dict[str, list[Counted]] = {}
    for each in counted:
        groups.setdefault(what(each) or "unknown", []).append(each)
    return {name: _outcomes(groups[name]) for name in sorted(groups)}


def _outcomes(counted: Sequence[Counted]) -> dict[str, int]:
    return dict(sorted(Counter(_outcome(each) for each in counted).items()))


def _outcome(each: Counted) -> str:
    return (each.outcome or "unknown") if each.state == "done" else each.state
