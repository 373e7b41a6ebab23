"""A policy's own tests: questions with the answers that the agency expects.

[[case]]
name = "an analyst looks up a plate for a case"
person = { roles = ["analyst"], certified = ["ncic"] }
permission = "data:search"
purpose = { code = "investigation", offence = { code = "120" }, case_number = "26-1" }
facts = { subject = "plate", lookback_days = 3 }
expect = { permitted = true, obligations = ["log"] }
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct, field

from watchfloor.contracts import PurposeOfUse
from watchfloor.identity import Permission, Person, Role

from .engine import Engine, Policy
from .folder import Files, bad, cases_of
from .model import Decision, Question

_AT = 1_800_000_000_000_000
_REQUEST = {"request": "R-00-000000"}


class CasePerson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks. ``certified`` are trainings that are valid."""

    roles: list[Role]
    agency: str = ""
    """Empty: this hub's own."""
    certified: list[str] = []
    sworn: bool = False
    identity_assurance: int = 0
    authenticator_assurance: int = 0


class Expected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be answered; what is left out is not compared."""

    permitted: bool
    reason: str | None = None
    obligations: list[str] | None = None
    """All of them, in any order: ``log``, ``redact data.callback``."""


class Case(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question, and what must be answered."""

    name: str
    person: CasePerson
    permission: Permission
    expect: Expected
    purpose: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class _Cases(Struct, forbid_unknown_fields=True):
    case: list[Case] = []


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case went; ``differs`` says in what, and is empty when it passed."""

    file: str
    name: str
    differs: str

    @property
    def passed(self) -> bool:
        """As expected."""
        return not self.differs


def run_cases(files: Files, policy: Policy) -> list[Outcome]:
    """Put every case to a policy. Raises ``AskAPerson`` (``bad_policy``) for a file that is no
    list of cases."""
    engine = Engine(policy)
    return [
        Outcome(file, case.name, _differs(case.expect, engine.decide(question)))
        for file, text in sorted(cases_of(files).items())
        for case, question in _read(file, text, policy.agency)
    ]


def _read(file: str, text: str, agency: str) -> Iterator[tuple[Case, Question]]:
    try:
        for case in msgspec.convert(tomllib.loads(text), _Cases).case:
            yield case, _question(case, agency)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise bad(file, str(error)) from None


def _question(case: Case, agency: str) -> Question:
    said = case.purpose
    purpose = None if said is None else msgspec.convert({**_REQUEST, **said}, PurposeOfUse)
    who = case.person
    person = Person(
        id="case", handle="case", name="Somebody", agency=who.agency or agency,
        roles=frozenset(who.roles), sworn=who.sworn,
        certified=dict.fromkeys(who.certified, _AT + 1),
        identity_assurance=who.identity_assurance,
        authenticator_assurance=who.authenticator_assurance,
    )  # fmt: skip
    return Question(person, case.permission, _AT, purpose, case.facts)


def _differs(expected: Expected, decision: Decision) -> str:
    if decision.permitted != expected.permitted:
        words = "permitted" if decision.permitted else f"denied ({decision.reason})"
        return f"it is {words}, by {', '.join(decision.rules)}"
    if expected.reason is not None and decision.reason != expected.reason:
        return f"the reason is {decision.reason}, not {expected.reason}"
    found = sorted(f"{each.kind} {each.value}".strip() for each in decision.obligations)
    if expected.obligations is not None and found != sorted(expected.obligations):
        return f"the obligations are: {', '.join(found)}"
    return ""
