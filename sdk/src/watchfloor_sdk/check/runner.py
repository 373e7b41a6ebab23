"""Runs the rules, some at a time, and computes the level."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Literal

from msgspec import Struct

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.loops import place_of

from .rule import RULES, Broken, Inapplicable, Level, Rule
from .subject import QUALITY, Subject

AT_ONCE = 4
"""Rules wait much more than they work."""
RULE_S = 180.0
_LEAST_REASON = 12

State = Literal["passed", "failed", "exempt", "inapplicable"]


class Outcome(Struct, frozen=True):
    """What became of one rule."""

    code: str
    state: State
    detail: str
    took_s: float = 0.0


class Report(Struct):
    """What became of all rules, in their order. ``level`` is computed from that alone."""

    connector: str
    version: str
    outcomes: list[Outcome]

    @property
    def level(self) -> Level:
        """The highest level of which, and below which, no rule has failed or was left out."""
        reached = Level.none
        for level in list(Level)[1:]:
            if not all(self._holds(rule) for rule in RULES.values() if rule.level == level):
                return reached
            reached = level
        return reached

    def holds(self) -> bool:
        """Whether no rule that was run has failed."""
        return all(one.state != "failed" for one in self.outcomes)

    def _holds(self, rule: Rule) -> bool:
        state = next((one.state for one in self.outcomes if one.code == rule.code), "failed")
        return state != "failed"


async def run(
    subject: Subject,
    codes: Sequence[str] = (),
    tell: Callable[[Outcome], None] = lambda _: None,
) -> Report:
    """All rules, or those of ``codes``. Raises ``AskAPerson`` (``quality_broken``)."""
    check_exemptions(subject)
    chosen = [one for one in RULES.values() if not codes or one.code in codes]
    free = asyncio.Semaphore(AT_ONCE)

    async def one_of(one: Rule) -> Outcome:
        async with free:
            outcome = await judged(one, subject)
        tell(outcome)
        return outcome

    outcomes = await asyncio.gather(*(one_of(one) for one in chosen if not one.alone))
    outcomes += [await one_of(one) for one in chosen if one.alone]
    return Report(subject.id, str(subject.document.get("version", "")), outcomes)


async def judged(one: Rule, subject: Subject) -> Outcome:
    """Run one rule, unless it is exempt."""
    if exemption := subject.quality.rules.get(one.code):
        return Outcome(one.code, "exempt", exemption.exempt)
    began = monotonic()
    state, detail = await _tried(one, subject)
    return Outcome(one.code, state, detail, round(monotonic() - began, 1))


async def _tried(one: Rule, subject: Subject) -> tuple[State, str]:
    limit = asyncio.timeout(RULE_S)
    try:
        async with limit:
            return "passed", await one.run(subject)
    except Broken as broken:
        return "failed", str(broken)
    except Inapplicable as why:
        return "inapplicable", str(why)
    except NotImplementedError as missing:
        return "failed", f"It cannot be tried: {missing}."
    except TimeoutError:
        late = f"It did not come to an end within {RULE_S:g} s."
        return "failed", late if limit.expired() else "The worker did not answer in time."
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return "failed", "The worker ended while it was asked something."
    except Exception as error:  # the simulator is vendor code, too
        return "failed", f"The simulator or the check failed: {place_of(error)}"


def check_exemptions(subject: Subject) -> None:
    """Raises ``AskAPerson`` for exemptions of no rule, without reason, or not to be had."""
    for code, exemption in subject.quality.rules.items():
        if wrong := _wrong_with(code, exemption.exempt):
            raise AskAPerson(f"{QUALITY}: {code}: {wrong}", code="quality_broken")


def _wrong_with(code: str, reason: str) -> str:
    if code not in RULES:
        return "there is no such rule"
    if not RULES[code].exemptable:
        return "nobody is exempt from this rule"
    if len(reason.strip()) < _LEAST_REASON:
        return "an exemption needs its reason"
    return ""
