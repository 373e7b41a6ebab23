"""Which plate reads people were shown, and which they opened by their numbers.

A search counts how far it reaches before it is answered. Whoever opens records by number, one after
another, reaches as far; so what nothing had shown them is added up over a day, and decided on like
one search that shows all of it. What a search, an alert or a list showed opens without being
counted.

Whoever asks about one subject in pieces, minute after minute or street after street, sees its
movements as well: what they were shown of it before counts with what they ask now, by whatever line
it was shown. So does what searches showed of many within an hour: sixty slices of a broad question
reach as far as the whole.

All of it is kept in memory and bounded: a hub that starts begins at nothing. Oversight counts by
the audit log, which forgets nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from watchfloor.policy import MOVEMENTS
from watchfloor.ports.store import Micros, RecordedEvent, Seq

T = TypeVar("T")

Sighting = Seq | tuple[str, str]
"""An event of the log; what a look-up found, by its source and its id there; or that a line was
told that there are more."""

HOUR: Micros = 3_600_000_000
DAY: Micros = 24 * HOUR
MOST = 2_000
"""Reads remembered as shown to one person."""
SEARCHED = 40_000
"""Reads and hits remembered as shown to one person by searches within an hour: as many as the
policy's limits of records, and of an hour, may be."""
SUBJECTS = 2_000
"""Plates, phones and others of which is remembered what one person was shown."""


class _Opened(NamedTuple):
    """What was opened by number: when, and what it is counted by, as far as it has that."""

    at: Micros
    plate: str
    reader: str
    owner: str | None
    caller: str


class Shown(NamedTuple):
    """A plate read or hit that a search showed: when, and what it is counted by."""

    at: Micros
    plate: str
    reader: str


@dataclass(slots=True)
class Recent(Generic[T]):
    """So many at most, each once; beyond that, what came longest ago is forgotten."""

    most: int
    _all: dict[T, None] = field(default_factory=dict)

    def __contains__(self, one: T) -> bool:
        return one in self._all

    def add(self, one: T) -> bool:
        """It comes now; whether it was not there."""
        is_new = one not in self._all
        self._all.pop(one, None)
        self._all[one] = None
        if len(self._all) > self.most:
            del self._all[next(iter(self._all))]
        return is_new


@dataclass(slots=True)
class _Reads:
    """One person's."""

    shown: Recent[Seq] = field(default_factory=lambda: Recent(MOST))
    opened: dict[Seq, _Opened] = field(default_factory=dict)
    moved: dict[tuple[str, str], dict[Sighting, Micros]] = field(default_factory=dict)
    """Sightings of one subject, and when they were shown."""
    asked: Recent[tuple[str, str]] = field(default_factory=lambda: Recent(SUBJECTS))
    """Subjects that they asked about by name, or by a part of it."""
    searched: dict[Seq, Shown] = field(default_factory=dict)
    """What searches of many showed, what came last at the end."""
    listed: dict[str, Micros] = field(default_factory=dict)
    """Plates that they put on hot lists, and when."""


@dataclass(slots=True)
class HandedOut:
    """What was, by person."""

    _of: dict[str, _Reads] = field(default_factory=dict)

    def note(self, person: str, reads: Iterable[Seq]) -> None:
        """They are shown these."""
        shown = self._reads(person).shown
        for seq in reads:
            shown.add(seq)

    def has(self, person: str, seq: Seq) -> bool:
        """Whether they were shown it."""
        return seq in self._reads(person).shown

    def follow(
        self, person: str, subject: tuple[str, str], sightings: Iterable[Sighting], now: Micros
    ) -> None:
        """They are shown these sightings of one subject, which are no movement history yet."""
        moved = self._reads(person).moved
        shown = moved.pop(subject, {})
        if shown and now - min(shown.values()) >= DAY:
            shown = _of_a_day(shown, now)
        shown.update(dict.fromkeys(sightings, now))
        moved[subject] = shown
        if len(moved) > SUBJECTS:
            del moved[next(iter(moved))]

    def followed(self, person: str, subject: tuple[str, str], now: Micros) -> frozenset[Sighting]:
        """The sightings of it that they were shown within a day."""
        return frozenset(_of_a_day(self._reads(person).moved.get(subject, {}), now))

    def asks_about(self, person: str, subject: tuple[str, str]) -> None:
        """They ask about it by name, or by a part of it that few fit."""
        self._reads(person).asked.add(subject)

    def asked_far(self, person: str, so_far: int, now: Micros) -> list[tuple[str, str]]:
        """Subjects that they asked about and of which they were shown at least so many sightings
        within a day."""
        mine = self._reads(person)
        long = [subject for subject, shown in mine.moved.items() if len(shown) >= so_far]
        return [
            subject
            for subject in long
            if subject in mine.asked and len(self.followed(person, subject, now)) >= so_far
        ]

    def searched(self, person: str, sightings: Mapping[Seq, Shown], now: Micros) -> None:
        """A search of many shows them these."""
        searched, moved = self._reads(person).searched, dict[str, list[Seq]]()
        for seq, shown in sightings.items():
            searched.pop(seq, None)
            searched[seq] = shown
            moved.setdefault(shown.plate, []).append(seq)
        while len(searched) > SEARCHED:
            del searched[next(iter(searched))]
        for plate, seqs in moved.items():
            self.follow(person, ("plate", plate), seqs, now)

    def within_an_hour(self, person: str, now: Micros) -> Mapping[Seq, Shown]:
        """What searches of many showed them."""
        searched = self._reads(person).searched
        while searched and now - searched[first := next(iter(searched))].at >= HOUR:
            del searched[first]
        return searched

    def lists(self, person: str, plates: Iterable[str], most: int, now: Micros) -> bool:
        """They put these plates on a hot list by hand; whether they may: with those of the day
        before there are no more than ``most``."""
        mine = self._reads(person)
        listed = {plate: at for plate, at in mine.listed.items() if now - at < DAY}
        listed |= dict.fromkeys(plates, now)
        if len(listed) > most:
            return False
        mine.listed = listed
        return True

    def opens(
        self, person: str, event: RecordedEvent, owner: str | None, now: Micros, caller: str = ""
    ) -> Mapping[str, int]:
        """They open one that nothing had shown them: how far all that they opened so within a day
        reaches, in the words of policy's facts; ``sightings`` are of this one's plate. ``owner`` is
        the other agency whose data it is, if it is one's; ``caller`` the telephone number in it."""
        keys = dict(event.keys) if event.type in MOVEMENTS else {}
        plate = keys.get("plate", "")
        mine = self._reads(person)
        mine.opened = {seq: each for seq, each in mine.opened.items() if now - each.at < DAY}
        mine.opened[event.seq] = _Opened(now, plate, keys.get("asset", ""), owner, caller)
        opened = mine.opened.values()
        plates = Counter(each.plate for each in opened if each.plate)
        people = {each.caller for each in opened} - {""}
        return {
            "records": len(opened),
            "plates": len(plates),
            "cameras": len({each.reader for each in opened} - {""}),
            "agencies": len({each.owner for each in opened} - {None}),
            "sightings": plates[plate],
            **({"people": len(people)} if people else {}),
        }

    def _reads(self, person: str) -> _Reads:
        return self._of.setdefault(person, _Reads())


def _of_a_day(moved: Mapping[Sighting, Micros], now: Micros) -> dict[Sighting, Micros]:
    return {seq: at for seq, at in moved.items() if now - at < DAY}
