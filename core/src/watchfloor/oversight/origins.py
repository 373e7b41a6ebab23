"""From where: a device that nobody knew, and one person in two places at once."""

from __future__ import annotations

from itertools import pairwise

from .looks import HOUR, Flags, Look, Window, by_person, flag

_AT_ONCE = HOUR // 6
_KNOWN = 20
"""Looks before this week that it takes to know which devices there are."""


def two_places(window: Window) -> Flags:
    """Looks of one person from two devices at two addresses within ten minutes, back and forth: no
    journey is so short, so two people use one name."""
    for looks in by_person(window.judged).values():
        turns = [
            (one, other)
            for one, other in pairwise(looks)
            if other.at - one.at <= _AT_ONCE and _elsewhere(one, other)
        ]
        if len(turns) >= 2:
            seen = sorted({look.index: look for turn in turns for look in turn}.items())
            yield flag(
                "two_places", [look for _, look in seen],
                "One person at two devices and two addresses within ten minutes, back and forth.",
            )  # fmt: skip


def new_device(window: Window) -> Flags:
    """Untied looks from a device and an address that nobody of the hub used before: a colleague's
    console is a known one. What shows no mark of a device is none that is known."""
    known_devices = {_device(look) for look in window.usual} - {""} | {None}
    known_addresses = {_address(look) for look in window.usual} | {None}
    if len(window.usual) < _KNOWN:
        return
    strange = [
        look
        for look in window.judged
        if not look.tied
        and _device(look) not in known_devices
        and _address(look) not in known_addresses
    ]
    for looks in by_person(strange).values():
        yield flag(
            "new_device", looks,
            f"{len(looks)} look-ups without an open case or call, from a device and an address"
            " that nobody here used before.",
        )  # fmt: skip


def _device(look: Look) -> str | None:
    return look.entry.origin.device if look.entry.origin else None


def _address(look: Look) -> str | None:
    return look.entry.origin.address if look.entry.origin else None


def _elsewhere(one: Look, other: Look) -> bool:
    known = None not in (_device(one), _device(other), _address(one), _address(other))
    return known and _device(one) != _device(other) and _address(one) != _address(other)
