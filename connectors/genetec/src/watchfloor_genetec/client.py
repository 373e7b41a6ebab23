"""The Web SDK: entities, reports, alarms and custom events.

Everything is asked by addresses: reports by ``q=Filter@Value,...``, entities by
``q=entity={guid},Property,...`` (documented, in part reported).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from watchfloor_sdk import Limit, Pace, RetryLater
from watchfloor_sdk.auth import Basic

from .envelope import TooManyResults, result
from .settings import Settings
from .wire import Entity

if TYPE_CHECKING:
    from watchfloor_sdk import Context

PAGE_SIZE = 100
DETAILS_AT_ONCE = 20
"""Entities whose names are asked for in one address."""
SHORTEST = timedelta(seconds=1)
"""A window that is not halved any more."""
MOST_PAGES = 1000
LIMIT = Limit(10, per_s=1)
"""The role's limits are not public; this is ours."""
_SAFE = "=@,(){}"
_HEADERS = {"accept": "text/json"}


class Client:
    """One per worker. User and application's id go along with every call."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._http = ctx.http.vendor(auth=Basic(ctx, "user"), pace=Pace(LIMIT))

    async def entities(self, kind: str) -> list[Entity]:
        """All entities of a type, with their names."""
        guids: dict[str, None] = {}
        for page in range(1, MOST_PAGES):
            query = f"EntityTypes@{kind},Page={page},PageSize={PAGE_SIZE}"
            rows = await self._report("EntityConfiguration", query)
            fresh = [guid for guid in map(_guid, rows) if guid not in guids]
            guids.update(dict.fromkeys(fresh))
            if not fresh:  # the report says no total: the page after the last is empty
                return await self.named(list(guids))
        raise RetryLater("Security Center's pages do not end.", code="stuck_cursor")

    async def named(self, guids: Sequence[str]) -> list[Entity]:
        """Entities with their names; those that Security Center does not know are left out."""
        found: list[Entity] = []
        for start in range(0, len(guids), DETAILS_AT_ONCE):
            wanted = guids[start : start + DETAILS_AT_ONCE]
            query = ",".join(f"entity={guid},Guid,Name,EntityType" for guid in wanted)
            rows = await self._asked(f"/entity?q={quote(query, safe=_SAFE)}")
            found += _converted(rows if isinstance(rows, list) else [rows])
        return found

    async def hits(self, start: datetime, end: datetime) -> AsyncIterator[Sequence[Any]]:
        """Rows of the report ``LprHit`` between two times; in halves where there are too many."""
        query = f"TimeRange.SetTimeRange({_time(start)},{_time(end)})"
        try:
            rows = await self._report("LprHit", query)
        except TooManyResults:
            if end - start <= SHORTEST:
                raise
            middle = start + (end - start) / 2
            for first, last in ((start, middle), (middle, end)):
                async for part in self.hits(first, last):
                    yield part
        else:
            yield rows

    async def trigger_alarm(self, alarm: str, source: str) -> None:
        """Trigger an alarm: a GET that does something, so it goes out once."""
        query = quote(f"TriggerAlarm({alarm},{source})", safe=_SAFE)
        result(await self._http.get(f"/alarm?q={query}", headers=_HEADERS, tries=1))

    async def raise_custom_event(self, event: int, entity: str, message: str) -> None:
        """Raise a custom event; whatever Security Center is told to do at it follows."""
        parts = "/".join(quote(part, safe="") for part in (str(event), entity, message))
        answer = await self._http.post(f"/events/RaiseCustomEvent/{parts}", headers=_HEADERS)
        result(answer)

    async def _report(self, name: str, query: str) -> list[Any]:
        rows = await self._asked(f"/report/{name}?q={quote(query, safe=_SAFE)}")
        return rows if isinstance(rows, list) else []

    async def _asked(self, path: str) -> Any:
        return result(await self._http.get(path, headers=_HEADERS))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _guid(row: Any) -> str:
    return _converted([row])[0].guid


def _converted(rows: list[Any]) -> list[Entity]:
    try:
        return msgspec.convert(rows, list[Entity])
    except msgspec.ValidationError:
        raise RetryLater(
            "Security Center's entities are not as reported.", code="unreadable_answer"
        ) from None
