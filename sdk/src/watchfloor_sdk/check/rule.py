"""What a rule of the conformance check is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .subject import Subject

Run = Callable[["Subject"], Awaitable[str]]


class Level(IntEnum):
    """How far a connector can be relied upon. Each level asks for all rules below it as well."""

    none = 0
    bronze = 1
    silver = 2
    gold = 3
    platinum = 4


class Broken(Exception):
    """The connector breaks the rule; the text says what was seen. No secret, no record in it."""


class Inapplicable(Exception):
    """There is nothing at this connector that the rule could be about; the text says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``code`` is stable for ever. ``what`` must hold, ``why`` it matters, ``mend`` says how to
    come to it. ``run`` answers what it saw, or raises ``Broken`` or ``Inapplicable``.

    A rule with ``exemptable`` false protects people, or the level's very meaning: no reason is good
    enough. One that measures runs ``alone``, after the others.
    """

    code: str
    level: Level
    what: str
    why: str
    mend: str
    run: Run
    exemptable: bool = True
    alone: bool = False


RULES: dict[str, Rule] = {}
"""All rules by code, in the order of their codes once ``rules`` is imported."""


def rule(
    code: str, *, why: str, mend: str, exemptable: bool = True, alone: bool = False
) -> Callable[[Run], Run]:
    """Enters a function into the table. The first digit of the code is its level; the function's
    docstring is ``what`` must hold."""

    def enter(run: Run) -> Run:
        what = " ".join((run.__doc__ or "").split())
        RULES[code] = Rule(code, Level(int(code[2])), what, why, mend, run, exemptable, alone)
        return run

    return enter
