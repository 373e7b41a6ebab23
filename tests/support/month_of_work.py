"""Looks at made-up subjects: single ones for a test, and weeks of a centre's normal work.

A centre of twelve analysts in three shifts that answers 5,000 requests a year. What is normal is
meant to be hard on the detectors: shifts are swapped, cases last for weeks, reasons are short, some
work has no number yet, neighbours ask, events are policed.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watchfloor.audit import (
    AuditEvent,
    Entry,
    Lookback,
    Object,
    OnBehalfOf,
    Operator,
    Origin,
    Outcome,
    PurposeRecord,
    Sealed,
)
from watchfloor.contracts import micros, rfc3339
from watchfloor.oversight import DAY, Look, Window

ZONE = ZoneInfo("America/Chicago")
MONDAY = micros("2026-11-16T06:00:00Z")
"""Begins a week in Chicago."""
WEEK = 7 * DAY


def sealed(kind: str, value: str) -> Sealed:
    """As the log has it, without a key to open it."""
    key = hashlib.sha256(f"{kind}\0{value.casefold()}".encode()).hexdigest()
    return Sealed(kind=kind, month="2026-11", key=key, box="")


def look(
    at: int, person: str = "ana", plate: str = "ZZT1234", *, kind: str = "plate",
    code: str = "investigation", case: str | None = None, call: str | None = None,
    order: str | None = None, checked: bool = False, request: str = "R-26-000001",
    reason: str | None = None,
    days_back: float = 1.0, behalf: str | None = None, device: str = "console",
    address: str = "192.0.2.10", outcome: Outcome = Outcome.DONE, opened: int | None = None,
    asked: str | None = None,
    **more: object,
) -> Look:  # fmt: skip
    """One question, as the door writes it down; or one plate read, ``opened`` by its number."""
    entry = Entry(
        at=rfc3339(at),
        event=AuditEvent.SEARCH_ASKED if opened is None else AuditEvent.EVENT_VIEWED,
        object=None if opened is None else Object(kind="events", id=str(opened)),
        outcome=outcome,
        operator=Operator(id=f"idp|{person}", handle=person, agency="ex-pd", ori="ZZ0000000"),
        on_behalf_of=OnBehalfOf(agency=behalf) if behalf else None,
        origin=Origin(address=address, device=device),
        purpose=PurposeRecord(
            code=code, case=case, call=call, order=order, request=request,
            checked="rms" if checked else None,
            asked=sealed("asked", asked) if asked else None,
            reason=sealed("reason", reason) if reason else None,
        ),
        subject=sealed(kind, plate),
        lookback=Lookback(since=rfc3339(at - round(days_back * DAY))),
        more=more,
    )  # fmt: skip
    return Look(0, at, entry, "\n".join(filter(None, (asked, reason))) or None)


def window(looks: Sequence[Look], since: int = MONDAY, **parts: object) -> Window:
    """Looks in their order, the week after ``since`` being judged."""
    ordered = sorted(looks, key=lambda each: each.at)
    numbered = [replace(each, index=n) for n, each in enumerate(ordered)]
    return Window(numbered, since, since + WEEK, ZONE, **parts)


REQUESTS_A_YEAR = 5_000
_PURPOSES = {
    "in_progress_call": (0.50, 0.3), "investigation": (0.22, 6.0),
    "missing_endangered": (0.08, 1.0),
    "stolen_vehicle_or_plate": (0.11, 2.0), "wanted_person": (0.05, 4.0),
    "evidence_retrieval": (0.03, 8.0), "emergency_override": (0.01, 0.3),
}  # fmt: skip
"""Share of requests, and how many days back half of their looks reach."""
_KINDS = {"plate": 0.6, "person": 0.12, "phone": 0.08, "address": 0.1, "search": 0.1}
_NEIGHBOURS = ("next-pd", "county-so", "campus-pd", "state-police", "lake-pd", "harbor-pd")
_HEADLINES = (
    "ROBBERY", "TRAFFIC STOP", "SUSPICIOUS VEHICLE", "HIT AND RUN", "SHOTS FIRED", "WELFARE CHECK",
)  # fmt: skip
"""What is asked where a call is opened: its own."""
_ASKED = (
    "{street} burglary, silver sedan seen leaving", "asked by Sgt. of district {n}",
    "hit and run at {street}, front damage", "welfare check, son has not called since {n} Nov",
    "vehicle of the robbery at {street}", "carjacking near {street}, plate from the caller",
    "shots fired {street}, car left north", "BOLO from district {n}", "see call notes",
    "crash, driver left towards {street}",
    "runaway, friend lives on {street}",
)  # fmt: skip
_CHURCH = "theft at the church on {street}"
"""A word that sends it to review, in words that are in order."""
_STREETS = ("Oak", "Canal", "3rd", "Lake", "Mill", "Union", "Broad", "Hill", "Park", "Grove")
_SHIFTS = (7, 15, 23)


@dataclass
class Centre:
    """Twelve analysts, and what they do from a Monday on."""

    random: random.Random
    monday: int
    weeks: int
    numbers: int = 0
    cases: list[tuple[str, str]] = field(default_factory=list)
    """Open cases, each with its plate."""

    def looks(self) -> Iterator[Look]:
        """All of it, as it comes."""
        for day in range(self.weeks * 7):
            for shift, hour in enumerate(_SHIFTS):
                crew = self._crew(day, shift)
                for _ in range(self._requests()):
                    yield from self._request(self.random.choice(crew), day, hour)

    def _crew(self, day: int, shift: int) -> list[int]:
        """Who is at work: four of each shift with two days off in turn; a swap now and then."""
        crew = [4 * shift + n for n in range(4) if (day + 2 * n) % 7 < 5] or [4 * shift]
        if self.random.random() < 0.1:
            crew[0] = self.random.randrange(12)
        return crew

    def _requests(self) -> int:
        mean = REQUESTS_A_YEAR / 365 / len(_SHIFTS)
        return round(self.random.gammavariate(4, mean / 4))

    def _request(self, person: int, day: int, hour: int) -> Iterator[Look]:
        chance = self.random
        start = datetime.fromtimestamp(self.monday / 1e6, ZONE) + timedelta(days=day)
        late = 1.5 if chance.random() < 0.05 else 0.0  # overtime
        minutes = 60 * (hour + late) + chance.uniform(0, 470)
        at = round((start + timedelta(minutes=minutes)).timestamp() * 1e6)
        said = self._said(person, day)
        subjects = [self._subject() for _ in range(1 + int(chance.expovariate(0.7)))]
        if said.pop("known", None):
            subjects[0] = ("plate", str(self.cases[-1][1]))
        for kind, value in subjects:
            for _ in range(2 if chance.random() < 0.15 else 1):
                at += round(chance.uniform(20, 240) * 1e6)
                yield look(at, f"analyst{person}", value, kind=kind, days_back=self._back(said),
                           **said)  # fmt: skip
        yield from self._linked(at, f"analyst{person}", said)

    def _linked(self, at: int, person: str, said: dict[str, object]) -> Iterator[Look]:
        """Reads that a colleague sent the numbers of, or that stand among a request's findings."""
        chance = random.Random(f"{self.monday}/{self.numbers}")
        for n in range(chance.randrange(1, 4) if chance.random() < 0.1 else 0):
            seq = 1_000 * self.numbers + n
            yield look(at + n * 30_000_000, person, f"ZZL{seq}", opened=seq, **said)

    def _said(self, person: int, day: int) -> dict[str, object]:
        """Purpose, number, words, neighbour, desk: what a request says."""
        chance = self.random
        self.numbers += 1
        codes = list(_PURPOSES)
        code = chance.choices(codes, [share for share, _ in _PURPOSES.values()])[0]
        desk, device = self._desk(person, day)
        said: dict[str, object] = {
            "code": code, "request": f"R-26-{self.numbers:06}",
            "device": device, "address": f"192.0.2.{10 + desk}",
            "checked": code != "emergency_override" and chance.random() > 0.1,
        }  # fmt: skip
        if chance.random() < 0.15:
            said["behalf"] = chance.choice(_NEIGHBOURS)
        if code == "in_progress_call" and said["checked"]:
            said["asked"] = chance.choice(_HEADLINES)
        else:
            words = _CHURCH if chance.random() < 0.02 else chance.choice(_ASKED)
            said["asked"] = words.format(street=chance.choice(_STREETS), n=chance.randrange(1, 9))
        return said | (self._number(code) if said["checked"] else {})

    def _desk(self, person: int, day: int) -> tuple[int, str]:
        """Where somebody sits that day: their own place, a colleague's, or a machine just set
        up."""
        chance = random.Random(f"{self.monday}/{day}/{person}")
        if chance.random() < 0.02:
            return 50 + chance.randrange(50), f"new{day}-{person}"
        desk = person if chance.random() < 0.9 else chance.randrange(12)
        return desk, f"console{desk}"

    def _number(self, code: str) -> dict[str, object]:
        """A call's, or a case's: new, or one that goes on."""
        if code in ("in_progress_call", "missing_endangered"):
            return {"call": f"C-{self.numbers}"}
        if self.cases and self.random.random() < 0.2:
            self.cases.append(self.random.choice(self.cases[-20:]))
            return {"case": self.cases[-1][0], "known": True}
        self.cases.append((f"26-{self.numbers:06}", self._plate()))
        return {"case": self.cases[-1][0]}

    def _back(self, said: dict[str, object]) -> float:
        _, half = _PURPOSES[str(said["code"])]
        return min(30.0, half * self.random.lognormvariate(0, 0.8))

    def _subject(self) -> tuple[str, str]:
        kind = self.random.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind == "search":
            return kind, f"{self.random.choice(_STREETS)} {self.random.choice(('truck', 'van'))}"
        return kind, self._plate()

    def _plate(self) -> str:
        return f"ZZ{self.random.randrange(10**5):05}"


def weeks_of_work(weeks: int, seed: int, monday: int = MONDAY) -> list[Look]:
    """So many weeks, the last of which begins at ``monday``; in their order."""
    first = monday - (weeks - 1) * WEEK
    centre = Centre(random.Random(seed), first, weeks)
    return sorted(centre.looks(), key=lambda each: each.at)
