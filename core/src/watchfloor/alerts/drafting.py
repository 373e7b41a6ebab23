"""From a finding to the alert that is raised: its words, its state, what is owed outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watchfloor.contracts import BY_TYPE
from watchfloor.ports.store import PROBLEM, UNJUDGED, Alert, Channel, HotList, Micros, RecordedEvent

from .desk import Draft
from .engine import Finding
from .outside import may_leave, messages
from .rules import SEVERITIES, Severity

LATE = 120_000_000
"""Microseconds between event and alert from which on the alert says that it is late."""


def title_of(finding: Finding) -> str:
    """The rule's title and the event in one line."""
    return f"{finding.compiled.rule.title}: {finding.facts.headline}"


def draft(
    finding: Finding,
    dedupe: str,
    now: Micros,
    lists: Mapping[str, HotList],
    channels: Sequence[Channel],
    *,
    confirmed_first: bool,
) -> Draft:
    """The alert that an event raises by a rule that it meets. ``confirmed_first``: policy wants a
    person to look at a hit before anybody outside is told of it."""
    hot_list = lists.get(finding.wanted.hot_list) if finding.wanted else None
    facts = finding.facts
    alert = _blank(facts.event, finding.compiled.id, facts.kind.name, dedupe, now)
    alert.title = title_of(finding)
    alert.severity = _severity(finding, hot_list)
    alert.reason = _reason(finding, hot_list) + _late(now - alert.occurred)
    alert.hot_list = finding.wanted.hot_list if finding.wanted else None
    if _is_hit(finding):
        alert.verification = "unverified"
    notify = finding.compiled.rule.notify
    wanting = [channel for channel in channels if channel.id in notify]
    if not may_leave(alert, hot_list, confirmed_first=confirmed_first):
        wanting = []
    return Draft(alert, messages("raised", alert, wanting, facts.address), facts.event)


def problem(finding: Finding, now: Micros) -> Draft:
    """The alert that says that a rule could not be evaluated: it may have missed something."""
    rule, facts = finding.compiled.rule, finding.facts
    alert = _blank(facts.event, rule.id, facts.kind.name, f"{PROBLEM}{rule.id}#", now)
    alert.title = f"Rule cannot be evaluated: {rule.title}"
    alert.reason = (
        f"Its condition failed on the listed events: {finding.failure}. "
        "It may have missed something: look at them, and correct the rule."
    )
    return Draft(alert, (), facts.event)


def unjudged(event: RecordedEvent, now: Micros) -> Draft:
    """The alert that says that no rule could look at an event."""
    alert = _blank(event, "", BY_TYPE[event.type].name, f"{UNJUDGED}{event.type}#", now)
    alert.title = "Events that no rule could look at"
    alert.reason = "The hub failed on the listed events: look at them. Its log says why."
    return Draft(alert, (), event)


def _blank(event: RecordedEvent, rule: str, kind: str, dedupe: str, now: Micros) -> Alert:
    return Alert(
        id=0,
        rule=rule,
        kind=kind,
        severity="low",
        title="",
        reason="",
        raised=now,
        occurred=event.time,
        point=event.point,
        events=[event.seq],
        handling=event.handling,
        sources=[event.source],
        dedupe=dedupe,
    )


def _is_hit(finding: Finding) -> bool:
    """A plate on a list of ours, or a kind whose contract says that it awaits verification."""
    return bool(finding.wanted) or "verification" in finding.facts.kind.data.__struct_fields__


def _severity(finding: Finding, hot_list: HotList | None) -> Severity:
    stated = finding.compiled.rule.severity or (hot_list.severity if hot_list else "high")
    return stated if stated in SEVERITIES else "high"


def _reason(finding: Finding, hot_list: HotList | None) -> str:
    rule, wanted = finding.compiled.rule, finding.wanted
    parts = []
    if wanted and hot_list:
        why = wanted.reason or hot_list.reason
        parts.append(f"on the list “{hot_list.name}” of {hot_list.owner}: {why}")
    if rule.within:
        parts.append("in the rule's area")
    if rule.when:
        parts.append("meets the rule's condition")
    told = "; ".join(parts) or "every event of this kind meets the rule"
    return told[0].upper() + told[1:]


def _late(age: Micros) -> str:
    return f" (known {age // 60_000_000} min after it occurred)" if age > LATE else ""
