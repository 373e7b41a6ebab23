"""What detectors see: looks at data about people, read from the audit log, and a window of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from watchfloor.audit import AuditEvent, Entry, Sealed
from watchfloor.contracts import micros
from watchfloor.ports.store import Gathering, Micros, StaffSubject
from watchfloor.settings_oversight import OversightSettings

HOUR: Micros = 3_600_000_000
DAY: Micros = 24 * HOUR

_OPENED = frozenset({AuditEvent.EVENT_VIEWED, AuditEvent.EVENT_RAW_VIEWED, AuditEvent.MEDIA_VIEWED})
"""What opens one record by its number."""
LOOKS = (
    AuditEvent.SEARCH_ASKED, AuditEvent.SEARCH_PREVIEWED, AuditEvent.LOOKUP_ASKED,
    AuditEvent.HISTORY_VIEWED, AuditEvent.PLATE_LISTED, *sorted(_OPENED),
)  # fmt: skip
"""Records among which looks are found (``is_look``)."""
TARGETS = frozenset(
    {"plate", "person", "address", "phone", "vehicle", "device", "search",
     "plate_pattern", "phone_pattern", "address_pattern"}
)  # fmt: skip
"""Kinds of subject that can stand for a person. ``search`` is a line without a key: a name."""


def is_look(entry: Entry) -> bool:
    """Whether it is a question about somebody or something, be it refused. To open a record is one
    where nothing had shown it: then it was counted how far that reaches. What came to nothing is
    one by the record that it was begun by. A plate that is put on a hot list is looked at ahead,
    but by a file of another system, to which two people agreed and which has no purpose."""
    if entry.event not in LOOKS or entry.attempt is not None:
        return False
    if entry.event is AuditEvent.PLATE_LISTED and entry.purpose is None:
        return False
    return entry.event not in _OPENED or "records" in entry.more


@dataclass(frozen=True, slots=True)
class Look:
    """One question: its record, and what somebody wrote of why where that could be opened."""

    index: int
    at: Micros
    entry: Entry
    words: str | None = None
    matched: tuple[str, ...] = ()
    """Keyed hashes of the few plates that it found by a pattern, or among words."""
    fits: tuple[str, ...] = ()
    """Keyed hashes of what staff registered, and it may have been about: by a part, or by words."""
    besides: tuple[Sealed, ...] = ()
    """What else the question named: words beside a plate, say."""

    @property
    def person(self) -> str:
        """Who asked, by id."""
        return self.entry.operator.id if self.entry.operator else ""

    @property
    def target(self) -> str | None:
        """The keyed hash of whom or what it was about, where that can stand for a person."""
        subject = self.entry.subject
        return subject.key if subject and subject.kind in TARGETS else None

    @property
    def targets(self) -> tuple[str, ...]:
        """Whom or what it named; of a pattern, or words, that stood for few plates, each."""
        named = ((self.target,) if self.target else ()) + tuple(each.key for each in self.besides)
        return tuple(dict.fromkeys((*named[:-1], *self.matched))) if self.matched else named

    @property
    def opened(self) -> str | None:
        """The number of the record that was opened by it, where it is no search or look-up."""
        about = self.entry.object
        opened = self.entry.event in _OPENED and about is not None and about.id
        return opened.partition("/")[0] if opened else None

    @property
    def tied(self) -> bool:
        """Whether a connected system knew the case or the call."""
        purpose = self.entry.purpose
        return purpose is not None and purpose.checked is not None

    @property
    def live(self) -> bool:
        """Whether it was asked for a call that was checked, and not for a case's sake."""
        purpose = self.entry.purpose
        return self.tied and purpose is not None and purpose.call is not None and not purpose.case

    @property
    def story(self) -> str | None:
        """What it was said to be for: case, call, order or request."""
        why = self.entry.purpose
        return (why.case or why.call or why.order or why.request) if why else None

    @property
    def searched(self) -> tuple[Micros, Micros] | None:
        """The time that was searched; an open end is when it was asked."""
        back = self.entry.lookback
        if back is None or back.since is None:
            return None
        return micros(back.since), micros(back.until) if back.until else self.at

    @property
    def days_back(self) -> float:
        """How far it reached back from when it was asked."""
        return max(0.0, (self.at - self.searched[0]) / DAY) if self.searched else 0.0


@dataclass(frozen=True, slots=True)
class Flag:
    """What a detector found, in words for whoever reviews it. ``ground`` tells two findings of one
    detector about one person apart, and says nothing about anybody. ``records`` are places in the
    log."""

    detector: str
    person: str
    handle: str
    agency: str
    words: str
    records: tuple[int, ...]
    ground: str = ""


@dataclass(frozen=True)
class Window:
    """Looks of some weeks, oldest first. Judged are those in ``since`` ≤ t < ``until``; the others
    are what is usual."""

    looks: Sequence[Look]
    since: Micros
    until: Micros
    zone: ZoneInfo
    settings: OversightSettings = field(default_factory=OversightSettings)
    staff: Sequence[StaffSubject] = ()
    gatherings: Sequence[Gathering] = ()

    @cached_property
    def judged(self) -> Sequence[Look]:
        """Looks of the time that is judged."""
        return [look for look in self.looks if self.is_judged(look)]

    @cached_property
    def usual(self) -> Sequence[Look]:
        """Looks of the time before it."""
        return [look for look in self.looks if look.at < self.since]

    def is_judged(self, look: Look) -> bool:
        """Whether it lies in the time that is judged."""
        return self.since <= look.at < self.until

    def local(self, look: Look) -> datetime:
        """When it was, by the agency's clocks."""
        return datetime.fromtimestamp(look.at / 1_000_000, self.zone)


def by_person(looks: Iterable[Look]) -> Mapping[str, list[Look]]:
    """Each person's."""
    grouped: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        grouped[look.person].append(look)
    return grouped


def by_target(looks: Iterable[Look]) -> Mapping[tuple[str, str], list[Look]]:
    """By person and subject, those that have one."""
    grouped: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for look in looks:
        for target in look.targets:
            grouped[look.person, target].append(look)
    return grouped


def flag(detector: str, looks: Sequence[Look], words: str, ground: str = "") -> Flag:
    """A finding about the person of these looks."""
    who = looks[-1].entry.operator
    assert who is not None
    return Flag(
        detector, who.id, who.handle or who.id, who.agency or "", words,
        tuple(look.index for look in looks), ground,
    )  # fmt: skip


def kind_of(look: Look, target: str) -> str:
    """What of a look a target is, in a word."""
    if target in look.matched:
        return "plate"
    named = filter(None, (look.entry.subject, *look.besides))
    kind = next((each.kind for each in named if each.key == target), "subject")
    return "search line" if kind == "search" else kind.replace("_", " ")


Flags = Iterator[Flag]
