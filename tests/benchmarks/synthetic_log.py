"""Synthetic events for the store's benchmarks: plate reads mostly, some calls and positions.

Deterministic from the seed. Plates start with ZZ and belong to nobody.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from watchfloor.ports.store import NewEvent

READ = "watchfloor.lpr.read.v1"
CALL = "watchfloor.cad.incident.v1"
POSITION = "watchfloor.vehicle.position.v1"
START = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z in microseconds."""
DAY = 86_400_000_000
WEST, SOUTH, EAST, NORTH = -90.15, 29.90, -89.90, 30.10
PLATES = 1_000_000
READERS = 300

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STREETS = ("OAK", "ELM", "PINE", "MAIN", "CANAL", "RIVER", "LAKE", "HILL", "MAPLE", "CEDAR")
_WORDS = (
    "THEFT", "BURGLARY", "DISTURBANCE", "SUSPICIOUS", "PERSON", "VEHICLE", "ALARM", "FIGHT",
    "HIT", "AND", "RUN", "TRAFFIC", "STOP", "DOMESTIC", "SHOTS", "FIRED", "NOISE", "COMPLAINT",
)  # fmt: skip


def plate(number: int) -> str:
    """``ZZ`` and five letters or digits; neighbours in number are not neighbours in spelling."""
    scattered = number * 7_919_777 % 36**5
    letters = ""
    for _ in range(5):
        scattered, digit = divmod(scattered, 36)
        letters += _LETTERS[digit]
    return "ZZ" + letters


class City:
    """Readers at fixed places, and what happens around them."""

    def __init__(self, seed: int, days: float, total: int, reads_only: bool = False) -> None:
        self._random = random.Random(seed)
        self._step = max(1, int(days * DAY / total))
        self._reads_only = reads_only
        self._readers = [self._somewhere() for _ in range(READERS)]

    def batches(self, total: int, size: int) -> Iterator[list[NewEvent]]:
        """Events in the order of time, ``size`` at once."""
        for start in range(0, total, size):
            yield [self._event(number) for number in range(start, min(start + size, total))]

    def _somewhere(self) -> tuple[float, float]:
        return (
            round(self._random.uniform(WEST, EAST), 6),
            round(self._random.uniform(SOUTH, NORTH), 6),
        )

    def _event(self, number: int) -> NewEvent:
        time = START + number * self._step
        chance = self._random.random()
        if self._reads_only or chance < 0.93:
            return self._read(number, time)
        return self._call(number, time) if chance < 0.97 else self._position(number, time)

    def _read(self, number: int, time: int) -> NewEvent:
        reader = int(self._random.random() * READERS)
        name = plate(int(self._random.random() * PLATES))
        keys = (("plate", name), ("asset", f"reader-{reader}"))
        body = (
            f'{{"specversion":"1.0","id":"r-{number:09}","source":"lpr","type":"{READ}",'
            f'"data":{{"plate":"{name}","reader":"reader-{reader}","pad":"{"x" * 440}"}}}}'
        )
        return NewEvent(
            f"r-{number:09}", READ, f"plate/{name}", time, None, None, self._readers[reader],
            "le-sensitive", keys, None, body.encode(),
        )  # fmt: skip

    def _call(self, number: int, time: int) -> NewEvent:
        call = f"F-{number // 60:07}-26"
        address = f"{self._random.randrange(1, 90) * 100} {self._random.choice(_STREETS)} ST"
        text = f"{call} {' '.join(self._random.sample(_WORDS, 5))} {address}"
        keys = (("call", call), ("address", address), ("unit", f"U{number % 97}"))
        return NewEvent(
            f"c-{number:09}", CALL, f"call/{call}", time, None, None, self._somewhere(),
            "agency", keys, text, f'{{"text":"{text}","pad":"{"x" * 440}"}}'.encode(),
        )  # fmt: skip

    def _position(self, number: int, time: int) -> NewEvent:
        vehicle = f"bus-{number % 211}"
        return NewEvent(
            f"p-{number:09}", POSITION, f"vehicle/{vehicle}", time, None, time + DAY,
            self._somewhere(), "agency", (("asset", vehicle),), None, b'{"pad":"%s"}' % (b"x" * 300),
        )  # fmt: skip
