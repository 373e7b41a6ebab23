"""What states know, and how they answer. Each lays its answers out as it likes.

Written from the published message pages, not from the connector. The layout of a QV's and a YQ's
answer is not public, so theirs is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Registered:
    """A vehicle that is registered in a state. ``registrant`` is a person who does not exist."""

    state: str
    plate: str
    vin: str
    make: str = "SIM"
    model: str = "SIM"
    year: str = "2015"
    colour: str = "WHI"
    registrant: str = "EXAMPLE,SAM"


@dataclass(frozen=True)
class Licensed:
    """A licence that a state has given."""

    state: str
    number: str
    name: str
    born: str
    sex: str


@dataclass(frozen=True)
class HotRecord:
    """A record of the national file. ``ori`` is the agency that entered it."""

    plate: str
    state: str
    nic: str
    ori: str
    key: str = "STOLEN VEHICLE"


@dataclass(frozen=True)
class Manner:
    """How one state answers.

    ``mood``: ``well``, ``file down``, ``unavailable``, ``silent``, ``refuses``, ``own words``,
    ``twice`` (the switch repeats itself), ``strays`` (an answer to somebody else's question comes
    along). ``after_s`` is how long it takes; ``more_after_s`` when a second record follows.
    """

    mood: str = "well"
    after_s: float = 0.05
    more_after_s: float | None = None


_FIELD = re.compile(r"([A-Z]{3})/([^.]+)")


@dataclass(frozen=True)
class Question:
    """A message as the relay took it."""

    key: str
    ori: str
    control: str
    text: str

    @property
    def fields(self) -> Mapping[str, str]:
        """What it asks."""
        return dict(_FIELD.findall(self.text.partition("TXT")[2]))


class Files:
    """What all states, and the national file, know."""

    def __init__(self) -> None:
        self._vehicles: list[Registered] = []
        self._licences: list[Licensed] = []
        self._hot: list[HotRecord] = []

    def take(self, happening: object) -> None:
        """A vehicle, a licence or a hot record is entered; all else is no news here."""
        if isinstance(happening, Registered):
            self._vehicles.append(happening)
        elif isinstance(happening, Licensed):
            self._licences.append(happening)
        elif isinstance(happening, HotRecord):
            self._hot.append(happening)

    def answers(self, state: str, question: Question) -> list[str]:
        """The bodies of a state's answers to a question, one at the least."""
        kind = question.key.removesuffix("G")
        found = {
            "RQ": self._registrations,
            "RPQ": self._partial,
            "DQ": self._licences_of,
            "KQ": self._histories_of,
            "QV": self._hits,
            "YQ": self._confirmations,
        }[kind](state, question.fields)
        return list(found) or [nothing(question)]

    def _registrations(self, state: str, asked: Mapping[str, str]) -> Iterator[str]:
        for one in self._vehicles:
            if one.state == state and (
                one.plate == asked.get("LIC") or one.vin == asked.get("VIN")
            ):
                yield registration(one)

    def _partial(self, state: str, asked: Mapping[str, str]) -> Iterator[str]:
        for one in self._vehicles:
            if one.state == state and asked["LIC"] in one.plate:
                yield registration(one)

    def _licensed(self, state: str, asked: Mapping[str, str]) -> Iterable[Licensed]:
        wanted = (asked.get("NAM"), asked.get("DOB"), asked.get("SEX"))
        return [
            one for one in self._licences
            if one.state == state
            and (one.number == asked.get("OLN") or (one.name, one.born, one.sex) == wanted)
        ]  # fmt: skip

    def _licences_of(self, state: str, asked: Mapping[str, str]) -> Iterator[str]:
        for one in self._licensed(state, asked):
            image = "\nIMAGE ATTACHED TO A MESSAGE OF ITS OWN" if asked.get("IMQ") == "Y" else ""
            yield f"NAM/{one.name}.DOB/{one.born}.SEX/{one.sex}.OLN/{one.number}{image}"

    def _histories_of(self, state: str, asked: Mapping[str, str]) -> Iterator[str]:
        for one in self._licensed(state, asked):
            yield f"OLN/{one.number} NAM/{one.name}\n2025-03-01 SPEEDING 15 OVER, SIMVILLE"

    def _hits(self, _: str, asked: Mapping[str, str]) -> Iterator[str]:
        for one in self._hot:
            if one.plate.replace("O", "0") == asked.get("LIC", "").replace("O", "0"):
                yield (
                    f"MKE/{one.key}\nLIC/{one.plate} LIS/{one.state}\nNIC/{one.nic} ORI/{one.ori}"
                )

    def _confirmations(self, _: str, asked: Mapping[str, str]) -> Iterator[str]:
        known = any(one.nic == asked["NIC"] for one in self._hot)
        yield "THE RECORD IS ACTIVE AND CONFIRMED" if known else "RECORD CLEARED, DO NOT HOLD"


def registration(one: Registered) -> str:
    """As half of the states do it: fields; the others write one below the other."""
    fields = (
        f"LIC/{one.plate}", "LIT/PC", f"VIN/{one.vin}", f"VYR/{one.year}", f"VMA/{one.make}",
        f"VMO/{one.model}", f"VCO/{one.colour}", f"NAM/{one.registrant}",
    )  # fmt: skip
    return ("." if one.state < "M" else "\n").join(fields)


def nothing(question: Question) -> str:
    """ "Not on file", with the question repeated, as some states do."""
    repeated = " ".join(f"{name}/{value}" for name, value in question.fields.items())
    return f"NOT ON\n FILE {repeated}"


def spoken(state: str, question: Question, body: str, control: str | None = None) -> str:
    """A message with its head: the answer's key has an R where the question's has a Q."""
    key = "HIT" if question.key == "QV" else question.key.removesuffix("G").replace("Q", "R")
    return f"{key}.{state}.{question.ori}.*{control or question.control}*.TXT{body}"


def in_the_mood(mood: str, state: str, question: Question, bodies: Sequence[str]) -> list[str]:
    """The messages that a state sends."""
    if mood == "silent":
        return []
    if mood == "file down":
        return [spoken(state, question, "FILE NOT AVAILABLE")]
    if mood == "unavailable":
        return [spoken(state, question, "SYSTEM TEMPORARILY UNAVAILABLE TRY LATER")]
    if mood == "own words":
        return ["DEPT OF SIMULATION - SEE ATTACHED FORM 12"]
    messages = [spoken(state, question, body) for body in bodies]
    if mood == "twice":
        return [*messages, *messages]
    if mood == "strays":
        return [spoken(state, question, "LIC/ZZOTHER.VMA/SIM", control="SIM0000009"), *messages]
    return messages
