"""What is counted, by name. Each query says under which labels a record of the audit log counts, so
that whoever has the log gets the same numbers.

The fields are those of oversight ordinances (Oakland Mun. Code 9.64.010: how used, how often shared
and with whom, complaints, internal audits, changes) and what more is needed to judge: what was
refused and why, for which purposes, how far back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from watchfloor.audit import AuditEvent, Entry, Outcome
from watchfloor.contracts import PURPOSES, micros

Labels = Callable[[Entry], Iterable[str]]

DAY = 86_400 * 1_000_000
_QUESTIONS = {
    AuditEvent.SEARCH_ASKED: "searches",
    AuditEvent.LOOKUP_ASKED: "look-ups in connected systems",
    AuditEvent.HISTORY_VIEWED: "movement histories",
}
_OPENED = {
    AuditEvent.EVENT_VIEWED: "records",
    AuditEvent.EVENT_RAW_VIEWED: "vendors' messages",
    AuditEvent.MEDIA_VIEWED: "pictures and recordings",
}
ASKING = frozenset(_QUESTIONS)
"""Questions. All tables of them have the same total: a count that is held back in one would else be
what the totals of two differ by."""
READING = ASKING | frozenset(_OPENED)
"""Deeds that show somebody what the hub or a connected system knows."""
CHANGES = frozenset(
    {
        AuditEvent.POLICY_CHANGED, AuditEvent.GATE_CHANGED, AuditEvent.ZONE_CHANGED,
        AuditEvent.SHARING_CHANGED, AuditEvent.RETENTION_CHANGED,
    }
)  # fmt: skip
"""Changes of what is allowed, kept or shared."""
_TITLES: dict[str, str] = {kind.code: kind.title for kind in PURPOSES.values()}
_HANDED_OUT = frozenset(
    {AuditEvent.EXPORT_MADE, AuditEvent.DISCLOSURE_MADE, AuditEvent.RELEASE_RECORDED}
)
_BACK = ((1, "up to a day"), (7, "up to 7 days"), (30, "up to 30 days"), (90, "up to 90 days"))


@dataclass(frozen=True, slots=True)
class Query:
    """A count by labels. ``small``: whether small counts of it are held back, as those are that
    could point at somebody; counts of the agency's own duties are not."""

    name: str
    title: str
    counts: str
    labels: Labels
    small: bool = True


def _done(entry: Entry, events: frozenset[AuditEvent]) -> bool:
    return entry.event in events and entry.outcome is Outcome.DONE


def _asked(entry: Entry) -> Iterable[str]:
    if _done(entry, ASKING):
        yield _QUESTIONS[entry.event]


def _opened(entry: Entry) -> Iterable[str]:
    if _done(entry, frozenset(_OPENED)):
        yield _OPENED[entry.event]


def _purpose(entry: Entry) -> Iterable[str]:
    if _done(entry, ASKING):
        stated = entry.purpose.code if entry.purpose else "not said"
        yield _TITLES.get(stated, stated)


def _tied(entry: Entry) -> Iterable[str]:
    if not _done(entry, ASKING):
        return
    purpose = entry.purpose
    if purpose is None or not (purpose.case or purpose.call):
        yield "none yet (provisional)"
    else:
        yield "a case" if purpose.case else "a call for service"


def _denied(entry: Entry) -> Iterable[str]:
    if entry.event in READING and entry.outcome is Outcome.DENIED:
        yield (entry.decision.reason if entry.decision else None) or "unknown"


def _lookback(entry: Entry) -> Iterable[str]:
    if not _done(entry, ASKING):
        return
    since = entry.lookback.since if entry.lookback else None
    if since is None:
        of_no_time = entry.event is AuditEvent.LOOKUP_ASKED
        yield "of no time (look-ups)" if of_no_time else "not limited by the question"
        return
    days = (micros(entry.at) - micros(since)) / DAY
    yield next((words for most, words in _BACK if days <= most), "more than 90 days")


def _for_whom(entry: Entry) -> Iterable[str]:
    if _done(entry, ASKING):
        yield asked_for(entry) or "own agency"


def asked_for(entry: Entry) -> str | None:
    """The other agency for which it was done."""
    return entry.on_behalf_of.agency if entry.on_behalf_of else None


def _handed_out(entry: Entry) -> Iterable[str]:
    if _done(entry, _HANDED_OUT):
        yield entry.secondary_recipient or entry.event.value


def _outcomes(entry: Entry) -> Iterable[str]:
    if entry.event is AuditEvent.REQUEST_CLOSED and entry.outcome is Outcome.DONE:
        yield str(entry.more.get("outcome") or "not said").replace("_", " ")


def _alerts(entry: Entry) -> Iterable[str]:
    if entry.event is AuditEvent.ALERT_ACTED and entry.outcome is Outcome.DONE and entry.object:
        yield (entry.object.id or "").rpartition("/")[2] or "not said"


def _complaints(entry: Entry) -> Iterable[str]:
    if entry.event is AuditEvent.COMPLAINT_OPENED and entry.outcome is Outcome.DONE:
        yield "received"


def _answers(entry: Entry) -> Iterable[str]:
    if entry.event is AuditEvent.COMPLAINT_ANSWERED and entry.outcome is Outcome.DONE:
        yield str(entry.more.get("finding", "not said")).replace("_", " ")


_OVERSIGHT = {
    AuditEvent.FINDING_RAISED: "signs of misuse found",
    AuditEvent.OVERRIDE_OPENED: "emergency overrides",
    AuditEvent.OVERRIDE_REVIEWED: "emergency overrides reviewed",
    AuditEvent.AUDIT_VERIFIED: "checks of the log",
    AuditEvent.AUDIT_UNSEALED: "sealed values opened",
}


def _oversight(entry: Entry) -> Iterable[str]:
    if entry.outcome is Outcome.DONE and (words := _OVERSIGHT.get(entry.event)):
        yield words


QUERIES = (
    Query("questions.by_kind", "What was asked", "Searches and look-ups, by kind.", _asked),
    Query("opened.by_kind", "What was opened",
          "Records, vendors' messages and pictures opened, by kind.", _opened),
    Query("questions.by_purpose", "What for",
          "Searches and look-ups that were answered, by purpose.", _purpose),
    Query("questions.by_number", "What they belonged to",
          "Searches and look-ups, by the number they were made for.", _tied),
    Query("denied.by_reason", "What was refused",
          "Searches, look-ups and views that policy refused, by its reason.", _denied),
    Query("lookback.by_days", "How far back",
          "Searches and look-ups, by how long before them the time that was searched began.",
          _lookback),
    Query("partners.by_agency", "For whom",
          "Searches and look-ups, by the agency on whose behalf they were made.", _for_whom),
    Query("handed_out.by_receiver", "What went out",
          "Exports and disclosures, by who got them.", _handed_out),
    Query("requests.by_outcome", "What came of it",
          "Requests that were closed, by outcome.", _outcomes),
    Query("alerts.by_act", "What was done with alerts",
          "Acts on alerts, by kind.", _alerts),
    Query("complaints.received", "Complaints", "Complaints received.", _complaints, small=False),
    Query("complaints.by_answer", "Complaints answered",
          "Complaints answered, by what was found.", _answers, small=False),
    Query("oversight.by_kind", "Oversight",
          "Acts of oversight, by kind.", _oversight, small=False),
)  # fmt: skip
