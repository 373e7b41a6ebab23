"""What belongs to a case or a call: its requests, what was asked in them, the alerts and the leads.

Work that had no number when it was done is found by its request, which was tied to the case later;
work for the call that a case came of is the case's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from watchfloor.alerts import is_shown
from watchfloor.audit import (
    AuditEvent,
    AuditLog,
    Entry,
    Numbered,
    Outcome,
    Sealed,
    Sealer,
    Where,
    normal_form,
)
from watchfloor.contracts import NotFound, rfc3339
from watchfloor.contracts.normal import normal_number
from watchfloor.ports.store import (
    Alert,
    EventFilter,
    KeyPattern,
    Micros,
    Request,
    RequestFilter,
    Scope,
    Seq,
    Store,
)
from watchfloor.requests import Numbers

_PAGE = 1000
_ALERT_STATES = ("new", "acknowledged", "closed")
_SOMEBODY = ("plate", "phone", "address")
"""Kinds of subject that stand for somebody, and that events are filed under."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """``case`` is its number, or a call's, as its system writes it. ``requests``: their ids.
    ``alerts``: those about an event that answered one of them or was opened, about somebody who was
    searched for, and those that somebody acted on; with who did what. ``leads``: what was found and
    not used, or led to nothing. ``answers``: how many results a question had, by its record's id.
    """

    case: str
    requests: tuple[str, ...] = ()
    alerts: list[dict[str, Any]] = field(default_factory=list)
    leads: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cases:
    """Gathers what belongs to them."""

    store: Store
    audit: AuditLog
    sealer: Sealer

    async def file(self, number: str, now: Micros, scope: Scope) -> CaseFile:
        """What belongs to the case or the call of a number, however that is written. Of an alert
        that ``scope`` does not show, the words are withheld: that it was raised, and what became of
        it, is told. Raises ``Refused`` (code ``bad_reference``)."""
        written = _as_written(number, await _requests(self.store, [number], now))
        numbers = await self._numbers(written)
        requests = await _requests(self.store, numbers, now)
        file = CaseFile(numbers[0], tuple(sorted(each.id for each in requests)))
        records = await case_records(self.audit, file)
        done = [each.entry for each in records if each.entry.outcome is Outcome.DONE]
        alerts = [
            each if is_shown(each, scope) else _withheld(each, scope)
            for each in await self._alerts(requests, done)
        ]
        discarded = [each for each in alerts if each.verification == "wrong"]
        return replace(
            file,
            alerts=[_alert(each) for each in alerts],
            leads=[*map(_lead, filter(_came_to_nothing, requests)), *map(_discarded, discarded)],
            answers=await _answers(self.audit, records),
        )

    async def _numbers(self, number: str) -> Sequence[str]:
        """A case's, and that of the call that it came of; or a call's."""
        known = Numbers(self.store)
        if case := await known.case(number):
            return (case.number, case.came_of) if case.came_of else (case.number,)
        call = await known.call(number)
        return (call.number if call else number,)

    async def _alerts(self, requests: Iterable[Request], done: Sequence[Entry]) -> list[Alert]:
        somebody = await self._somebody(done)
        events = {f.event for each in requests for f in each.findings if f.event is not None}
        events |= {*_ids(done, "events", "media"), *await self._seen(somebody)}
        acted = {*_ids([each for each in done if each.event is AuditEvent.ALERT_ACTED], "alerts")}
        plates = {key.pattern for key in somebody if key.kind == "plate"}  # events go before alerts
        return sorted(
            [
                each
                async for each in _all_alerts(self.store)
                if each.id in acted
                or not events.isdisjoint(each.events)
                or not plates.isdisjoint(_WORD.findall(each.title))
            ],
            key=lambda each: each.id,
        )

    async def _somebody(self, done: Iterable[Entry]) -> list[KeyPattern]:
        """Who was asked about, where that can still be read."""
        sealed: dict[str, Sealed] = {
            each.subject.key: each.subject
            for each in done
            if each.subject and each.subject.kind in _SOMEBODY
        }
        found: list[KeyPattern] = []
        for each in sealed.values():
            with suppress(NotFound):
                value = normal_form(each.kind, await self.sealer.open(each))
                found.append(KeyPattern(each.kind, value))
        return [each for each in found if each.is_whole]

    async def _seen(self, somebody: Iterable[KeyPattern]) -> set[Seq]:
        """The events about them."""
        found: set[Seq] = set()
        for key in somebody:
            where: EventFilter | None = EventFilter(keys=[key])
            while where:
                page = await self.store.index.find(where, _PAGE)
                found |= {each.seq for each in page}
                last = page[-1] if len(page) == _PAGE else None
                where = replace(where, before=(last.time, last.seq)) if last else None
        return found


async def case_records(audit: AuditLog, file: CaseFile) -> list[Numbered]:
    """The log's records of a case, oldest first, each once."""
    wanted = [Where(case=file.case), *(Where(request=each) for each in file.requests)]
    found: dict[int, Numbered] = {}
    for where in wanted:
        found |= {each.index: each async for each in audit.each(where)}
    return [found[index] for index in sorted(found)]


async def _answers(audit: AuditLog, records: list[Numbered]) -> dict[str, int]:
    """How much was answered, which the log notes after the question."""
    if not records:
        return {}
    asked = {each.entry.id for each in records}
    given = Where(event=AuditEvent.ANSWER_GIVEN.value, since=records[0].entry.at)
    return {
        entry.object.id: entry.count
        async for entry in (each.entry async for each in audit.each(given))
        if entry.object and entry.object.id in asked and entry.count is not None
    }


async def _requests(store: Store, numbers: Collection[str], now: Micros) -> list[Request]:
    """Those for one of some numbers; the book finds by part of a number."""
    wanted = {normal_number(each) for each in numbers}
    found: dict[str, Request] = {}
    for number in numbers:
        before: str | None = None
        while True:
            page = await store.requests.list(
                RequestFilter(now, number=number, before=before), _PAGE
            )
            found |= {
                each.id: each
                for each in page
                if wanted & set(map(normal_number, _numbers_of(each)))
            }
            if len(page) < _PAGE:
                break
            before = page[-1].id
    return list(found.values())


def _numbers_of(request: Request) -> Iterator[str]:
    return (each for each in (request.case_number, request.call_number) if each)


def _as_written(number: str, requests: Iterable[Request]) -> str:
    """A number as its requests have it."""
    number = number.strip()
    written = {each for request in requests for each in _numbers_of(request)}
    spelt = {each for each in written if normal_number(each) == normal_number(number)}
    return number if number in spelt else next(iter(sorted(spelt)), number)


def _ids(entries: Iterable[Entry], *kinds: str) -> Iterator[int]:
    """Numbers of what was opened or acted on."""
    for each in entries:
        if each.object and each.object.kind in kinds:
            first = (each.object.id or "").partition("/")[0]
            if first.isdecimal():
                yield int(first)


async def _all_alerts(store: Store) -> AsyncIterator[Alert]:
    before: int | None = None
    while page := await store.alerts.alerts(_ALERT_STATES, before, _PAGE):
        for each in page:
            yield each
        before = page[-1].id


def _withheld(alert: Alert, scope: Scope) -> Alert:
    by_class = alert.handling in scope.without_handling
    why = alert.handling.upper() if by_class else "policy"
    return replace(alert, title=f"withheld: {why}", history=[])


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.id,
        "rule": alert.rule,
        "title": alert.title,
        "raised": rfc3339(alert.raised),
        "verification": alert.verification,
        "hot_list": alert.hot_list,
        "history": [{**each, "at": rfc3339(each["at"])} for each in alert.history],
    }


def _came_to_nothing(request: Request) -> bool:
    return request.outcome in ("not_used", "not_found") or request.state == "cancelled"


def _lead(request: Request) -> dict[str, Any]:
    return {
        "request": request.id,
        "asked": request.asked,
        "outcome": request.outcome or request.state,
        "note": request.outcome_note,
        "findings": msgspec.to_builtins(request.findings),
    }


def _discarded(alert: Alert) -> dict[str, Any]:
    return {"alert": alert.id, "title": alert.title, "outcome": "wrong"}
