"""Who was there: many different plates about one public event that is protected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from watchfloor.ports.store import Gathering

from .looks import HOUR, Flags, Look, Window, by_person, flag

_AROUND = 3 * HOUR
"""Before and after it: people come and go."""
_LONGEST = 48 * HOUR
"""A search over more time than this, beyond the event's own, is not about the event."""

_ONE_CALL = 5
"""Different subjects for one call from which on it is about a crowd: policing an event makes calls,
too."""


def event_crowds(window: Window) -> Flags:
    """Many different plates looked up by one person, in the time of one registered event, or an
    area search of its place and time. Where a record says what area was searched, it has to meet
    the event's; where it says none, the time has to do."""
    for gathering in window.gatherings:
        for looks in by_person(window.looks).values():
            there = _without_calls([look for look in looks if _about(look, gathering)])
            plates = _plates(there)
            areas = [look for look in there if _box(look)]
            enough = len(plates) >= window.settings.crowd or areas
            if enough and window.is_judged(there[-1]):
                yield flag(
                    "event_crowd", there,
                    f"{len(plates)} different subjects and {len(areas)} searches of the area,"
                    f" about the registered public event {gathering.id}.",
                    gathering.id,
                )  # fmt: skip


def _without_calls(looks: Sequence[Look]) -> Sequence[Look]:
    """All but those for a checked call that is about somebody, and not about a crowd."""
    stories: dict[str | None, list[Look]] = defaultdict(list)
    for look in looks:
        stories[look.story].append(look)
    return [
        look for look in looks if not look.live or len(_plates(stories[look.story])) >= _ONE_CALL
    ]


def _plates(looks: Sequence[Look]) -> set[str | None]:
    return {look.target for look in looks} - {None}


def _about(look: Look, gathering: Gathering) -> bool:
    """Whether it searched the event's time (and its place, where it says one)."""
    since, until = gathering.since - _AROUND, gathering.until + _AROUND
    box = _box(look)
    if box is not None and not _meet(box, gathering):
        return False
    if look.searched is None:
        return since <= look.at < until
    first, last = look.searched
    return first < until and since < last and last - first <= until - since + _LONGEST


def _box(look: Look) -> tuple[float, ...] | None:
    """The area that was searched, where the record says one: west, south, east, north."""
    more = look.entry.more
    sides = [more.get(side) for side in ("west", "south", "east", "north")]
    numbers = tuple(float(side) for side in sides if isinstance(side, int | float))
    return numbers if len(numbers) == 4 else None


def _meet(box: tuple[float, ...], gathering: Gathering) -> bool:
    west, south, east, north = box
    return (
        west <= gathering.east
        and gathering.west <= east
        and south <= gathering.north
        and gathering.south <= north
    )
