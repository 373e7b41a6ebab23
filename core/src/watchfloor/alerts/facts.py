"""What rules may know about one recorded event, decoded no earlier than somebody asks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import BY_TYPE, Kind, Near, headline_of, nowhere
from watchfloor.ports.store import Micros, RecordedEvent

from . import cel
from .conditions import variables

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"[^\W_]+")


class _Region(Struct):
    region: str | None = None


class _RegionOnly(Struct):
    data: _Region


_region_only = msgspec.json.Decoder(_RegionOnly)
_whole = msgspec.json.Decoder(dict[str, Any])


def region_of(event: RecordedEvent) -> str | None:
    """The state or province that issued its plate, where that was read."""
    return _region_only.decode(event.body).data.region


class Facts:
    """One event as rules see it. ``zone`` is the hub's: hours are local. ``near`` names the place
    of an event that has no address."""

    def __init__(self, event: RecordedEvent, zone: tzinfo, near: Near = nowhere) -> None:
        self.event = event
        self.kind: Kind = BY_TYPE[event.type]
        self._zone = zone
        self._near = near
        self._data: dict[str, Any] | None = None
        self._context: cel.Context | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The event's ``data`` as decoded JSON."""
        if self._data is None:
            self._data = _whole.decode(self.event.body)["data"]
        return self._data

    @property
    def error_m(self) -> float:
        """By how many metres the place may be off; 0 when it is not said."""
        return float(self._place.get("error_m") or 0)

    @property
    def address(self) -> str | None:
        """The place in words."""
        return self._place.get("address")

    @property
    def _place(self) -> dict[str, Any]:
        return self.data.get("place") or {}

    @property
    def headline(self) -> str:
        """The event in one line."""
        return headline_of(self.kind, self.data, self._near)

    def context(self) -> cel.Context:
        """The variables of a condition."""
        if self._context is None:
            self._context = self._variables()
        return self._context

    def _variables(self) -> cel.Context:
        moment = moment_of(self.event.time)
        point = self.event.point
        return variables(
            data=self.data,
            kind=self.kind.name,
            source=self.event.source,
            subject=self.event.subject or "",
            time=moment,
            hour=moment.astimezone(self._zone).hour,
            point=list(point) if point else None,
            words=self._words(),
        )

    def _words(self) -> list[str]:
        text = self.kind.text(self.data) if self.kind.text else ""
        return sorted(set(_WORD.findall(text.lower())))

    def value(self, path: str) -> Any:
        """What a dotted path of ``dedupe`` names; ``None`` when it is not there."""
        head, _, rest = path.partition(".")
        if head != "data":
            return self.kind.name if head == "kind" else getattr(self.event, head)
        found: Any = self.data
        for name in rest.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found


def moment_of(time: Micros) -> datetime:
    """Microseconds as a ``datetime`` in UTC."""
    return _EPOCH + timedelta(microseconds=time)
