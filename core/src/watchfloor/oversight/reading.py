"""Looks out of the audit log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress

from watchfloor.audit import AuditEvent, AuditLog, Numbered, Sealer, Where
from watchfloor.contracts import GiveUp, NotFound, micros, rfc3339
from watchfloor.ports.store import Micros

from .looks import LOOKS, Look, is_look

_PAGE = 1000


async def looks_between(
    log: AuditLog, sealer: Sealer, since: Micros, until: Micros, opened_from: Micros
) -> Sequence[Look]:
    """Looks of ``since`` ≤ t < ``until``, oldest first, each once, also where it came to nothing.
    Words are opened from ``opened_from`` on, and no longer where their month's key was destroyed.
    Raises ``RetryLater`` (``audit_unavailable``)."""
    found, matched = [], await _matched(log, since, until)
    for event in LOOKS:
        async for each in records(log, _between(event, since, until)):
            if not is_look(each.entry):
                continue
            at = micros(each.entry.at)
            words = await _words(sealer, each) if at >= opened_from else None
            plates = matched.get(each.entry.decision.id, ()) if each.entry.decision else ()
            found.append(Look(each.index, at, each.entry, words, tuple(plates)))
    return sorted(found, key=lambda look: look.index)


def _between(event: AuditEvent, since: Micros, until: Micros) -> Where:
    return Where(event=event.value, since=rfc3339(since), until=rfc3339(until))


async def _matched(log: AuditLog, since: Micros, until: Micros) -> Mapping[str, list[str]]:
    """The plates of which there are records besides that of the question, by its decision."""
    found: dict[str, list[str]] = defaultdict(list)
    async for each in records(log, _between(AuditEvent.PLATE_MATCHED, since, until)):
        if each.entry.decision is not None and each.entry.subject is not None:
            found[each.entry.decision.id].append(each.entry.subject.key)
    return found


async def records(log: AuditLog, where: Where) -> AsyncIterator[Numbered]:
    """Records of the log, newest first, page by page. Raises ``RetryLater``
    (``audit_unavailable``)."""
    before: int | None = None
    while True:
        page = await log.read(where, before, _PAGE)
        for each in page.items:
            yield each
        if (before := page.next) is None:
            return


async def _words(sealer: Sealer, record: Numbered) -> str | None:
    """What was asked and the reason, as far as somebody wrote them."""
    purpose, said = record.entry.purpose, []
    for sealed in (purpose.asked, purpose.reason) if purpose else ():
        if sealed is not None:
            with suppress(NotFound, GiveUp):  # a seal that was broken, ``audit verify`` reports
                said.append(await sealer.open(sealed))
    return "\n".join(said) or None
