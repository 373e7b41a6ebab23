"""The hub's own look-ups of one source, out of its audit log and its ledger of questions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from watchfloor.audit import AuditEvent, AuditLog, Numbered, Outcome, Sealed, Sealer, Where
from watchfloor.contracts import GiveUp, NotFound, micros, rfc3339
from watchfloor.contracts.normal import normal_plate
from watchfloor.lookups import LEDGER
from watchfloor.ports.store import Ledger, Micros

from .comparing import Asked

_NOTES = 50_000
"""Of the ledger, the newest: two for each question."""
_ANSWERED = frozenset({"ok", "partial", "gap"})


async def asked_between(
    log: AuditLog, sealer: Sealer, ledger: Ledger, source: str, since: Micros, until: Micros
) -> list[Asked]:
    """Look-ups of ``since`` ≤ t < ``until`` that were put to the source. The audit log says who and
    about whom, the ledger what the vendor was told and how it ended. Raises ``RetryLater``
    (``audit_unavailable``)."""
    told, ended = await _questions(ledger, source)
    where = Where(event=AuditEvent.LOOKUP_ASKED.value, since=rfc3339(since), until=rfc3339(until))
    return [
        await _asked(record, told[record.entry.id], ended.get(record.entry.id), sealer)
        async for record in log.each(where)
        if record.entry.outcome is Outcome.DONE and record.entry.id in told
    ]


async def _asked(
    record: Numbered, told: dict[str, Any], ended: str | None, sealer: Sealer
) -> Asked:
    entry = record.entry
    who = entry.operator
    return Asked(
        record=entry.id,
        index=record.index,
        at=micros(entry.at),
        key=entry.subject.key if entry.subject else None,
        person=who.id if who else "",
        handle=(who.handle if who else None) or "",
        agency=(who.agency if who else None) or "",
        case=told["case_number"],
        sure=ended in _ANSWERED,
        also=await _also(entry.subject, sealer),
    )


async def _also(subject: Sealed | None, sealer: Sealer) -> frozenset[str]:
    """A plate with the letter O may be asked with zeros as well: plates are on lists either way."""
    if subject is not None and subject.kind == "plate":
        with suppress(NotFound, GiveUp):  # its month's key is destroyed, or ``audit verify`` tells
            zeros = normal_plate(await sealer.open(subject)).replace("O", "0")
            return frozenset({await sealer.joining("plate", zeros)})
    return frozenset()


async def _questions(ledger: Ledger, source: str) -> tuple[dict[str, Any], dict[str, str]]:
    """By the record: what was told, and how it ended."""
    told: dict[str, Any] = {}
    ended: dict[str, str] = {}
    for note in await ledger.notes(LEDGER, _NOTES):
        what = note["what"]
        record = what.get("record")
        if record is None or what["source"] != source:
            continue
        if what["what"] == "asked":
            told[record] = what
        else:
            ended[record] = what["what"]
    return told, ended
