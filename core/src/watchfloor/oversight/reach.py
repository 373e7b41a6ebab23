"""How far: back in time, over subjects in a day, over agencies and cameras at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from .looks import Flags, Look, Window, by_person, flag
from .usual import bound

_DAYS = 7.0
"""A look that reaches less far back than this above the usual is never stretched."""


def stretched(window: Window) -> Flags:
    """Looks that reach unusually far back for their purpose; those that were refused count."""
    usual: dict[str, list[float]] = defaultdict(list)
    for look in window.usual:
        usual[_purpose(look)].append(look.days_back)
    everybody = bound([look.days_back for look in window.usual], _DAYS)
    bounds = {purpose: bound(days, _DAYS) for purpose, days in usual.items()}
    for looks in by_person(window.judged).values():
        far = [look for look in looks if look.days_back > bounds.get(_purpose(look), everybody)]
        if len(far) >= window.settings.stretched:
            furthest = max(look.days_back for look in far)
            yield flag(
                "stretched", far,
                f"{len(far)} look-ups reached unusually far back for their purpose, the furthest"
                f" {furthest:.0f} days.",
            )  # fmt: skip


def breadth(window: Window) -> Flags:
    """Far more different subjects in a day than anybody's day has."""
    days = _days(window)
    for (person, day), looks in days.items():
        subjects = len({look.target for look in looks} - {None})
        if subjects < window.settings.subjects_a_day or not window.is_judged(looks[-1]):
            continue
        others = [
            float(len({look.target for look in theirs} - {None}))
            for (whose, when), theirs in days.items()
            if (whose, when) != (person, day)
        ]
        if subjects > bound(others, 1.0):
            yield flag(
                "breadth", looks,
                f"{subjects} different subjects on {day:%d %B %Y}, far more than others look up"
                " in a day.",
                day.isoformat(),
            )  # fmt: skip


def one_by_one(window: Window) -> Flags:
    """Plate reads and past callers opened by their numbers, that no search, alert or list had
    shown: what a search reaches is counted before it is answered, and this goes past it."""
    for (_, day), looks in _days(window).items():
        opened = [look for look in looks if look.opened]
        reads = len({look.opened for look in opened})
        if reads >= window.settings.one_by_one and window.is_judged(opened[-1]):
            yield flag(
                "one_by_one", opened,
                f"{reads} records opened by number on {day:%d %B %Y}, that nothing had shown"
                " this person.",
                day.isoformat(),
            )  # fmt: skip


def wide(window: Window) -> Flags:
    """One question over very many agencies or cameras, where its record says how many."""
    limits = {"agencies": window.settings.agencies, "cameras": window.settings.cameras}
    for looks in by_person(window.judged).values():
        over = [
            look
            for look in looks
            if any(_reached(look, name) >= limit for name, limit in limits.items())
        ]
        if over:
            most = max(over, key=lambda look: _reached(look, "cameras"))
            yield flag(
                "wide", over,
                f"{len(over)} look-ups over very many systems: up to"
                f" {_reached(most, 'agencies')} agencies and {_reached(most, 'cameras')} cameras.",
            )  # fmt: skip


def _reached(look: Look, what: str) -> int:
    value = look.entry.more.get(what)
    return value if isinstance(value, int) else 0


def _purpose(look: Look) -> str:
    return look.entry.purpose.code if look.entry.purpose else ""


def _days(window: Window) -> Mapping[tuple[str, date], list[Look]]:
    days: dict[tuple[str, date], list[Look]] = defaultdict(list)
    for look in window.looks:
        days[look.person, window.local(look).date()].append(look)
    return days
