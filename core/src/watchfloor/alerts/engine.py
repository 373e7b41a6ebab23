"""The engine: which rules and hot lists an event meets. Pure judgement, no waiting, no writing.

Rules are indexed by event type. For rules that ask for a hot list, the plate is looked up before
anything else is decoded, so that the many reads on no list cost microseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

import msgspec

from watchfloor.contracts import BY_NAME, Near, nowhere
from watchfloor.ports.store import HotList, Micros, RecordedEvent

from .areas import Fence
from .conditions import Condition, ConditionFailed, ConditionInvalid
from .facts import Facts, region_of
from .plates import Wanted, WantedPlates
from .rules import Correlation, RuleDocument, Written


@dataclass(slots=True)
class Compiled:
    """A rule in force, and how often it could not be evaluated."""

    rule: RuleDocument
    condition: Condition | None
    fence: Fence | None
    failures: int = 0
    failed: Micros | None = None
    failed_why: str = ""

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.rule.id

    def note(self, failure: str, now: Micros) -> None:
        """It could not be evaluated."""
        self.failures += 1
        self.failed, self.failed_why = now, failure


def compile_rule(written: Written) -> Compiled:
    """Make a rule ready to run. Raises ``RuleInvalid`` where its condition cannot be compiled."""
    rule = written.rule
    fence = Fence(rule.within) if rule.within else None
    try:
        return Compiled(rule, Condition(rule.when) if rule.when else None, fence)
    except ConditionInvalid as error:
        raise written.invalid(("when",), str(error)) from None


@dataclass(frozen=True, slots=True)
class Finding:
    """An event that a rule has something to say about.

    ``meets`` of ``False``: it does not meet the rule, but may follow up an open alert of it (a
    gunshot that is withdrawn). ``failure`` says why a condition could not be evaluated.
    """

    compiled: Compiled
    facts: Facts
    wanted: Wanted | None
    meets: bool
    failure: str | None = None

    @property
    def raises(self) -> bool:
        """Whether it raises an alert: one that the rule asks for, or one that says that the
        condition could not be evaluated."""
        return self.meets or self.failure is not None

    @property
    def thing(self) -> str:
        """What the alert is about, as a key: the values that ``dedupe`` names, and the list for
        a hit. Where one is missing, the event itself, so that two things never merge."""
        rule, event = self.compiled.rule, self.facts.event
        by = rule.dedupe.by if rule.dedupe else ()
        values = [self.facts.value(path) for path in by]
        if not values or None in values:
            values = [event.source, event.id]
        listed = [self.wanted.hot_list] if self.wanted else []
        return msgspec.json.encode([rule.id, *listed, *values]).decode()


@dataclass(slots=True)
class _TypeRules:
    listed: list[Compiled] = field(default_factory=list)
    plain: list[Compiled] = field(default_factory=list)


class Engine:
    """The rules and the wanted plates in force. Both are replaced whole."""

    def __init__(self, zone: tzinfo, near: Near = nowhere) -> None:
        self._near = near
        self.zone = zone
        self._by_type: dict[str, _TypeRules] = {}
        self._by_id: dict[str, Compiled] = {}
        self.plates = WantedPlates()
        self.lists: dict[str, HotList] = {}

    def use_rules(self, rules: Sequence[Compiled]) -> None:
        """From the next event on, these rules are in force."""
        by_type: dict[str, _TypeRules] = defaultdict(_TypeRules)
        for compiled in rules:
            for type_ in {BY_NAME[name].type for name in compiled.rule.kinds}:
                group = by_type[type_]
                (group.plain if compiled.rule.hot_list is None else group.listed).append(compiled)
        self._by_type = dict(by_type)
        self._by_id = {compiled.id: compiled for compiled in rules}

    def use_plates(self, plates: WantedPlates, lists: Sequence[HotList]) -> None:
        """From the next event on, these plates are wanted."""
        self.plates = plates
        self.lists = {hot_list.id: hot_list for hot_list in lists}

    def rule(self, id: str) -> Compiled | None:
        """A rule in force."""
        return self._by_id.get(id)

    def correlation(self, rule: str) -> Correlation | None:
        """What a rule gathers around its alerts."""
        compiled = self._by_id.get(rule)
        return compiled.rule.correlate if compiled else None

    def concerns(self, event: RecordedEvent) -> bool:
        """Whether any rule has to look at it. Most events are reads on no list, and this is all
        that they cost."""
        rules = self._by_type.get(event.type)
        if rules is None or rules.plain:
            return rules is not None
        return any(kind == "plate" and value in self.plates for kind, value in event.keys)

    def judge(
        self, event: RecordedEvent, now: Micros, followed: Container[str] = ()
    ) -> Iterator[Finding]:
        """What the rules say about an event. ``followed`` are the rules with open alerts: what
        does not meet them may still be news of one (never a plate read: it is nobody's news)."""
        for compiled, facts, wanted in self._candidates(event, now):
            failure = None
            try:
                meets = _meets(compiled, facts)
            except ConditionFailed as error:
                meets, failure = False, str(error)
                compiled.note(failure, now)
            if meets or failure or (compiled.id in followed and not facts.kind.personal):
                yield Finding(compiled, facts, wanted, meets, failure)

    def _candidates(
        self, event: RecordedEvent, now: Micros
    ) -> Iterator[tuple[Compiled, Facts, Wanted | None]]:
        rules = self._by_type.get(event.type)
        if rules is None:
            return
        wanted = (
            {entry.hot_list: entry for entry in self.wanted(event, now)} if rules.listed else None
        )
        if not (wanted or rules.plain):
            return
        facts = Facts(event, self.zone, self._near)
        for compiled in rules.plain:
            yield compiled, facts, None
        for compiled in rules.listed:
            for hot_list, entry in (wanted or {}).items():
                if _asks_for(compiled.rule, hot_list):
                    yield compiled, facts, entry

    def wanted(self, event: RecordedEvent, now: Micros) -> list[Wanted]:
        """The entries in force for an event's plates."""
        found = [
            entry
            for kind, value in event.keys
            if kind == "plate"
            for entry in self.plates.find(value)
        ]
        if not found:
            return found
        region = region_of(event)
        return [entry for entry in found if entry.counts(region, event.time, now)]


def _asks_for(rule: RuleDocument, hot_list: str) -> bool:
    return rule.hot_list == "any" or hot_list in (rule.hot_list or ())


def _meets(compiled: Compiled, facts: Facts) -> bool:
    if compiled.fence is not None:
        point = facts.event.point
        if point is None or not compiled.fence.reaches(point, facts.error_m):
            return False
    return compiled.condition is None or compiled.condition.holds(facts.context())
