"""The wanted plates of all hot lists, in memory: a million of them in tens of megabytes.

Rows stand in flat arrays (no object per plate); an open-addressed table of row numbers finds them.
A dict of a million plates takes several times the memory, and sorting a million keys holds the
event loop for a second; this table is filled in small steps between which everything else runs.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from watchfloor.contracts.normal import normal_plate
from watchfloor.ports.store import AlertBook, HotListEntry, Micros

STEP = 500
"""Rows between two turns of the event loop: about a millisecond."""

_NEVER = 2**63 - 1
_PACKED = 11
"""Plates up to this length are their own key (base 36 with a leading 1, under 2**59)."""


class Wanted(NamedTuple):
    """An entry of a hot list that a plate stands on."""

    hot_list: str
    region: str | None
    reason: str | None
    expires: Micros | None

    def counts(self, region: str | None, *moments: Micros) -> bool:
        """Whether it raises anything: not expired at any of the moments, and of the same region
        where both are known."""
        if self.expires is not None and any(moment >= self.expires for moment in moments):
            return False
        return not (self.region and region and self.region != region.upper())


class WantedPlates:
    """All entries of all hot lists. Filled once, then only read; a change makes a new one."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._expires = array("q")
        self._labels = array("I")
        self._known: dict[tuple[str, str | None, str | None], int] = {}
        self._texts: list[tuple[str, str | None, str | None]] = []
        self._slots = array("I", [0])

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, plate: str) -> bool:
        return next(self.find(plate), None) is not None

    def find(self, plate: str) -> Iterator[Wanted]:
        """Every entry for a plate (in normal form), expired ones included."""
        key = _key(plate) if plate else 0
        mask = len(self._slots) - 1
        slot = _spread(key) & mask
        while row := self._slots[slot]:
            if self._keys[row - 1] == key:
                yield self._entry(row - 1)
            slot = (slot + 1) & mask

    async def fill(self, book: AlertBook) -> None:
        """Take every entry of the book, a few at a time."""
        async for hot_list, entries in book.entries():
            for start in range(0, len(entries), STEP):
                self._add(hot_list, entries[start : start + STEP])
                await asyncio.sleep(0)
        self._known = {}
        self._slots = array("I", bytes(4 << (2 * len(self._keys)).bit_length()))
        for start in range(0, len(self._keys), STEP):
            self._place(start, self._keys[start : start + STEP])
            await asyncio.sleep(0)

    def _add(self, hot_list: str, entries: Sequence[HotListEntry]) -> None:
        for plate, region, reason, expires in entries:
            label = (hot_list, region.upper() if region else None, reason)
            number = self._known.get(label)
            if number is None:
                number = self._known[label] = len(self._texts)
                self._texts.append(label)
            self._keys.append(_key(normal_plate(plate)))
            self._labels.append(number)
            self._expires.append(_NEVER if expires is None else expires)

    def _place(self, start: int, keys: array[int]) -> None:
        slots, mask = self._slots, len(self._slots) - 1
        for row, key in enumerate(keys, start + 1):
            slot = _spread(key) & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = row

    def _entry(self, row: int) -> Wanted:
        hot_list, region, reason = self._texts[self._labels[row]]
        expires = self._expires[row]
        return Wanted(hot_list, region, reason, None if expires == _NEVER else expires)


def _key(plate: str) -> int:
    """A plate as a 64-bit number: exact for all real ones, a hash for what is longer."""
    if len(plate) <= _PACKED:
        return int("1" + plate, 36)
    return int.from_bytes(blake2b(plate.encode(), digest_size=8).digest()) | 1 << 63


def _spread(key: int) -> int:
    """A hash whose low bits are mixed: Python's of a tuple is, of a number is the number."""
    return hash((key,))
