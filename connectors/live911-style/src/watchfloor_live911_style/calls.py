"""What was said of each call: its state is made of several messages.

Messages are kept in the order in which they came, in the source's checkpoint. So a message that
comes again, also after a restart, becomes the very event that it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from watchfloor_sdk import Place

S = TypeVar("S", bound="Said")

MOST_CALLS = 200
MOST_SAID = 40
"""Messages of one call that are kept; beyond, the oldest position makes room."""
REMEMBERED = timedelta(hours=24)


class Said(Struct, kw_only=True, omit_defaults=True):
    """One thing that was said ``at``. ``key`` tells it from others of the call (``keyed``)."""

    key: str = ""
    at: datetime


class Stand(Said, tag="stand"):
    """How the call stands. ``audio`` is where it can be heard, ``incident`` of which it is told."""

    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    number: str | None = None
    audio: str | None = None
    incident: str | None = None


class Position(Said, tag="position"):
    """Where the caller is."""

    place: Place | None = None
    service: str | None = None


class Remark(Said, tag="remark"):
    """Something about the call for service that dispatch has made of it."""

    call_number: str | None = None
    text: str | None = None
    author: str | None = None


Anything = Stand | Position | Remark


def keyed(said: S) -> S:
    """With its key, a hash of what it says: what comes again is the same, and what is said anew
    under the same id is not."""
    said.key = digest(msgspec.json.encode(said))
    return said


def digest(content: bytes) -> str:
    """16 hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


class Calls:
    """The calls of the last day, bounded; those of which nothing was heard for longest go first."""

    def __init__(self, checkpoint: Any = None) -> None:
        self._said = msgspec.convert(checkpoint or {}, dict[str, list[Anything]])
        self._kept: dict[str, Any] = msgspec.to_builtins(self._said)

    @property
    def checkpoint(self) -> Any:
        """All of it, as JSON, which is made call by call: it is asked for with every message."""
        return dict(self._kept)

    def of(self, call: str) -> Sequence[Anything]:
        """What was said of a call."""
        return self._said.get(call, ())

    def incidents(self) -> set[str]:
        """Those with a call of which no end was told."""
        stands = [[one for one in said if isinstance(one, Stand)] for said in self._said.values()]
        latest = [max(said, key=lambda one: one.at) for said in stands if said]
        return {one.incident for one in latest if one.incident and not one.ended}

    def knows(self, call: str, key: str) -> bool:
        """Whether this has been said before."""
        return any(one.key == key for one in self.of(call))

    def add(self, call: str, said: Anything) -> None:
        """Keep one that has not come before."""
        known = self._forgotten(call)
        self._said[call] = [*_with_room(known), said]
        self._kept[call] = msgspec.to_builtins(self._said[call])
        self._forget(said.at - REMEMBERED)

    def until(self, call: str, key: str) -> Sequence[Anything]:
        """What was said of a call up to that message."""
        known = self._said[call]
        return known[: next(i for i, one in enumerate(known) if one.key == key) + 1]

    def _forget(self, before: datetime) -> None:
        *others, _ = self._said
        for number, call in enumerate(others):
            if len(others) - number >= MOST_CALLS or self._said[call][-1].at < before:
                self._forgotten(call)

    def _forgotten(self, call: str) -> list[Anything]:
        self._kept.pop(call, None)
        return self._said.pop(call, [])


def _with_room(known: list[Anything]) -> list[Anything]:
    if len(known) < MOST_SAID:
        return known
    oldest = next((one for one in known if isinstance(one, Position)), known[0])
    return [one for one in known if one is not oldest]
