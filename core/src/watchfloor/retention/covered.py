"""What a hold covers, and whether a record is under one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson, Key
from watchfloor.ports.store import Kept, Micros, Stream

from .kinds import named
from .limits import DAY

WINDOW = 31 * DAY
"""The longest time of which a hold keeps all that sources, readers or units sent."""
_SENDERS = frozenset({"asset", "unit"})
"""Kinds of key under which all is filed that one reader, camera or unit sends."""


class Covered(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """All given parts must hold; an empty one does not narrow. ``keys`` are alternatives, as are
    ``sources`` and ``kinds`` (as rules name them). Times (microseconds) are ``since`` ≤ t <
    ``until``.

    It names keys (a plate, a call, a case's report), or sources with a time window: a hold on
    everything would be no retention at all.
    """

    keys: list[Key] = []
    sources: list[str] = []
    kinds: list[str] = []
    since: Micros | None = None
    until: Micros | None = None

    def check(self) -> None:
        """Raises ``AskAPerson`` (code ``hold_too_broad``, ``bad_schedule``)."""
        for kind in self.kinds:
            named(kind)
        if not self.keys and not (self.sources and self.since is not None and self.until):
            raise AskAPerson(
                "A hold must say what it is about.",
                code="hold_too_broad",
                remedy="Name keys such as plate or call, or sources with a time window.",
            )

    @property
    def is_narrow(self) -> bool:
        """Whether it names plates, calls, addresses ... alone, and not all that something sends."""
        return bool(self.keys) and not any(kind in _SENDERS for kind, _ in self.keys)

    def check_new(self) -> None:
        """What is asked of a hold that is placed now. Raises as ``check``."""
        self.check()
        if self.is_narrow:
            return
        if self.since is None or self.until is None or not 0 < self.until - self.since <= WINDOW:
            raise AskAPerson(
                "A hold on all that sources, readers or units sent is for 31 days at most.",
                code="hold_too_broad",
                remedy="Name plates, calls or addresses, or a shorter time.",
            )

    def kept(self) -> Kept:
        """As the store tests it."""
        return Kept(
            keys=frozenset(map(":".join, self.keys)),
            types=frozenset[str]().union(*map(named, self.kinds)),
            sources=frozenset(self.sources),
            since=self.since,
            until=self.until,
        )


def covered(what: dict[str, Any]) -> Covered:
    """As it is stored. Raises ``AskAPerson`` (code ``hold_too_broad``)."""
    try:
        found = msgspec.convert(what, Covered)
    except msgspec.ValidationError as error:
        raise AskAPerson(
            f"What the hold covers cannot be read: {error}.",
            code="hold_too_broad",
            remedy="Name keys such as plate or call, or sources with a time window.",
        ) from None
    found.check()
    return found


class Held:
    """All holds that are in force, as one question."""

    def __init__(self, holds: Iterable[Covered]) -> None:
        self._holds = [hold.kept() for hold in holds]

    def __bool__(self) -> bool:
        return bool(self._holds)

    def holds(self, stream: Stream, time: Micros, keys: Collection[str] = ()) -> bool:
        """Whether a record must stay. ``keys`` are ``plate:ZZT1234``; records that are filed under
        nothing are held by source and time alone."""
        return any(hold.has(stream.kind, stream.source, time, keys) for hold in self._holds)
