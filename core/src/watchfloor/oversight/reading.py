"""Looks out of the audit log."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from watchfloor.audit import (
    Asked,
    AuditEvent,
    AuditLog,
    Numbered,
    Sealed,
    Sealer,
    Where,
    Whom,
)
from watchfloor.contracts import GiveUp, NotFound, micros, rfc3339
from watchfloor.ports.store import Micros, StaffSubject

from .looks import LOOKS, Look, is_look

_STEP = 50
"""Looks between two turns of the event loop."""


async def looks_between(
    log: AuditLog,
    sealer: Sealer,
    since: Micros,
    until: Micros,
    opened_from: Micros,
    staff: Sequence[StaffSubject] = (),
) -> Sequence[Look]:
    """Looks of ``since`` ≤ t < ``until``, oldest first, each once, also where it came to nothing.
    Words and patterns are opened from ``opened_from`` on, and no longer where their month's key was
    destroyed. Raises ``RetryLater`` (``audit_unavailable``)."""
    found = list[Look]()
    matched = await _besides(log, _between(AuditEvent.PLATE_MATCHED, since, until))
    named = await _besides(log, _between(AuditEvent.SEARCH_NAMED, since, until))
    registered = await _registered(log, sealer, staff)
    for event in LOOKS:
        async for each in log.each(_between(event, since, until)):
            if not is_look(each.entry):
                continue
            at, decision = micros(each.entry.at), each.entry.decision
            words = await _words(sealer, each) if at >= opened_from else None
            plates = tuple(one.key for one in matched.get(decision.id, ())) if decision else ()
            besides = tuple(named.get(decision.id, ())) if decision else ()
            asked = filter(None, (each.entry.subject, *besides)) if at >= opened_from else ()
            fits = [key for one in asked for key in await _fits(sealer, one, registered)]
            found.append(Look(each.index, at, each.entry, words, plates, tuple(fits), besides))
            if len(found) % _STEP == 0:
                await asyncio.sleep(0)
    return sorted(found, key=lambda look: look.index)


def _between(event: AuditEvent, since: Micros, until: Micros) -> Where:
    return Where(event=event.value, since=rfc3339(since), until=rfc3339(until))


async def _besides(log: AuditLog, where: Where) -> Mapping[str, list[Sealed]]:
    """Of whom there are such records besides that of the question, by its decision."""
    found: dict[str, list[Sealed]] = defaultdict(list)
    async for each in log.each(where):
        if each.entry.decision is not None and each.entry.subject is not None:
            found[each.entry.decision.id].append(each.entry.subject)
    return found


async def _registered(
    log: AuditLog, sealer: Sealer, staff: Sequence[StaffSubject]
) -> Sequence[tuple[str, Whom]]:
    """What staff registered, by its keyed hash: opened from the records of that, where that can
    still be done."""
    kinds, found = {each.key: each.kind for each in staff}, []
    for key, kind in kinds.items():
        where = Where(subject=key, event=AuditEvent.PERSON_CHANGED.value)
        for each in (await log.read(where, limit=1)).items:
            if value := await _opened(sealer, each.entry.subject):
                found.append((key, Whom(kind, value)))
    return found


async def _fits(
    sealer: Sealer, subject: Sealed, registered: Sequence[tuple[str, Whom]]
) -> Sequence[str]:
    """Which of these a question by a part, or by words, may have been about."""
    may_be = [each for each in registered if subject.kind in each[1].found_in]
    words = await _opened(sealer, subject) if may_be else None
    if words is None:
        return ()
    asked = Asked(subject.kind, words)
    return [key for key, whom in may_be if whom.is_in(asked)]


async def _opened(sealer: Sealer, sealed: Sealed | None) -> str | None:
    if sealed is not None:
        with suppress(NotFound, GiveUp):  # a seal that was broken, ``audit verify`` reports
            return await sealer.open(sealed)
    return None


async def _words(sealer: Sealer, record: Numbered) -> str | None:
    """What was asked and the reason, as far as somebody wrote them."""
    purpose = record.entry.purpose
    sealed = (purpose.asked, purpose.reason) if purpose else ()
    said = [await _opened(sealer, each) for each in sealed]
    return "\n".join(filter(None, said)) or None
