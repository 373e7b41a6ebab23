"""The mapping file: where in a registry's records each fact about a camera stands.

JSON, described for editors by ``mapping.schema.json``. An error names line and field. Facts that
are not named here stay in the registry: contact data of owners in particular.
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

Field = Annotated[str, Meta(min_length=1)]
"""A column's name, or a dotted path into a JSON record: ``geometry.coordinates.0``."""

Level = Literal["listed", "request", "conditional_live", "live", "live_and_recorded"]
Status = Literal["online", "offline", "degraded", "unknown"]

CONTACT = re.compile(
    r"phone|mobile|cell|e-?mail|contact|owner_?name|given_?by|person|signature|birth", re.I
)
"""Fields that hold data of the person to ask; no attribute may be taken from one."""


class Part(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the mapping file's parts: a word that is not known is a typing error."""


class Fields(Part):
    """Where each fact stands. ``id`` may be put together from several fields.

    ``indoor`` and ``outdoor``: a yes, a number above zero, or words such as ``interior``.
    ``changed`` is since when the status holds.
    """

    id: Field | Annotated[list[Field], Meta(min_length=1)]
    latitude: Field
    longitude: Field
    name: Field | None = None
    owner: Field | None = None
    address: Field | None = None
    heading: Field | None = None
    angle: Field | None = None
    range: Field | None = None
    status: Field | None = None
    changed: Field | None = None
    indoor: Field | None = None
    outdoor: Field | None = None
    level: Field | None = None
    conditions: Field | None = None
    expires: Field | None = None
    withdrawn: Field | None = None
    streams: list[Field] = []


class MappingFile(Part):
    """One registry's mapping.

    ``records`` is the path to the list of records in a JSON document (empty: the document is the
    list). ``views``: the path to a list in each record with one entry a camera, whose fields are
    ``view.…``. ``scale`` turns the coordinates into degrees (microdegrees: 0.000001). ``statuses``,
    ``levels`` and ``headings`` read the registry's words; a heading may also be a number or a
    compass word. ``level`` is the consent of cameras that state none. ``attributes`` are further
    facts to take over, under names of one's own. ``time_formats`` and ``time_zone`` are for
    ``changed``, ``expires`` and ``withdrawn``.
    """

    name: str
    format: Literal["csv", "json"]
    fields: Fields
    level: Level
    about: str = ""
    kind: Literal["camera", "registry_entry"] = "camera"
    encoding: Literal["utf-8", "cp1252", "latin-1"] = "utf-8"
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    records: str = ""
    views: str | None = None
    scale: Annotated[float, Meta(gt=0)] = 1.0
    owner: str | None = None
    statuses: dict[str, Status] = {}
    levels: dict[str, Level] = {}
    headings: dict[str, Annotated[float, Meta(ge=0, le=360)]] = {}
    attributes: dict[str, Field] = {}
    time_formats: Annotated[tuple[str, ...], Meta(min_length=1)] = ("iso",)
    time_zone: str | None = None

    def __post_init__(self) -> None:
        for name, field in self.attributes.items():
            if CONTACT.search(name) or CONTACT.search(field):
                raise ValueError(f"attribute {name!r} would take over contact data")


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
    if mapping.time_zone:
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
