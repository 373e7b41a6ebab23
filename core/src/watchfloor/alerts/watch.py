"""Keeps the engine's rules and wanted plates equal to what is in the book.

A change of a hot list builds the new table beside the old one and then swaps: the watch never
stops, and ``in_force`` says when a change has taken hold.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Literal

from watchfloor.contracts import RetryLater, WatchfloorError
from watchfloor.ports.store import Micros, Rule, Store
from watchfloor.ports.world import Clock

from .engine import Compiled, Engine, compile_rule
from .plates import WantedPlates
from .rules import RuleDocument, RuleInvalid, read_rule

log = logging.getLogger(__name__)

TRY_AGAIN_S = 1.0
"""Between two tries to read hot lists that could not be read."""


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule as the agency wrote it and what the engine made of it.

    ``active``: the engine runs it. ``disabled``: switched off. ``broken``: it cannot run, with the
    reason. ``erroring``: it runs, and its condition failed on some events since it was changed.
    ``waiting``: the hub has just started and still reads the hot lists; then it runs, beginning
    with the first event that it has not judged.
    """

    rule: Rule
    state: Literal["active", "disabled", "broken", "erroring", "waiting"]
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
        self._wanted_version, self._version = 1, 0
        self._changed = asyncio.Event()
        self._changed.set()
        self._loaded = asyncio.Event()
        self._rules: list[tuple[Rule, Compiled | None, str]] = []

    @property
    def newest(self) -> bool:
        """Whether the hot lists in force are those in the book."""
        return self._version == self._wanted_version

    @property
    def watching(self) -> bool:
        """Whether the hot lists have been read since the hub started: before that nothing is
        judged."""
        return self._loaded.is_set()

    def plates_changed(self) -> None:
        """Hot lists differ from what is in force."""
        self._wanted_version += 1
        self._changed.set()

    async def keep(self) -> None:
        """Run as a task: reads the hot lists at the start, and again where a change could not be
        read at once."""
        while True:
            await self._changed.wait()
            try:
                await self.in_force()
            except WatchfloorError as error:
                log.error("The hot lists cannot be read: %s", error.detail)
                await asyncio.sleep(TRY_AGAIN_S)
            except Exception as error:  # its text could quote an entry
                log.error("The hot lists cannot be read: %s", type(error).__name__)
                await asyncio.sleep(TRY_AGAIN_S)

    async def loaded(self) -> None:
        """Returns when the hot lists have been read for the first time."""
        await self._loaded.wait()

    async def in_force(self) -> None:
        """Read the hot lists anew if they changed; returns when the newest are in force."""
        async with self._reading:
            while not self.newest:
                await self._read()
            self._changed.clear()
            self._loaded.set()

    async def _read(self) -> None:
        version, started = self._wanted_version, self._clock.now()
        plates = WantedPlates()
        lists = await self._book.hot_lists()
        try:
            await plates.fill(self._book)
        except RetryLater as error:
            if error.code != "hot_list_changed":
                raise
            return  # half of the old and half of the new is neither: begin again
        self._engine.use_plates(plates, lists)
        self._version = version
        log.info(
            "%d wanted plates of %d hot lists are in force after %.1f s",
            len(plates), len(lists), (self._clock.now() - started) / 1e6,
        )  # fmt: skip

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
        statuses = [_status(*known) for known in self._rules]
        return statuses if self.watching else [_waiting(status) for status in statuses]


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


def _waiting(status: RuleStatus) -> RuleStatus:
    if status.state not in ("active", "erroring"):
        return status
    return replace(
        status, state="waiting", reason="The hub has just started and reads the hot lists."
    )
