"""Policy in tests: a person, a purpose, a question, and engines to put it to."""

from __future__ import annotations

from typing import Any

from watchfloor.adapters.cedar import read_rules
from watchfloor.contracts import Offence, PurposeCode, PurposeOfUse
from watchfloor.identity import Permission, Person, Role
from watchfloor.policy import Decision, Engine, Question, World, load

NOW = 1_790_000_000_000_000
DAY = 86_400_000_000
AGENCY = "ex-pd"


def person(*roles: str, agency: str = AGENCY, certified: tuple[str, ...] = ("ncic",)) -> Person:
    """Somebody of this agency; trainings are valid for a day more."""
    return Person(
        "https://login.example.org|ana", "ana", "Ana Example", agency, frozenset(map(Role, roles)),
        certified=dict.fromkeys(certified, NOW + DAY),
    )  # fmt: skip


ANALYST = person("analyst")


def purpose(code: PurposeCode = "investigation", **parts: Any) -> PurposeOfUse:
    """A purpose that says all that its code needs."""
    whole = {"offence": Offence(code="120"), "case_number": "26-004711", "call_number": "C-1"}
    if code in ("audit_review", "emergency_override"):
        whole["reason"] = "As told by the watch commander"
    if code == "court_order":
        whole |= {"order": "O-17", "checked": "rms"}
    return PurposeOfUse(code=code, request="R-26-000001", **{**whole, **parts})


def engine(*rules: str, settings: str = "", world: World | None = None) -> Engine:
    """An engine: the packaged rules, or those given; strict settings, or those given."""
    files = {"settings.toml": settings, **{f"{n}.cedar": text for n, text in enumerate(rules)}}
    return Engine(load(files, AGENCY, read_rules), world or World())


def ask(
    engine: Engine,
    permission: Permission | str = Permission.DATA_SEARCH,
    who: Person = ANALYST,
    why: PurposeOfUse | None = None,
    **facts: Any,
) -> Decision:
    """What an engine says."""
    return engine.decide(Question(who, Permission(permission), NOW, why, facts))


EVERYBODY = '@id("all") permit(principal, action, resource);'
"""A careless rule: whatever is still refused under it is refused in code."""

TWO_OWNERS = """
[agencies.north-so]
level = "local"
sources = ["north-lpr", "north-cad"]

[agencies.west-pd]
level = "local"
sources = ["west-lpr"]
"""
"""Settings that say whose sources are whose."""
