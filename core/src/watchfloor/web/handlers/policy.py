"""The agency's policy: what runs, what is proposed, and a second person's yes or no."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from watchfloor import audit
from watchfloor.access import About, operator_of
from watchfloor.audit import AuditEvent
from watchfloor.contracts import rfc3339
from watchfloor.identity import Permission
from watchfloor.policy import (
    CONFIRM,
    GATES,
    PRESETS,
    Confirmed,
    Difference,
    Direction,
    Entry,
    Outcome,
    PolicyBook,
    changed,
    load,
    run_cases,
    unified,
)
from watchfloor.web.another import check_another
from watchfloor.web.routes import Access, Answer, Call, Route, path_param

VERSION = path_param(
    "version", "Its hash, or the first twelve digits of it.",
    {"type": "string", "pattern": "^[0-9a-f]{12,64}$"},
)  # fmt: skip


class Step(Struct, kw_only=True):
    """Who proposed or approved which version, and when."""

    step: str
    version: str
    by: str
    at: str


class Template(Struct, kw_only=True):
    """A gate or preset that stands ready: ``words`` say what it refuses or asks for, ``citation``
    where that is from and ``mark`` how sure that is. It is on once counsel confirmed it by name;
    until then both are ``null``."""

    id: str
    kind: Literal["gate", "preset"]
    words: str
    citation: str
    mark: str
    confirmed_by: str | None
    confirmed_on: str | None


class CaseRun(Struct):
    """How one of the policy's own tests went. ``differs``: in what; empty when it passed."""

    file: str
    name: str
    differs: str


class PolicyState(Struct, kw_only=True):
    """What runs, and what waits for a second person. ``notice`` says when the folder holds
    something else; ``confirm`` what has to stand beside every template; ``steps`` are all that were
    ever taken, newest first."""

    version: str
    adopted: Step | None
    notice: str
    confirm: str
    templates: list[Template]
    contact: str
    rules: int
    zones: int
    tests: list[CaseRun]
    proposed: list[Step]
    steps: list[Step]


class Change(Struct):
    """One thing that a proposal would change, in plain words."""

    direction: Direction
    what: str


class Proposal(Struct):
    """What adopting it would change: in words, and as text; how its own tests go."""

    changes: list[Change]
    text: str
    tests: list[CaseRun]


class Adopted(Struct):
    """The version that runs now."""

    version: Annotated[str, Meta(min_length=64, max_length=64)]


async def get_policy(call: Call) -> PolicyState:
    """What runs."""
    return await asyncio.to_thread(_state, call.hub.policies)


async def get_proposal(call: Call) -> Proposal:
    """What a proposed version would change."""
    return await asyncio.to_thread(_proposal, call.hub.policies, call.params["version"])


async def propose(call: Call) -> Step:
    """Offer what the folder holds for approval."""
    person = call.person
    return _step(await asyncio.to_thread(call.hub.policies.propose, person.id, person.handle))


async def approve(call: Call) -> Adopted:
    """Adopt a proposal, as a second person: it decides from now on, and of what is open live,
    too."""
    person, policies, version = call.person, call.hub.policies, call.params["version"]
    check_another(call, await asyncio.to_thread(policies.proposer, version))
    policy = await asyncio.to_thread(policies.approve, version, person.id, person.handle)
    before = call.hub.engine.policy
    call.hub.engine.use(policy)
    call.hub.feed.start_over()
    for event, what in changed(before, policy):
        call.hub.audit.note(
            audit.Entry(
                event=event,
                outcome=audit.Outcome.DONE,
                operator=operator_of(person),
                object=audit.Object(kind="policy", id=what),
            )
        )
    return Adopted(policy.version)


async def decline(call: Call) -> Step:
    """Turn a proposal down: what runs stays."""
    person, policies, version = call.person, call.hub.policies, call.params["version"]
    return _step(await asyncio.to_thread(policies.decline, version, person.id, person.handle))


def _state(policies: PolicyBook) -> PolicyState:
    running = policies.running()
    policy, settings = running.policy, running.policy.settings
    return PolicyState(
        version=policy.version,
        adopted=_step(running.adopted) if running.adopted else None,
        notice=running.notice,
        confirm=CONFIRM,
        templates=_templates(settings.gates, settings.presets),
        contact=settings.contact,
        rules=len(policy.rules.rules),
        zones=len(policy.zones.zones),
        tests=[_case(each) for each in run_cases(running.files, policy)],
        proposed=[_step(each) for each in policies.proposed()],
        steps=[_step(each) for each in reversed(policies.entries())],
    )


def _proposal(policies: PolicyBook, version: str) -> Proposal:
    files = policies.version(version)
    policy = load(files, policies.agency, policies.read_rules)
    return Proposal(
        changes=[_change(each) for each in policies.changes(files)],
        text=unified(policies.running().files, files),
        tests=[_case(each) for each in run_cases(files, policy)],
    )


def _templates(gates: Mapping[str, Confirmed], presets: Mapping[str, Confirmed]) -> list[Template]:
    return [
        *(
            _template("gate", each.id, each.refuses, each.citation, each.mark, gates.get(each.id))
            for each in GATES.values()
        ),
        *(
            _template("preset", each.id, each.rule, each.citation, each.mark, presets.get(each.id))
            for each in PRESETS.values()
        ),
    ]


def _template(
    kind: Literal["gate", "preset"], id: str, words: str, citation: str, mark: str,
    confirmed: Confirmed | None,
) -> Template:  # fmt: skip
    return Template(
        id=id, kind=kind, words=words, citation=citation, mark=mark,
        confirmed_by=confirmed.confirmed_by if confirmed else None,
        confirmed_on=confirmed.confirmed_on.isoformat() if confirmed else None,
    )  # fmt: skip


def _case(each: Outcome) -> CaseRun:
    return CaseRun(each.file, each.name, each.differs)


def _refusal(call: Call) -> About:
    return About(object=("policy", call.params["version"]), more={"granted": False})


def _version(call: Call) -> About:
    return About(object=("policy", call.params["version"]))


def _step(entry: Entry) -> Step:
    return Step(
        step=entry.step, version=entry.version, by=entry.called or entry.by, at=rfc3339(entry.at)
    )


def _change(difference: Difference) -> Change:
    return Change(difference.direction, difference.what)


ROUTES = (
    Route("GET", "/policy", "policy", "What runs", get_policy,
          access=Access(Permission.POLICY_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("The policy.", PolicyState)}),
    Route("GET", "/policy/proposals/{version}", "policy", "What a proposal would change",
          get_proposal,
          access=Access(Permission.POLICY_READ, AuditEvent.SETTING_VIEWED, about=_version),
          params=(VERSION,), answers={200: Answer("The changes.", Proposal)}),
    Route("POST", "/policy/proposals", "policy", "Offer what the folder holds", propose,
          access=Access(Permission.POLICY_CHANGE, AuditEvent.POLICY_PROPOSED, fresh=True),
          answers={200: Answer("The proposal.", Step)}),
    Route("POST", "/policy/proposals/{version}/approve", "policy", "Adopt it", approve,
          access=Access(
              Permission.SETTINGS_APPROVE, AuditEvent.POLICY_APPROVED, about=_version, fresh=True
          ),
          params=(VERSION,), answers={200: Answer("What runs now.", Adopted)}),
    Route("POST", "/policy/proposals/{version}/decline", "policy", "Turn it down", decline,
          access=Access(
              Permission.SETTINGS_APPROVE, AuditEvent.APPROVAL_GIVEN, about=_refusal, fresh=True
          ),
          params=(VERSION,), answers={200: Answer("That it was.", Step)}),
)  # fmt: skip
