"""The retention schedule: the agency's choice of presets and its own rules, as one document.

It lies in the store, each version of it, and not in a file of the data directory: a change takes
two people, and a file is changed by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from watchfloor.contracts import AskAPerson, Handling
from watchfloor.contracts.words import SAID
from watchfloor.ports.store import ScheduleVersion, Stream

from .kinds import EVENTS, LEDGERS, MOVEMENTS, OF_ITS_SOURCE, RECORDS, named
from .limits import DAY, Cap, Floor, Limits, longest, shortest
from .presets import preset

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=SAID)]
Words = Annotated[str, Meta(min_length=1, max_length=2000, pattern=SAID)]


class SwitchedOn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A preset in use. ``counsel`` is who confirmed it. ``sources`` are those of its jurisdiction;
    where none is named it is for all."""

    preset: Name
    counsel: Name
    sources: list[Name] = []


class OwnRule(Struct, kw_only=True, forbid_unknown_fields=True):
    """The agency's own cap or floor for a kind, a family or ``*``; of one source, or of one
    handling class, where named."""

    id: Name
    kind: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Words
    cap: str | None = None
    floor: str | None = None
    source: Name | None = None
    handling: Handling | None = None

    def limit(self) -> Cap | Floor:
        """The one of the two that it is. Raises ``AskAPerson``."""
        match self.cap, self.floor:
            case str(cap), None:
                return Cap.of(cap, self.id)
            case None, str(floor):
                return Floor.of(floor, self.id)
        raise AskAPerson(
            f"The retention rule {self.id!r} is to be a cap or a floor, one of the two.",
            code="bad_schedule",
            remedy="Write two rules where the agency has both.",
        )

    def about(self, stream: Stream, handling: str | None) -> bool:
        """Whether it may be about such data; ``handling`` of ``None`` stands for any."""
        return (
            stream.kind in named(self.kind)
            and self.source in (None, stream.source)
            and (handling is None or self.handling in (None, handling))
        )


class Schedule(Struct, kw_only=True, forbid_unknown_fields=True):
    """The whole document. An empty one leaves the strict defaults."""

    presets: list[SwitchedOn] = []
    rules: list[OwnRule] = []

    def check(self) -> None:
        """Raises ``AskAPerson`` (codes ``bad_schedule``, ``unknown_preset``) for what cannot be
        used."""
        for chosen in self.presets:
            preset(chosen.preset)
        for rule in self.rules:
            named(rule.kind)
            rule.limit()
        ids = [rule.id for rule in self.rules] + [each.preset for each in self.presets]
        for kind in _ALWAYS:
            limits = InForce(self).limits(Stream("", kind))
            if limits.contradict:
                raise AskAPerson(
                    f"{limits.cap.rule} would end {kind} records before a year is over.",
                    code="audit_floor",
                    remedy="Records of who looked at what are kept for a year (CJISSECPOL AU-11).",
                )
        if len(ids) != len(set(ids)):
            raise AskAPerson(
                "Two retention rules have the same name.",
                code="bad_schedule",
                remedy="Give each rule a name of its own; name all sources of a preset at once.",
            )


def read(document: str | bytes) -> Schedule:
    """A schedule from its JSON. Raises ``AskAPerson`` (code ``bad_schedule``)."""
    try:
        schedule = msgspec.json.decode(document, type=Schedule)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AskAPerson(
            f"The retention schedule cannot be used: {error}.",
            code="bad_schedule",
            remedy="Mend what it names.",
        ) from None
    schedule.check()
    return schedule


# --- What counts ----------------------------------------------------------------------------

_STRICT = "30 days"
"""Where nobody chose anything: what most readers' vendors set, and never “no limit”."""
_USUAL = "365 days"
_DEFAULT_CAPS: Mapping[str, str] = {
    **dict.fromkeys(MOVEMENTS, _STRICT),
    "delivery": _STRICT,
    "hot-list-entry": _STRICT,
    "context-note": "5 years",
    **dict.fromkeys(LEDGERS - {"backup"}, "10 years"),
}
_ALWAYS: Mapping[str, Sequence[Floor]] = {
    kind: [Floor.of("1 year", "us-cjis-audit")] for kind in ("audit", "context-note")
}
"""Who looked at what is kept for a year at least (CJISSECPOL AU-11): no schedule shortens it."""
_NEVER_LONGER: Mapping[str, Sequence[Cap]] = {"criminal-intel": [Cap.of("5 years", "us-28cfr23")]}
"""Until the next review at the latest (28 CFR 23.20(h)): no schedule lengthens it."""


class InForce:
    """A schedule with what was agreed for each source: its impact statement's days."""

    def __init__(
        self, schedule: Schedule, version: int = 0, agreed: Mapping[str, int] | None = None
    ) -> None:
        self.schedule = schedule
        self.version = version
        self._agreed = {
            source: Cap.of(f"{days} days", f"impact statement of {source}")
            for source, days in (agreed or {}).items()
            if days > 0  # 0: the source keeps nothing of its own, as the statement's form has it
        }

    @property
    def classes(self) -> frozenset[str]:
        """The handling classes that its rules name."""
        return frozenset(rule.handling for rule in self.schedule.rules if rule.handling)

    @property
    def caps(self) -> Sequence[Cap]:
        """Those that somebody chose, whether there is anything yet that they are about. What counts
        beside them is a day or longer."""
        limits = [
            *(preset(each.preset).limit() for each in self.schedule.presets),
            *(rule.limit() for rule in self.schedule.rules),
        ]
        return [limit for limit in limits if isinstance(limit, Cap)]

    def limits(
        self, stream: Stream, handling: str | None = None, others: Sequence[str] = ()
    ) -> Limits:
        """The shortest cap and the longest floor of some data.

        ``handling`` of ``None``: the strictest of all classes. ``others`` are the event types that
        the same source delivers: what may hold any of them keeps to the strictest."""
        limits = self._limits(stream, handling)
        if stream.kind not in OF_ITS_SOURCE:
            return limits
        caps = [self._limits(Stream(stream.source, other)).cap for other in others or MOVEMENTS]
        return Limits(shortest([limits.cap, *caps]), limits.floor)

    def _limits(self, stream: Stream, handling: str | None = None) -> Limits:
        chosen = list(self._chosen(stream, handling))
        caps = [limit for limit in chosen if isinstance(limit, Cap)] or [self._default(stream.kind)]
        floors = [limit for limit in chosen if isinstance(limit, Floor)]
        return Limits(
            shortest([*caps, *self._agreed_caps(stream), *_NEVER_LONGER.get(stream.kind, ())]),
            longest([*floors, *_ALWAYS.get(stream.kind, ())]),
        )

    def _chosen(self, stream: Stream, handling: str | None) -> Iterator[Cap | Floor]:
        for switched_on in self._of_jurisdiction(stream):
            yield preset(switched_on.preset).limit()
        for rule in self.schedule.rules:
            if rule.about(stream, handling):
                yield rule.limit()

    def _default(self, kind: str) -> Cap:
        """What counts where nobody chose anything. A backup holds everything: it keeps to the
        shortest cap of events in the schedule, and to a day at least, for a day's have one key."""
        if kind != "backup":
            return _default(kind)
        limits = [rule.limit() for rule in self.schedule.rules if named(rule.kind) & EVENTS]
        of_types = [self._limits(Stream("", each)).cap for each in EVENTS]
        least = shortest([*of_types, *(limit for limit in limits if isinstance(limit, Cap))])
        return Cap(max(least.micros, DAY), least.rule)

    def _agreed_caps(self, stream: Stream) -> list[Cap]:
        """An approved statement shortens what the rules say, and never lengthens it."""
        agreed = self._agreed.get(stream.source)
        return [agreed] if agreed else []

    def _of_jurisdiction(self, stream: Stream) -> list[SwitchedOn]:
        """The presets for a source. One whose jurisdiction nobody named gets all of them, so that
        the most restrictive counts."""
        about = [each for each in self.schedule.presets if preset(each.preset).about(stream.kind)]
        mine = [each for each in about if stream.source in each.sources]
        return [each for each in about if not each.sources] + mine if mine else about


def in_force(
    versions: Iterable[ScheduleVersion], agreed: Mapping[str, int] | None = None
) -> InForce:
    """What counts of all versions, newest first: the last that was approved; version 0, where none
    was."""
    for version in versions:
        if version.approved is not None:
            return InForce(read(version.document), version.version, agreed)
    return InForce(Schedule(), 0, agreed)


def _default(kind: str) -> Cap:
    """A type that this version does not know gets the strict one."""
    known = _USUAL if kind in EVENTS | RECORDS else _STRICT
    return Cap.of(_DEFAULT_CAPS.get(kind, known), "default")
