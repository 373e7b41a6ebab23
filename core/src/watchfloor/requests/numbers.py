"""Whether a call or a case exists: asked of what the connected CAD and RMS have told the hub.

A number is found as it is written, in capitals, and without dashes and blanks; from then on it is
written as its system does. On a hub with real sources, numbers of training sources count for
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from watchfloor.contracts import (
    BY_NAME,
    Offence,
    Refused,
    headline_of,
    micros,
    normal,
    nowhere,
)
from watchfloor.policy import Sight, redact_event
from watchfloor.ports.store import (
    EventFilter,
    KeyPattern,
    Micros,
    RecordedEvent,
    Scope,
    Store,
    training,
)

from .offences import known

_CALL, _REPORT = BY_NAME["call"].type, BY_NAME["report"].type
_OVER = ("Closed", "Cancelled")


@dataclass(frozen=True, slots=True)
class Match:
    """A call or a case that a connected system knows. ``last``: when a call was closed, or when its
    system last spoke of it. ``came_of``: the call that a case came of."""

    number: str
    source: str
    last: Micros
    closed: bool
    offence: Offence | None = None
    event: RecordedEvent | None = None
    """What tells of a call."""
    came_of: str | None = None

    def headline(self, sight: Sight) -> str:
        """Of a call, in words, as far as somebody sees it; empty where they do not."""
        if self.event is None or not sight.scope.shows(self.event):
            return ""
        seen = redact_event(msgspec.json.decode(self.event.body), sight.redacts)
        return headline_of(BY_NAME["call"], seen["data"], nowhere)


class Numbers:
    """Looks numbers up."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def call(self, number: str) -> Match | None:
        """A call for service. Raises ``Refused`` (code ``bad_reference``)."""
        event = await self._newest("call", _CALL, number)
        return _call(event) if event else None

    async def case(self, number: str) -> Match | None:
        """A case, by its report. Raises ``Refused`` (code ``bad_reference``)."""
        event = await self._newest("report", _REPORT, number)
        return _case(event) if event else None

    async def _newest(self, key: str, type_: str, number: str) -> RecordedEvent | None:
        where = EventFilter(
            keys=[KeyPattern(key, each) for each in _spellings(number)],
            types=(type_,),
            scope=Scope(without_sources=training(await self._store.instances.all())),
        )
        found = await self._store.index.find(where, 1)
        return found[0] if found else None


def _spellings(number: str) -> list[str]:
    written = number.strip()
    if not written or any(letter in "?*" for letter in written):
        raise Refused(
            "This is no number of a call or a case.",
            code="bad_reference",
            remedy="Write the whole number, as the dispatch or records system has it.",
        )
    return list(dict.fromkeys((written, written.upper(), normal.normal_number(written))))


def _data(event: RecordedEvent) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(event.body)["data"]
    return data


def _call(event: RecordedEvent) -> Match:
    data = _data(event)
    closed = data["status"] in _OVER
    last = micros(data["closed"]) if closed and data.get("closed") else event.time
    return Match(data["call_number"], event.source, last, closed, event=event)


def _case(event: RecordedEvent) -> Match:
    data = _data(event)
    closed = data["status"] == "closed"
    return Match(
        data["report_number"], event.source, event.time, closed, _offence(data["offence"]),
        came_of=data.get("call_number"),
    )  # fmt: skip


def _offence(coded: dict[str, Any]) -> Offence | None:
    """The report's own NIBRS code, where its system has one: with another, the request that takes
    it over could not be edited any more."""
    try:
        return known(msgspec.convert({"code": coded["common"]}, Offence))
    except (KeyError, msgspec.ValidationError, Refused):
        return None
