"""A row of the export to a call for service. Pure: the same row is the same event."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from watchfloor_sdk import AskAPerson, CadIncident, Coded, GiveUp, Note, Place, Point
from watchfloor_sdk.mapping import Bounds, Moment, moment, point, wkt_point, zone

from .plan import Column, Columns, MappingFile, PlaceRule, Status

Row = Sequence[str]
Read = Callable[[Row], str]


class Call(NamedTuple):
    """One row, mapped.

    ``time`` is the latest time in it: when the call came into the state that the row shows.
    ``problem`` is set where the call could be read and its point could not.
    """

    incident: CadIncident
    id: str
    time: datetime
    error_s: float | None
    updated: datetime | None
    problem: GiveUp | None


class RowMapper:
    """Maps rows of files with this header.

    Raises ``AskAPerson`` (code ``missing_columns``) when the header lacks a column.
    """

    def __init__(self, mapping: MappingFile, header: Row, bounds: Bounds | None = None) -> None:
        self._mapping = mapping
        self._bounds = bounds
        self._columns = {name: index for index, name in enumerate(header)}
        self._missing: list[str] = []
        self._read = {
            name: self._reader(getattr(mapping.columns, name)) for name in Columns.__struct_fields__
        }
        self._point = self._point_reader()
        self._rules = [(re.compile(rule.pattern), rule) for rule in mapping.places]
        self._moment = _moments(mapping)
        if self._missing:
            raise AskAPerson(
                f"The export has no column {', '.join(map(repr, self._missing))}.",
                code="missing_columns",
                remedy="Compare the mapping with the first line of the export.",
            )

    def call(self, row: Row) -> Call:
        """One row. Raises ``GiveUp`` when it has no call number or a time that cannot be read."""
        where, problem = self._place(row)
        times = {
            name: self._time(name, row)
            for name in ("created", "dispatched", "enroute", "arrived", "closed", "updated")
        }
        if not times["created"]:
            raise GiveUp("The row has no time of creation.", code="no_time")
        incident = self._incident(row, where, {n: at and at.time for n, at in times.items()})
        updated = times["updated"] and times["updated"].time
        latest = max(at for at in times.values() if at)
        return Call(
            incident, _id(incident, updated), latest.time, latest.error_s or None, updated, problem
        )

    def _incident(
        self, row: Row, where: Place | None, times: dict[str, datetime | None]
    ) -> CadIncident:
        text, mapping = self._text, self._mapping
        number = text("call_number", row)
        if not number:
            raise GiveUp("The row has no call number.", code="no_call_number")
        type_ = self._coded("type", row, mapping.types)
        return CadIncident(
            call_number=number,
            status=self._status(row, times),
            incident_type=type_ or Coded(text="Unknown"),
            status_text=text("status", row),
            initial_type=self._coded("initial_type", row, mapping.types),
            priority=self._priority(row),
            priority_text=text("priority", row),
            place=where,
            beat=text("beat", row),
            district=text("district", row),
            created=times["created"],
            dispatched=times["dispatched"],
            arrived=times["arrived"],
            closed=times["closed"],
            disposition=self._coded("disposition", row, mapping.dispositions),
            self_initiated=self._flag("self_initiated", row),
            units=self._units(row),
            notes=[Note(text=words)] if (words := text("notes", row)) else [],
            callback=text("callback", row),
            plates=self._several("plates", row),
            centre_outcome=text("centre_outcome", row),
        )

    def _reader(self, column: Column | None) -> Read:
        names = [column] if isinstance(column, str) else column or []
        self._missing += [name for name in names if name not in self._columns]
        found = [self._columns[name] for name in names if name in self._columns]
        if not found:
            return lambda _: ""
        if len(found) == 1:
            (index,) = found
            return lambda row: row[index].strip()
        return lambda row: " ".join(row[index] for index in found).strip()

    def _text(self, name: str, row: Row) -> str | None:
        return self._read[name](row) or None

    def _several(self, name: str, row: Row) -> list[str]:
        parts = self._read[name](row).split(self._mapping.separator)
        return [word for part in parts if (word := part.strip())]

    def _units(self, row: Row) -> list[str]:
        text, mapping = self._read["units"](row), self._mapping
        for mark in mapping.marks:
            text = text.replace(mark, mapping.separator)
        return [unit for part in text.split(mapping.separator) if (unit := part.strip())]

    def _flag(self, name: str, row: Row) -> bool | None:
        words = self._read[name](row)
        return words in self._mapping.yes if words else None

    def _coded(self, name: str, row: Row, common: dict[str, str]) -> Coded | None:
        code, text = self._text(f"{name}_code", row), self._text(f"{name}_text", row)
        if not code and not text:
            return None
        return Coded(code=code, text=text, common=common.get(code or text or ""))

    def _priority(self, row: Row) -> int | None:
        text, table = self._read["priority"](row), self._mapping.priorities
        return table.get(text, table.get(text[:1]))

    def _status(self, row: Row, times: dict[str, datetime | None]) -> Status:
        if written := self._mapping.statuses.get(self._read["status"](row)):
            return written
        disposition = self._text("disposition_code", row) or self._text("disposition_text", row)
        if times["closed"]:
            return "Cancelled" if disposition in self._mapping.cancelled else "Closed"
        if times["arrived"]:
            return "ResourcesOnscene"
        if times["enroute"]:
            return "ResourcesEnroute"
        return "ResourcesAssigned" if times["dispatched"] else self._mapping.open_status

    def _time(self, name: str, row: Row) -> Moment | None:
        text = self._read[name](row)
        try:
            return self._moment(text) if text else None
        except GiveUp as error:
            column = getattr(self._mapping.columns, name)
            if isinstance(column, list) and (alone := self._alone(column[-1], row)):
                return alone
            raise GiveUp(f"{column}: {error.detail}", code=error.code) from None

    def _alone(self, column: str, row: Row) -> Moment | None:
        """Beside a date column, a time of the day before may bring its own date."""
        try:
            return self._moment(row[self._columns[column]].strip())
        except GiveUp:
            return None

    def _place(self, row: Row) -> tuple[Place | None, GiveUp | None]:
        """The place. A point that cannot be right is left out and told: the call counts more."""
        address = self._text("address", row)
        try:
            at, problem = self._point(row), None
        except GiveUp as error:
            at, problem = None, error
        if at is None:
            masked = self._mapping.point is not None and problem is None
            known = Place(address=address, precision="masked" if masked else None)
            return (known if address else None), problem
        rule = self._rule(address or "")
        return (
            Place(
                point=at,
                address=address,
                error_m=rule.error_m if rule else None,
                precision=rule.precision if rule else None,
            ),
            None,
        )

    def _rule(self, address: str) -> PlaceRule | None:
        return next((rule for pattern, rule in self._rules if pattern.search(address)), None)

    def _point_reader(self) -> Callable[[Row], Point | None]:
        columns, bounds = self._mapping.point, self._bounds
        if columns is None:
            return lambda _: None
        if columns.wkt:
            wkt = self._reader(columns.wkt)
            return lambda row: wkt_point(wkt(row), bounds=bounds)
        if columns.lat_lon:
            pair = self._reader(columns.lat_lon)
            return lambda row: _lat_lon(pair(row), bounds)
        latitude, longitude = self._reader(columns.latitude), self._reader(columns.longitude)
        return lambda row: point(longitude(row), latitude(row), bounds=bounds)


def _lat_lon(text: str, bounds: Bounds | None) -> Point | None:
    """``(29.94, -90.11)``: latitude first, as some open-data portals write a location."""
    if not text:
        return None
    latitude, comma, longitude = text.strip("() ").partition(",")
    if not comma:
        raise GiveUp("Not a pair of latitude and longitude.", code="bad_point")
    return point(longitude.strip(), latitude.strip(), bounds=bounds)


def _moments(mapping: MappingFile) -> Callable[[str], Moment]:
    """Reads times of this export; most of them occur several times in one."""
    local = zone(mapping.time_zone)

    @lru_cache(maxsize=65536)
    def read(text: str) -> Moment:
        for form in mapping.time_formats:
            try:
                found = moment(text, formats=[form], local=local)
            except GiveUp as error:
                problem = error
            else:
                return Moment(found.time, (found.error_s or 0.0) + _coarseness(form))
        raise problem

    return read


def _coarseness(form: str) -> float:
    """Seconds by which a time may be later than written: whole minutes hide up to 60."""
    return 60.0 if "%M" in form and "%S" not in form else 0.0


def _id(incident: CadIncident, updated: datetime | None) -> str:
    """Call number and a hash of what is told of it: unchanged is the same, changed is new."""
    told = msgspec.json.encode((incident, updated))
    return f"{incident.call_number}#{hashlib.blake2b(told, digest_size=8).hexdigest()}"
