"""All detectors, by name. Each is a pure function over a window of looks."""

from __future__ import annotations

from collections.abc import Callable

from . import crowds, hours, origins, owed, peers, reach, reasons, relations, repeats
from .looks import Flag, Flags, Window

Detector = Callable[[Window], Flags]

DETECTORS: tuple[Detector, ...] = (
    repeats.repeated_target,
    repeats.many_stories,
    hours.off_hours,
    reasons.vague,
    reasons.copied,
    reasons.terms,
    reasons.undeclared,
    relations.own_people,
    reach.stretched,
    reach.breadth,
    reach.one_by_one,
    reach.wide,
    peers.purpose_mix,
    peers.on_behalf,
    crowds.event_crowds,
    origins.two_places,
    origins.new_device,
    owed.owed,
)


def detect(window: Window) -> list[Flag]:
    """What all of them find."""
    return [flag for detector in DETECTORS for flag in detector(window)]
