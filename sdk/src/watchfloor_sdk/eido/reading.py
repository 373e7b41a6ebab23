"""What readers of EIDOs have in common: references, places, notes, numbers, times. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from watchfloor.contracts import GiveUp, Note, Place
from watchfloor_sdk.mapping import Bounds

from . import pidflo
from .narrative import plain
from .parts import Callback, Component, Location, Notes, References, several

_C = TypeVar("_C", bound=Component)


class Found(NamedTuple):
    """The best place among some locations; ``problem`` is what was wrong with one that cannot be
    right."""

    place: Place | None = None
    location: Location | None = None
    problem: GiveUp | None = None


def referred(components: Sequence[_C], references: References) -> list[_C]:
    """The components that are referred to; a reference that leads nowhere is passed over."""
    by_id = {one.id: one for one in reversed(components)}
    return [by_id[one.ref] for one in several(references) if one.ref in by_id]


def best(
    locations: Sequence[Location], kinds: Iterable[str], bounds: Bounds | None = None
) -> Found:
    """The first location that says where it is, of the first of ``kinds`` (registry LocationType)
    that has one. With ``bounds`` exchanged latitudes and longitudes are found."""
    problem = None
    for one in (one for kind in kinds for one in locations if _kind(one) == kind):
        try:
            place = _place(one, bounds)
        except GiveUp as error:
            place, problem = Place(address=one.location_description_text), error
        if place.point or place.address:
            return Found(place, one, problem)
    return Found(problem=problem)


def notes(components: Iterable[Notes]) -> list[Note]:
    """Those that say something, as plain text."""
    return [
        Note(
            text=text,
            time=next(times([one.last_update_time_stamp]), None),
            author=next((agent.ref for agent in several(one.agent_reference)), None),
        )
        for one in components
        if (text := plain(one.notes_action_comments))
    ]


def telephone(callbacks: Iterable[Callback]) -> str | None:
    """The first telephone number to call back on (RFC 3966, without its parameters)."""
    addresses = [uri for one in callbacks for uri in one.call_back_information_uri]
    numbers = (uri[4:].split(";")[0].strip() for uri in addresses if uri.startswith("tel:"))
    return next(filter(None, numbers), None)


def trimmed(words: Iterable[str]) -> list[str]:
    """Registry values without the spaces that the published tables trail."""
    return [word.strip() for word in words if word.strip()]


def times(values: Iterable[datetime | None]) -> Iterator[datetime]:
    """Those that are told, in UTC."""
    return (value.astimezone(UTC) for value in values if value is not None)


def _kind(location: Location) -> str:
    return location.location_type_description_registry_text.strip()


def _place(location: Location, bounds: Bounds | None) -> Place:
    value = location.location_by_value
    place = pidflo.read(value, bounds) if value else Place()
    if words := (location.location_description_text or "").strip():
        place.address = words
    return place
