"""Rules as data: what one says about itself, and the port of whatever evaluates them.

A rule carries, as annotations: ``@id``; for a ``forbid`` also ``@reason`` (a code) and ``@says``
(plain words), and if it likes ``@remedy`` (what to do, whom to ask); for a ``permit``, if it likes,
``@title`` (what it allows, for whoever is told by which rule), ``@obligation`` (``redact
data.callback, notify_owner``) and ``@hides`` (``read hit``: kinds of event that it does not show).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from watchfloor.contracts import BY_NAME
from watchfloor.identity import Permission

from .asked import Asked
from .model import Obligation, ObligationKind

Effect = Literal["permit", "forbid"]

ANNOTATIONS: Mapping[Effect, frozenset[str]] = {
    "permit": frozenset({"id", "title", "obligation", "hides"}),
    "forbid": frozenset({"id", "reason", "says", "remedy"}),
}
_REQUIRED: Mapping[Effect, tuple[str, ...]] = {
    "permit": ("id",),
    "forbid": ("id", "reason", "says"),
}
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FIELD = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")
_KINDS: tuple[ObligationKind, ...] = get_args(ObligationKind)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where it stands, and what it says about itself."""

    id: str
    effect: Effect
    file: str
    line: int
    text: str
    reason: str = ""
    says: str = ""
    remedy: str = ""
    obligations: tuple[Obligation, ...] = ()
    hides: frozenset[str] = frozenset()
    """Types of event that it does not show, though it permits."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say: the ids of those that decided, in the order in which they stand.
    ``failed``: some could not be evaluated, so that nothing may be concluded from the others."""

    permitted: bool
    rules: tuple[str, ...] = ()
    failed: bool = False

    def __and__(self, other: Verdict) -> Verdict:
        """What both say together: permitted by both, else by those that refuse."""
        failed = self.failed or other.failed
        if self.permitted == other.permitted:
            rules = dict.fromkeys(self.rules + other.rules)
            return Verdict(self.permitted and not failed, tuple(rules), failed)
        refusing = other if self.permitted else self
        return Verdict(False, refusing.rules, failed)


class Rules(Protocol):
    """A set of rules, ready to be asked often."""

    @property
    def rules(self) -> Mapping[str, Rule]:
        """By id."""

    def judge(self, asked: Asked, permission: Permission) -> Verdict:
        """What they say to one question, as far as one of its permissions goes."""


class RuleReader(Protocol):
    """Makes rules of texts."""

    def __call__(self, texts: Mapping[str, str]) -> Rules:
        """From the files' names and contents. Raises ``AskAPerson`` (``bad_policy``) with the file
        and line of what is wrong."""


def rule_of(
    effect: Effect, annotations: Mapping[str, str | None], file: str, line: int, text: str
) -> Rule:
    """A rule from its annotations. Raises ``ValueError`` with what is wrong with them."""
    said = {name: value or "" for name, value in annotations.items()}
    for name in said.keys() - ANNOTATIONS[effect]:
        raise ValueError(f"@{name} means nothing on a {effect}")
    for name in _REQUIRED[effect]:
        if not said.get(name):
            raise ValueError(f"a {effect} needs @{name}")
    if not _ID.fullmatch(said["id"]):
        raise ValueError("@id is small letters, digits and hyphens")
    if effect == "forbid" and not _REASON.fullmatch(said["reason"]):
        raise ValueError("@reason is small letters, digits and underscores")
    return Rule(
        said["id"], effect, file, line, text, said.get("reason", ""), said.get("says", ""),
        said.get("remedy", ""), _obligations(said.get("obligation", "")),
        frozenset(map(_type_of, said.get("hides", "").split())), said.get("title", ""),
    )  # fmt: skip


def _obligations(text: str) -> tuple[Obligation, ...]:
    return tuple(_obligation(each.strip()) for each in text.split(",")) if text.strip() else ()


def _obligation(text: str) -> Obligation:
    name, _, value = text.partition(" ")
    kind = next((kind for kind in _KINDS if kind == name), None)
    if kind is None:
        raise ValueError(f"an @obligation is one of {', '.join(_KINDS)}, not {name!r}")
    value = value.strip()
    if kind == "redact" and not _FIELD.fullmatch(value):
        raise ValueError("redact names a field, such as data.callback")
    if kind == "expire" and not (value.isdecimal() and int(value) > 0):
        raise ValueError("expire names a number of seconds")
    return Obligation(kind, value)


def _type_of(kind: str) -> str:
    if kind not in BY_NAME:
        raise ValueError(f"@hides names kinds of event; {kind!r} is none")
    return BY_NAME[kind].type
