"""From a question to what the store is asked, and what of its answer fits the shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from watchfloor.contracts import BY_TYPE, KINDS, Point
from watchfloor.ports.store import EventFilter, Micros, Scope, Seq

from .query import Circle, Polygon, Query


class _Placed(Protocol):
    @property
    def point(self) -> Point | None: ...


P = TypeVar("P", bound=_Placed)


def filter_of(query: Query, before: tuple[Micros, Seq] | None, scope: Scope) -> EventFilter:
    """What the store is asked: of a shape, its box."""
    return EventFilter(
        keys=query.keys,
        types=query.types,
        sources=query.sources,
        since=query.since,
        until=query.until,
        box=query.shape.box() if query.shape else None,
        text=query.text,
        before=before,
        scope=scope,
    )


def fields_of(query: Query) -> frozenset[str]:
    """By which fields of events it asks: whoever gets an answer learns whether they are so."""
    kinds = [BY_TYPE[each] for each in query.types] or KINDS
    by = {key.kind for key in query.keys} | ({"text"} if query.text else set())
    fields = {name for kind in kinds for each in by for name in kind.made_of.get(each, ())}
    return frozenset(fields | ({"data.place.point"} if query.shape else set()))


def within(shape: Circle | Polygon | None, events: Iterable[P]) -> list[P]:
    """Those in the shape itself."""
    if shape is None:
        return list(events)
    return [event for event in events if event.point and shape.holds(event.point)]
