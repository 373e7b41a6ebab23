"""The mapping file: where in a registry's records each fact about a camera stands.

Described for editors by ``mapping.schema.json``. Facts that
are not named here stay in the registry: contact data of owners in particular.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta

from watchfloor_sdk import MappingFiles, MappingPart
from watchfloor_sdk.mapping import zone

Field = Annotated[str, Meta(min_length=1)]
"""A column's name, or a dotted path into a JSON record: ``geometry.coordinates.0``."""

Level = Literal["listed", "request", "conditional_live", "live", "live_and_recorded"]
Status = Literal["online", "offline", "degraded", "unknown"]

CONTACT = re.compile(
    r"phone|mobile|cell|e-?mail|contact|owner_?name|given_?by|person|signature|birth", re.I
)
"""Fields that hold data of the person to ask; no attribute may be taken from one."""


class Fields(MappingPart):
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


class MappingFile(MappingPart):
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
        if self.time_zone:
            zone(self.time_zone)
        for name, field in self.attributes.items():
            if CONTACT.search(name) or CONTACT.search(field):
                raise ValueError(f"attribute {name!r} would take over contact data")


MAPPINGS = MappingFiles(__package__, MappingFile)
"""The shipped ones, and an agency's own."""
