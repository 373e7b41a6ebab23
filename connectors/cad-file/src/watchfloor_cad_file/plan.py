"""The mapping file: which column of an export is which field of a call for service.

Described for editors by ``mapping.schema.json``.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta

from watchfloor_sdk import MappingFiles, MappingPart
from watchfloor_sdk.csv_text import Layout
from watchfloor_sdk.exports import JsonLines
from watchfloor_sdk.mapping import zone

Column = str | Annotated[list[str], Meta(min_length=1)]
"""A column's name; or several, whose texts are joined with a space (a date and a time). A time is
read from the last of them alone where that has a date of its own."""

Status = Literal[
    "Active", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene",
    "ReOpened", "Closed", "Cancelled",
]  # fmt: skip

Precision = Literal["exact", "address", "block", "intersection", "area"]


class Columns(MappingPart):
    """Where each field stands. ``updated`` is when the row was last changed, if that is told."""

    call_number: Column
    created: Column
    dispatched: Column | None = None
    enroute: Column | None = None
    arrived: Column | None = None
    closed: Column | None = None
    updated: Column | None = None
    status: Column | None = None
    type_code: Column | None = None
    type_text: Column | None = None
    initial_type_code: Column | None = None
    initial_type_text: Column | None = None
    priority: Column | None = None
    address: Column | None = None
    beat: Column | None = None
    district: Column | None = None
    disposition_code: Column | None = None
    disposition_text: Column | None = None
    self_initiated: Column | None = None
    units: Column | None = None
    notes: Column | None = None
    callback: Column | None = None
    plates: Column | None = None
    centre_outcome: Column | None = None


class PointColumns(MappingPart):
    """Where the point stands, in one of three ways: ``POINT (lon lat)``, ``(lat, lon)`` or two."""

    wkt: str | None = None
    lat_lon: str | None = None
    latitude: str | None = None
    longitude: str | None = None

    def __post_init__(self) -> None:
        pair = bool(self.latitude) + bool(self.longitude)
        if bool(self.wkt) + bool(self.lat_lon) + pair / 2 != 1:
            raise ValueError("name either wkt, or lat_lon, or latitude and longitude")


class PlaceRule(MappingPart):
    """How exact the places are whose address has ``pattern`` (a regular expression) in it."""

    pattern: str
    precision: Precision
    error_m: Annotated[float, Meta(gt=0, le=100_000)]

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern is not a regular expression: {error}") from None


class MappingFile(MappingPart):
    """One export's mapping.

    ``time_formats``: ``iso``, ``epoch_s``, ``epoch_ms`` or strptime patterns, tried in order.
    ``fallback``: the encoding of rows that are not in ``encoding``. ``places``: the first rule that
    fits counts. ``priorities``: the priority's whole text, or else its first character, to 0 or 1
    (most urgent) .. 9. ``types`` and ``dispositions``: the agency's code to the common registry's.
    ``cancelled``: dispositions of calls that were called off. ``statuses`` reads a status column;
    without one the status follows from the times, and ``open_status`` stands while there is none
    but the first. ``separator`` parts units and plates; ``marks`` are signs before units that are
    no part of their names. ``rows``: the export is no CSV but a JSON object a line, and this is the
    member of each that lists its rows.
    """

    name: str
    time_zone: str
    time_formats: Annotated[list[str], Meta(min_length=1)]
    columns: Columns
    about: str = ""
    encoding: Literal["utf-8", "cp1252", "latin-1", "utf-16"] = "utf-8"
    fallback: Literal["cp1252", "latin-1"] | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    point: PointColumns | None = None
    places: list[PlaceRule] = []
    priorities: dict[str, Annotated[int, Meta(ge=0, le=9)]] = {}
    types: dict[str, str] = {}
    dispositions: dict[str, str] = {}
    cancelled: list[str] = []
    statuses: dict[str, Status] = {}
    open_status: Status = "Active"
    yes: tuple[str, ...] = ("Y", "Yes", "true", "1")
    separator: Annotated[str, Meta(min_length=1)] = ","
    marks: str = ""
    rows: str | None = None

    def __post_init__(self) -> None:
        zone(self.time_zone)

    def layout(self) -> Layout | JsonLines:
        """How the export is written."""
        if self.rows is not None:
            return JsonLines(self.rows)
        return Layout(self.encoding, self.delimiter, self.fallback)

    def names(self) -> list[str]:
        """The columns that are read: of a table or of objects, nothing else is."""
        parts = [self.columns, self.point] if self.point else [self.columns]
        named = [getattr(part, name) for part in parts for name in part.__struct_fields__]
        several = [[one] if isinstance(one, str) else one for one in named if one]
        return list(dict.fromkeys(name for names in several for name in names))


MAPPINGS = MappingFiles(__package__, MappingFile)
"""The shipped ones, and an agency's own."""
