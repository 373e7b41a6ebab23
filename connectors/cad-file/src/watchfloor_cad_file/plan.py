"""The mapping file: which column of an export is which field of a call for service.

JSON, described for editors by ``mapping.schema.json``. An error names line and field.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor_sdk import AskAPerson
from watchfloor_sdk.mapping import zone

Column = str | Annotated[list[str], Meta(min_length=1)]
"""A column's name; or several, whose texts are joined with a space (a date and a time)."""

Status = Literal[
    "Active", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene",
    "ReOpened", "Closed", "Cancelled",
]  # fmt: skip

Precision = Literal["exact", "address", "block", "intersection", "area"]


class Part(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the mapping file's parts: a word that is not known is a typing error."""


class Columns(Part):
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


class PointColumns(Part):
    """Where the point stands, in one of three ways: ``POINT (lon lat)``, ``(lat, lon)`` or two."""

    wkt: str | None = None
    lat_lon: str | None = None
    latitude: str | None = None
    longitude: str | None = None

    def __post_init__(self) -> None:
        pair = bool(self.latitude) + bool(self.longitude)
        if bool(self.wkt) + bool(self.lat_lon) + pair / 2 != 1:
            raise ValueError("name either wkt, or lat_lon, or latitude and longitude")


class PlaceRule(Part):
    """How exact the places are whose address has ``pattern`` (a regular expression) in it."""

    pattern: str
    precision: Precision
    error_m: Annotated[float, Meta(gt=0, le=100_000)]

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"pattern is not a regular expression: {error}") from None


class MappingFile(Part):
    """One export's mapping.

    ``time_formats``: ``iso``, ``epoch_s``, ``epoch_ms`` or strptime patterns, tried in order.
    ``places``: the first rule that fits counts. ``priorities``: the priority's whole text, or
    else its first character, to 0 or 1 (most urgent) .. 9. ``types`` and ``dispositions``: the
    agency's code to the common registry's. ``cancelled``: dispositions of calls that were called
    off. ``statuses`` reads a status column; without one the status follows from the times, and
    ``open_status`` stands while there is none but the first. ``separator`` parts units and plates.
    """

    name: str
    time_zone: str
    time_formats: Annotated[list[str], Meta(min_length=1)]
    columns: Columns
    about: str = ""
    encoding: Literal["utf-8", "cp1252", "latin-1"] = "utf-8"
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


def load(name: str) -> MappingFile:
    """The mapping shipped under that name, or the file at that path (it ends in ``.json``).

    Raises ``AskAPerson`` (code ``no_mapping`` or ``bad_mapping``), naming line and field.
    """
    try:
        text = _text(name)
    except OSError as error:
        raise AskAPerson(
            f"The mapping {name!r} cannot be read: {error.strerror}.",
            code="no_mapping",
            remedy=f"Name a mapping file, or one of: {', '.join(shipped())}.",
        ) from None
    return decode(text, name)


def shipped() -> list[str]:
    """The names of the mappings that come with this connector."""
    folder = resources.files(__package__).joinpath("mappings")
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir())


def _text(name: str) -> str:
    if name in shipped():
        file = resources.files(__package__).joinpath("mappings", f"{name}.json")
        return file.read_text(encoding="utf-8")
    return Path(name).read_text(encoding="utf-8-sig")


def decode(text: str, name: str) -> MappingFile:
    """Read a mapping. Raises ``AskAPerson`` (``bad_mapping``, ``unknown_zone``)."""
    try:
        mapping = msgspec.json.decode(text, type=MappingFile)
    except msgspec.ValidationError as error:
        what, _, path = str(error).rstrip("`").partition(" - at `$.")
        raise _bad(name, _line_of(text, path, what), what, path) from None
    except msgspec.DecodeError as error:
        found = re.search(r"byte (\d+)", str(error))
        before = text.encode()[: int(found[1])] if found else text.encode()
        raise _bad(name, before.count(b"\n") + 1, str(error)) from None
    zone(mapping.time_zone)
    return mapping


def _line_of(text: str, path: str, what: str) -> int:
    """The line of a msgspec path such as ``columns.created``: each name after the one before."""
    at = 0
    for key in [*re.findall(r"[a-z_]+", path), *re.findall(r"unknown field `(.+)`", what)]:
        found = re.compile(rf'"{re.escape(key)}"\s*:').search(text, at)
        at = found.start() if found else at
    return text.count("\n", 0, at) + 1


def _bad(name: str, line: int, what: str, path: str = "") -> AskAPerson:
    where = f", {path}" if path else ""
    return AskAPerson(
        f"The mapping {name!r} is wrong in line {line}{where}: {what}.",
        code="bad_mapping",
        remedy="Correct the mapping file; its schema is mapping.schema.json.",
    )
