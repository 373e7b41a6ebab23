"""Keeps the engine's rules and wanted plates equal to what is in the book.

A change of a hot list builds the new table beside the old one and then swaps: the watch never
stops, and ``in_force`` says when a change has taken hold.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from watchfloor.ports.store import Micros, Rule, Store
from watchfloor.ports.world import Clock

from .engine import Compiled, Engine, compile_rule
from .plates import WantedPlates
from .rules import RuleDocument, RuleInvalid, read_rule


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule as the agency wrote it and what the engine made of it.

    ``active``: the engine runs it. ``disabled``: switched off. ``broken``: it cannot run, with the
    reason. ``erroring``: it runs, and its condition failed on some events since it was changed.
    """

    rule: Rule
    state: Literal["active", "disabled", "broken", "erroring"]
    reason: str = ""
    failures: int = 0
    last_failure: Micros | None = None
    document: RuleDocument | None = None


class Watch:
    """What is watched for. One per hub."""

    def __init__(self, store: Store, clock: Clock, engine: Engine) -> None:
        self._book = store.alerts
        self._clock = clock
        self._engine = engine
        self._reading = asyncio.Lock()
        self._compiling = asyncio.Lock()
        self._wanted_version = self._version = 0
        self._rules: list[tuple[Rule, Compiled | None, str]] = []
        self.loaded: Micros | None = None
        """When the plates in force were read."""

    def plates_changed(self) -> None:
        """Hot lists differ from what is in force."""
        self._wanted_version += 1

    async def in_force(self) -> None:
        """Read the hot lists anew if they changed; returns when the newest are in force."""
        async with self._reading:
            while self.loaded is None or self._version != self._wanted_version:
                version = self._wanted_version
                plates = WantedPlates()
                lists = await self._book.hot_lists()
                await plates.fill(self._book)
                self._engine.use_plates(plates, lists)
                self._version, self.loaded = version, self._clock.now()

    async def use_rules(self) -> None:
        """Compile the rules in the book and put those that can run in force."""
        async with self._compiling:
            known = {hot_list.id for hot_list in await self._book.hot_lists()}
            rules = await self._book.rules()
            before = {rule.id: (rule, compiled) for rule, compiled, _ in self._rules}
            self._rules = [_compiled(rule, *before.get(rule.id, (None, None))) for rule in rules]
            self._rules = [
                (rule, compiled, reason or _lists_missing(compiled, known))
                for rule, compiled, reason in self._rules
            ]
            self._engine.use_rules(
                [c for rule, c, reason in self._rules if c and rule.enabled and not reason]
            )

    def rules(self) -> list[RuleStatus]:
        """Every rule and how it stands."""
        return [_status(*known) for known in self._rules]


def _compiled(
    rule: Rule, earlier: Rule | None, compiled: Compiled | None
) -> tuple[Rule, Compiled | None, str]:
    """A rule made ready to run; one that did not change keeps its record of failures."""
    if compiled is not None and earlier == rule:
        return rule, compiled, ""
    try:
        return rule, compile_rule(read_rule(rule.document)), ""
    except RuleInvalid as error:
        return rule, None, error.detail


def _lists_missing(compiled: Compiled | None, known: set[str]) -> str:
    listed = compiled.rule.hot_list if compiled else None
    missing = sorted(set(listed) - known) if listed and listed != "any" else []
    return f"There is no hot list called {', '.join(missing)}." if missing else ""


def _status(rule: Rule, compiled: Compiled | None, reason: str) -> RuleStatus:
    document = compiled.rule if compiled else None
    if not rule.enabled:
        return RuleStatus(rule, "disabled", document=document)
    if reason or compiled is None:
        return RuleStatus(rule, "broken", reason, document=document)
    if compiled.failures:
        return RuleStatus(
            rule, "erroring", f"Its condition failed: {compiled.failed_why}.",
            compiled.failures, compiled.failed, document,
        )  # fmt: skip
    return RuleStatus(rule, "active", document=document)
