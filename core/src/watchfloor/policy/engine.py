"""The engine: floor, gates, rules, then what goes with a permit. Every error is a denial."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from uuid import uuid4

from msgspec import structs

from watchfloor.contracts import PURPOSES, PurposeKind
from watchfloor.identity import Permission
from watchfloor.ports.store import Scope

from .agencies import Agency, AgencyList
from .asked import Asked
from .closed import closed_to
from .denial import Denial, first_denial
from .facts import Facts, read_facts, with_request
from .floor import FLOOR
from .gates import GATES, Gate
from .lint import topics_in
from .model import Decision, Obligation, ObligationKind, Question
from .redaction import touches
from .rules import Rule, Rules, Verdict
from .scope import NOTHING, ONE_SUBJECT, Bounds, World, scope_of
from .settings import Limits, PolicySettings
from .zones import Zones

_log = logging.getLogger(__name__)

_POLICY_ERROR = Denial(
    "policy_error", "The policy could not be evaluated, so the answer is no.",
    "Tell the policy owner the decision's id.",
)  # fmt: skip
_NO_RULE = Denial("no_rule_allows", "No rule of the agency's policy allows this.")
_TWO_AGENCIES = Denial(
    "asking_agencies_differ",
    "This is asked for more than one agency at once.",
    "Ask for one agency; the other asks itself.",
)
_LOOKS_BACK = frozenset(
    {Permission.DATA_SEARCH, Permission.DATA_EXPORT, Permission.DATA_LIVE, Permission.LOOKUPS_ASK}
)
_SHOWN_RATHER = frozenset({Permission.ALERTS_READ, Permission.ALERTS_ACT})
"""What fails open."""
_SHOW_LESS: frozenset[ObligationKind] = frozenset({"redact", "ask_supervisor", "expire"})
"""Obligations by which a permit shows less than one without them."""
_LOG = Obligation("log")
_TELL_THE_OWNER = Obligation("notify_owner")
"""Whoever it is; a rule may name one instead."""


class _Refusing(Exception):
    """Leaves with a denial before there is a question to judge."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.reason)
        self.denial = denial


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the agency's policy, ready to be asked. ``version`` is its hash."""

    version: str
    agency: str
    settings: PolicySettings
    rules: Rules
    gates: tuple[Gate, ...] = ()
    zones: Zones = field(default_factory=Zones)


@dataclass(slots=True)
class Engine:
    """Decides by one policy, until ``use`` gives it another."""

    policy: Policy
    world: World = field(default_factory=World)
    _agencies: AgencyList = field(init=False)
    _bounds: Bounds = field(init=False)
    owners: Mapping[str, str] = field(init=False)
    """Of each source whose data are another agency's, that agency's id."""

    def __post_init__(self) -> None:
        self.use(self.policy)

    def use(self, policy: Policy) -> None:
        """Decide by another version from now on."""
        settings = policy.settings
        bounds = Bounds(settings.lookback_by_type(), settings.limits.history_days)
        self._agencies, self._bounds = settings.agency_list(policy.agency), bounds
        self.owners = settings.owners()
        self.policy = policy

    def parties(self) -> Mapping[str, str]:
        """To whom the data of each source belong, where that is not simply the hub: another agency,
        or whoever trains. What one person sees of many sources is all or nothing of one party's."""
        invented = self.world.synthetic_sources()
        return {
            **self.owners,
            **{name: f"{self.owners.get(name, '')} (invented)" for name in invented},
        }

    @property
    def confirms_hits(self) -> bool:
        """Whether a person has to look at a hit before anything is done because of it."""
        return GATES["hit_needs_visual_confirmation"] in self.policy.gates

    def decide(self, question: Question) -> Decision:
        """May they, and how. Never raises."""
        try:
            return self._decide(question)
        except Exception as error:  # whatever it is, it must not open anything
            _log.error("Policy could not be evaluated: %s.", type(error).__name__)
            return self._denied(_POLICY_ERROR)

    def _decide(self, question: Question) -> Decision:
        try:
            asked = self._asked(question)
        except _Refusing as refusing:
            return self._denied(refusing.denial)
        denial, verdict = self._judged(asked)
        if denial is not None:
            return self._denied(denial, asked, verdict.rules)
        decision = self._permitted(asked, verdict)
        redacts = decision.redacts
        if left_out := [name for name in asked.facts.fields if touches(redacts, name)]:
            return self._denied(_asks_by(left_out), asked, verdict.rules)
        return decision

    def _judged(self, asked: Asked) -> tuple[Denial | None, Verdict]:
        """What floor, gates and rules say: why not, if they deny, and by which rules."""
        gates = tuple(gate.check for gate in self.policy.gates)
        denial = first_denial(FLOOR, asked) or first_denial(gates, asked)
        if denial is not None:
            return denial, Verdict(False)
        rules = self.policy.rules
        verdict = reduce(and_, (rules.judge(asked, each) for each in asked.permissions))
        if verdict.failed:
            return _POLICY_ERROR, verdict
        return None if verdict.permitted else self._why(asked, verdict), verdict

    def _asked(self, question: Question) -> Asked:
        facts = with_request(read_facts(question.facts), question.purpose)
        return Asked(
            question.person, question.permission, question.at, question.purpose, facts,
            self._asker(question, facts), self._agencies.own,
            is_history(question.permission, facts, self.policy.settings.limits),
        )  # fmt: skip

    def _asker(self, question: Question, facts: Facts) -> Agency:
        """The one agency besides this hub's that a question is asked for, or this hub's."""
        behalf = question.purpose.on_behalf_of if question.purpose else None
        names = (question.person.agency, facts.asking_agency, behalf)
        found = {each.id: each for each in map(self._agencies.find, filter(None, names))}
        others = [each for each in found.values() if not each.ours]
        if len(others) > 1:
            raise _Refusing(_TWO_AGENCIES)
        return others[0] if others else self._agencies.own

    def _why(self, asked: Asked, verdict: Verdict) -> Denial:
        forbids = [self.policy.rules.rules[name] for name in verdict.rules]
        if not forbids:
            return self._not_for_this(asked)
        return Denial(forbids[0].reason, forbids[0].says, forbids[0].remedy)

    def _not_for_this(self, asked: Asked) -> Denial:
        """No rule allows it; where some do for another purpose, no access is missing."""
        open_for = [kind.title for kind in PURPOSES.values() if self._opens_for(kind, asked)]
        if asked.purpose is None or not open_for:
            return _NO_RULE
        return Denial(
            _NO_RULE.reason,
            f"The agency's policy does not allow this for “{asked.purpose.kind.title}”.",
            f"It is open for: {', '.join(open_for)}. If you work on such a thing, choose or open"
            " a request for it.",
            lacks_access=False,
        )

    def _opens_for(self, kind: PurposeKind, asked: Asked) -> bool:
        """Whether rules would allow it for a purpose of this kind. None is proposed that is no
        work on a case, or that opens everything."""
        if asked.purpose is None or kind.synthetic_only or kind.emergency:
            return False
        numbers = dict.fromkeys(("case_number", "call_number", "order"), "1")
        purpose = structs.replace(asked.purpose, code=kind.code, **numbers)
        asked = replace(asked, purpose=purpose)
        judged = (self.policy.rules.judge(asked, each) for each in asked.permissions)
        return all(verdict.permitted for verdict in judged)

    def _denied(
        self, denial: Denial, asked: Asked | None = None, rules: tuple[str, ...] = ()
    ) -> Decision:
        contact = self.policy.settings.contact
        ask = f"To ask for access: {contact}." if denial.lacks_access else ""
        return Decision(
            id=uuid4().hex, permitted=False, reason=denial.reason, detail=denial.detail,
            remedy=f"{denial.remedy} {ask}".strip(), rules=rules or (denial.reason,),
            obligations=(_LOG,), scope=NOTHING, policy=self.policy.version,
            permission=asked.permissions[-1] if asked else None,
        )  # fmt: skip

    def _permitted(self, asked: Asked, verdict: Verdict) -> Decision:
        rules = [self.policy.rules.rules[name] for name in verdict.rules]
        hidden = frozenset[str]().union(*(rule.hides for rule in rules))
        scope = scope_of(asked, self._bounds, self.world, hidden)
        obligations = dict.fromkeys(self._obligations(asked, rules, scope))
        apart = self._kept_apart(asked, verdict)
        owners = [self._agencies.find(owner) for owner in {self.owners[name] for name in apart}]
        return Decision(
            id=uuid4().hex, permitted=True, reason="permitted", rules=verdict.rules,
            obligations=tuple(obligations), policy=self.policy.version,
            permission=asked.permissions[-1],
            scope=replace(scope, without_sources=apart), closed=closed_to(asked, scope, owners),
        )  # fmt: skip

    def _kept_apart(self, asked: Asked, verdict: Verdict) -> frozenset[str]:
        """Sources whose rows a question about many sources does not see: those of agencies of whose
        data floor, gates and rules would say anything else than they said of the whole. An alert is
        rather shown than missed: of these, those of whose data they would show less."""
        if not self.owners or asked.facts.owner or not asked.reads_data:
            return frozenset()
        together = {
            owner
            for owner in set(self.owners.values())
            if self._goes_along(asked.permission, verdict, self._judged(asked.about_data_of(owner)))
        }
        return frozenset(name for name, of in self.owners.items() if of not in together)

    def _goes_along(
        self, permission: Permission, whole: Verdict, of_owner: tuple[Denial | None, Verdict]
    ) -> bool:
        denial, theirs = of_owner
        if (denial, theirs) == (None, whole):
            return True
        shown_rather = permission in _SHOWN_RATHER and denial is None
        return shown_rather and self._leaves_out(theirs) <= self._leaves_out(whole)

    def _leaves_out(self, verdict: Verdict) -> frozenset[tuple[str, str]]:
        """What a permit does not show, or neither to one person alone nor for good: fields, and
        types of event."""
        rules = [self.policy.rules.rules[name] for name in verdict.rules]
        owed = {(each.kind, each.value) for rule in rules for each in rule.obligations
                if each.kind in _SHOW_LESS}  # fmt: skip
        return frozenset(owed | {("hide", each) for rule in rules for each in rule.hides})

    def _obligations(self, asked: Asked, rules: list[Rule], scope: Scope) -> Iterator[Obligation]:
        yield _LOG
        for rule in rules:
            for each in rule.obligations:
                yield from self._agreed(asked, each)
        for gate in self.policy.gates:
            yield from (Obligation("redact", name) for name in gate.redacts)
        if scope.held or needs_second_person(asked, self.policy.settings.limits):
            yield from self._agreed(asked, Obligation("ask_supervisor"))
        if asked.emergency:
            yield from (Obligation("notify_owner", asked.owner), Obligation("review", "emergency"))
        for owner in sorted({asked.owner, *asked.facts.owners} - {asked.hub.id}):
            yield Obligation("notify_owner", owner)
        if asked.history and asked.ordered:
            yield Obligation("review", "court order")
        for paper in ("warrant", "declaration"):
            if asked.shared and getattr(asked.facts, paper):
                yield Obligation("review", paper)
        for topic in topics_in(asked.purpose.words) if asked.purpose else ():
            yield Obligation("review", topic)

    @staticmethod
    def _agreed(asked: Asked, obligation: Obligation) -> Iterator[Obligation]:
        """As it holds for this question. A second person is asked once. For an emergency, too:
        where nobody answers, an override stands in for them (X4), and not before."""
        if obligation.kind == "ask_supervisor" and asked.approved:
            return
        if obligation == _TELL_THE_OWNER:
            obligation = Obligation("notify_owner", asked.owner)
        yield obligation


def _asks_by(left_out: Iterable[str]) -> Denial:
    """Whoever may try a value often enough has read it."""
    names = ", ".join(sorted(left_out))
    return Denial(
        "asks_by_left_out",
        f"This asks by what the policy leaves out of what you see ({names}).",
        "Ask by something else: say what a word is, as call:F-00412-26, or name kinds that have no"
        " such field, as kind:report.",
    )


def is_history(permission: Permission, facts: Facts, limits: Limits) -> bool:
    """Whether a look-back of one subject is long or dense enough to be a movement history."""
    if permission is Permission.DATA_HISTORY:
        return True
    if permission not in _LOOKS_BACK or facts.subject not in ONE_SUBJECT:
        return False
    return facts.lookback_days > limits.history_days or facts.sightings > limits.history_sightings


def needs_second_person(asked: Asked, limits: Limits) -> bool:
    """Broad, or a movement history without a court order."""
    if asked.history and not asked.ordered:
        return True
    facts = asked.facts
    return asked.reads_data and (
        facts.records > limits.broad_records
        or facts.plates > limits.broad_plates
        or facts.people > limits.broad_people
        or facts.cameras > limits.broad_cameras
        or facts.agencies > limits.broad_agencies
    )
