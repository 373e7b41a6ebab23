"""What belongs to a case: the requests for it, what was asked in them, the alerts and the leads.

Work that had no number when it was done is found by its request, which was tied to the case later.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from watchfloor.audit import AuditEvent, AuditLog, Numbered, Where
from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Alert, Micros, Request, RequestFilter, Scope, Seq, Store

_PAGE = 1000
_ALERT_STATES = ("new", "acknowledged", "closed")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """``requests``: their ids. ``alerts``: those about an event that answered one of them, with who
    did what. ``leads``: what was found and not used, or led to nothing. ``answers``: how many
    results a question had, by its record's id."""

    case: str
    requests: tuple[str, ...] = ()
    alerts: list[dict[str, Any]] = field(default_factory=list)
    leads: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)


async def case_file(
    store: Store, audit: AuditLog, case: str, now: Micros, scope: Scope
) -> CaseFile:
    """Gather it. Of an alert whose class ``scope`` leaves out, the words are withheld: that it was
    raised, and what became of it, is told."""
    requests = await _requests(store, case, now)
    file = CaseFile(case, tuple(sorted(each.id for each in requests)))
    events = {f.event for each in requests for f in each.findings if f.event is not None}
    alerts = await _alerts(store, events)
    alerts = [
        _withheld(each) if each.handling in scope.without_handling else each for each in alerts
    ]
    discarded = [each for each in alerts if each.verification == "wrong"]
    return CaseFile(
        case,
        file.requests,
        [_alert(each) for each in alerts],
        [*map(_lead, filter(_came_to_nothing, requests)), *map(_discarded, discarded)],
        await _answers(audit, await case_records(audit, file)),
    )


async def case_records(audit: AuditLog, file: CaseFile) -> list[Numbered]:
    """The log's records of a case, oldest first, each once."""
    wanted = [Where(case=file.case), *(Where(request=each) for each in file.requests)]
    found: dict[int, Numbered] = {}
    for where in wanted:
        found |= {each.index: each for each in await _all(audit, where)}
    return [found[index] for index in sorted(found)]


async def _answers(audit: AuditLog, records: list[Numbered]) -> dict[str, int]:
    """How much was answered, which the log notes after the question."""
    if not records:
        return {}
    asked = {each.entry.id for each in records}
    given = Where(event=AuditEvent.ANSWER_GIVEN.value, since=records[0].entry.at)
    return {
        entry.object.id: entry.count
        for entry in (each.entry for each in await _all(audit, given))
        if entry.object and entry.object.id in asked and entry.count is not None
    }


async def _all(audit: AuditLog, where: Where) -> list[Numbered]:
    found: list[Numbered] = []
    before: int | None = None
    while True:
        page = await audit.read(where, before, _PAGE)
        found += page.items
        if page.next is None:
            return found
        before = page.next


async def _requests(store: Store, case: str, now: Micros) -> list[Request]:
    """Those whose case it is; the book finds by part of a number."""
    found: list[Request] = []
    before: str | None = None
    while True:
        page = await store.requests.list(RequestFilter(now, number=case, before=before), _PAGE)
        found += [each for each in page if each.case_number == case]
        if len(page) < _PAGE:
            return found
        before = page[-1].id


async def _alerts(store: Store, events: set[Seq]) -> list[Alert]:
    found: list[Alert] = []
    before: int | None = None
    while events:
        page = await store.alerts.alerts(_ALERT_STATES, before, _PAGE)
        found += [each for each in page if events & set(each.events)]
        if len(page) < _PAGE:
            break
        before = page[-1].id
    return sorted(found, key=lambda each: each.id)


def _withheld(alert: Alert) -> Alert:
    return replace(alert, title=f"withheld: {alert.handling.upper()}", history=[])


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
