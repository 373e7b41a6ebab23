"""Fields of a mapping file: where each of the contract's fields comes from in a vendor's record."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta

from watchfloor.contracts import Handling
from watchfloor_sdk.mapping import zone
from watchfloor_sdk.mapping_files import MappingPart

Text = Annotated[str, Meta(min_length=1)]
Scalar = str | int | float | bool | None
Unit = Literal["km/h", "mph", "knots", "ft", "mi", "yd", "km", "min", "h", "ms"]
"""Units that a vendor may write; values are turned into metres, seconds, metres per second."""


class Condition(MappingPart):
    """Whether something holds for a record. All that is said must hold.

    ``one_of`` are the values wanted, ``none_of`` those that are not; ``there``: that there is (or
    is not) a value; ``matches``: a regular expression found in it. ``all``, ``any`` and ``never``
    put conditions together.
    """

    path: Text | None = None
    jmespath: Text | None = None
    one_of: list[Scalar] | None = None
    none_of: list[Scalar] | None = None
    there: bool | None = None
    matches: Text | None = None
    all: list[Condition] = []
    any: list[Condition] = []
    never: list[Condition] = []

    def __post_init__(self) -> None:
        if self.path and self.jmespath:
            raise ValueError("give either path or jmespath")
        if self.matches:
            _pattern(self.matches)


class Table(MappingPart):
    """A vendor's words and what they are here. Case does not matter where no word fits exactly.

    A word that is not in it is refused, unless ``otherwise`` says what it is (``null``: nothing).
    """

    values: dict[str, Scalar]
    otherwise: Scalar | Literal["(refuse)"] = "(refuse)"


class Replace(MappingPart):
    """Every match of ``pattern`` (a regular expression) becomes ``by`` (``\\1``: group 1)."""

    pattern: Text
    by: str = ""

    def __post_init__(self) -> None:
        _pattern(self.pattern, self.by)


class Value(MappingPart):
    """A value that takes more than a path.

    Where from (one of): ``path`` (as the short form), ``jmespath``, ``first`` (the first of several
    that says something), ``items`` (a list of those that say something), ``each`` (the path to a
    list: one entry for each of its members, made by ``fields``), ``fields`` (an object).

    Then, in this order: ``replace``, ``split`` (a text to a list), ``table``, ``scale`` or
    ``unit``; ``low`` and ``high`` refuse a number outside; ``otherwise`` stands in for nothing.
    With ``when`` there is a value only where that holds. ``time_formats`` and ``time_zone``
    replace the file's.
    """

    path: Text | None = None
    jmespath: Text | None = None
    first: list[Field] = []
    items: list[Field] = []
    each: Text | None = None
    fields: dict[str, Field] = {}
    when: Condition | None = None
    replace: Replace | None = None
    split: Text | None = None
    table: Text | Table | None = None
    scale: float | None = None
    unit: Unit | None = None
    low: float | None = None
    high: float | None = None
    time_formats: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    time_zone: Text | None = None
    otherwise: Field | None = None

    def __post_init__(self) -> None:
        ways = [self.path, self.jmespath, self.first, self.items, self.each or self.fields]
        if sum(map(bool, ways)) != 1:
            raise ValueError("give one of path, jmespath, first, items, each, fields")
        if self.each and not self.fields:
            raise ValueError("each needs fields")
        if self.time_zone:
            zone(self.time_zone)


Field = str | int | float | bool | Value
"""Short form. ``"vehicle.make"`` is a path; ``"=camera"`` the text ``camera``; a text with braces
is put together (``"gunshot/{id}"``); a number, true or false stands for itself. A path that begins
with ``@`` leads outside the record: ``@settings.owner``, ``@document.site``, ``@number``."""


class PlaceRule(MappingPart):
    """How exact the places are whose address has ``pattern`` (a regular expression) in it."""

    pattern: str
    precision: Literal["exact", "address", "block", "intersection", "area"]
    error_m: Annotated[float, Meta(gt=0, le=100_000)]

    def __post_init__(self) -> None:
        _pattern(self.pattern)


class Where(MappingPart):
    """Where it is: ``longitude`` and ``latitude``, or ``wkt`` (``POINT (lon lat)``), or ``lat_lon``
    (``(lat, lon)``), or ``geojson`` (a Point geometry); and the ``address``.

    ``scale`` turns numbers into degrees. A point that cannot be right refuses the record; with
    ``if_wrong`` of ``leave_out`` the record is told without it.
    """

    longitude: Field | None = None
    latitude: Field | None = None
    wkt: Field | None = None
    lat_lon: Field | None = None
    geojson: Field | None = None
    address: Field | None = None
    error_m: Field | None = None
    scale: Annotated[float, Meta(gt=0)] | None = None
    if_wrong: Literal["refuse", "leave_out"] = "refuse"

    def __post_init__(self) -> None:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("longitude and latitude go together")
        ways = [self.longitude, self.wkt, self.lat_lon, self.geojson]
        if sum(way is not None for way in ways) > 1:
            raise ValueError("give the point in one way")


class Output(MappingPart):
    """What a record becomes: an ``event`` of a kind (``read``, ``call``) or an ``asset`` of one.

    ``fields`` says where each field of the contract comes from; dots lead into its parts
    (``vehicle.make``). Conversions follow from the contract's field: a number out of a text, a time
    out of the file's formats. Of several times the latest is the event's: when it came to be what
    the record shows. In ``id`` and ``subject``, ``@told.state`` is the contract's field as it was
    mapped, ``@hash`` a hash of all that is told, ``observed`` included.
    """

    id: Field
    event: Text | None = None
    asset: Text | None = None
    when: Condition | None = None
    time: Field | Annotated[list[Field], Meta(min_length=1)] | None = None
    observed: Field | None = None
    expires: Field | None = None
    subject: Field | None = None
    handling: Handling | None = None
    place: Where | None = None
    fields: dict[str, Field] = {}

    def __post_init__(self) -> None:
        if (self.event is None) == (self.asset is None):
            raise ValueError("give either event or asset")
        if self.event is not None and self.time is None:
            raise ValueError("an event needs a time")


def _pattern(text: str, by: str = "") -> None:
    try:
        re.compile(text).sub(by, "")
    except re.error as error:
        raise ValueError(f"no regular expression ({error})") from None
