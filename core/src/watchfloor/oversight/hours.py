"""Off-hours: by each person's own pattern, since a centre works around the clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .looks import HOUR, Flags, Look, Window, by_person, flag

_ENOUGH = 40
"""Looks before this week that it takes to have a pattern."""
_RARE = 0.01
_AROUND = 2
_PAUSE = 4 * HOUR
_SHIFT = 6
"""Different subjects in one stretch that make it a shift, swapped or moved: somebody who comes in
for one person looks for one person."""


def off_hours(window: Window) -> Flags:
    """Looks at hours of the day at which this person hardly ever works, outside a shift's work and
    for no checked call."""
    before = by_person(window.usual)
    for person, looks in by_person(window.judged).items():
        usual = before.get(person, [])
        if len(usual) < _ENOUGH:
            continue
        share = _shares(window, usual)
        odd = [
            look
            for stretch in _stretches(looks)
            if len({each.target for each in stretch} - {None}) < _SHIFT
            for look in stretch
            if not look.live and share[window.local(look).hour] < _RARE
        ]
        if len(odd) >= window.settings.off_hours:
            yield flag(
                "off_hours", odd,
                f"{len(odd)} look-ups at hours at which this person hardly ever works, such as"
                f" {window.local(odd[0]):%A %H:%M}.",
            )  # fmt: skip


def _shares(window: Window, usual: Sequence[Look]) -> list[float]:
    """By hour of the day: the share of a person's looks that lie within two hours of it."""
    counts = [0] * 24
    for look in usual:
        hour = window.local(look).hour
        for near in range(hour - _AROUND, hour + _AROUND + 1):
            counts[near % 24] += 1
    return [count / len(usual) for count in counts]


def _stretches(looks: Sequence[Look]) -> Iterator[list[Look]]:
    """Looks without a long pause between them."""
    stretch: list[Look] = []
    for look in looks:
        if stretch and look.at - stretch[-1].at > _PAUSE:
            yield stretch
            stretch = []
        stretch.append(look)
    if stretch:
        yield stretch
