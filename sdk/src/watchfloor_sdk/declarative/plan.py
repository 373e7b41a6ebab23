"""The mapping file of a declarative connector (``source.json``): what to ask, and what it means.

Described for editors by ``source.schema.json``, for people by ``docs/declarative.md``. A word that
is not known is an error, with its line and field.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from msgspec import Meta, field

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
    out of the file's formats. In ``id`` and ``subject``, ``@told.state`` is the contract's field
    as it was mapped, ``@hash`` a hash of all that is told.
    """

    id: Field
    event: Text | None = None
    asset: Text | None = None
    when: Condition | None = None
    time: Field | None = None
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


class Layout(MappingPart):
    """How an answer, a file or a pushed document is written, and where its records are.

    ``records`` is the path to the list (empty: the document itself, a list or one record); for XML
    the path below the root. ``views``: the path to a list in each record with one entry a record,
    whose fields are ``view.…``; its number, from 1, is ``@number``. ``@root`` is the name of an
    XML document's root.
    """

    format: Literal["json", "geojson", "csv", "xml"] = "json"
    records: str = ""
    views: Text | None = None
    encoding: Literal["utf-8", "cp1252", "latin-1", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","


class Request(MappingPart):
    """One request. Braces hold ``{settings.…}``, ``{checkpoint}``, ``{page}``, ``{offset}``.

    ``path`` is below the ``base_url`` of the settings and its parts are percent-encoded; ``url`` is
    a whole address. A query or header that comes to nothing is left out; one that is only a brace
    keeps its type in a ``body``.
    """

    path: Text | None = None
    url: Text | None = None
    method: Literal["GET", "POST"] = "GET"
    query: dict[str, Scalar] = {}
    headers: dict[str, str] = {}
    body: Any = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            raise ValueError("give either path or url")


class Paging(MappingPart):
    """How to come to the next page, until there is none.

    ``cursor``: ``next`` is the path to the value that the next request sends as ``{checkpoint}``,
    kept as the checkpoint; ``more`` the path to whether there is more (else: until there is no
    value). ``version``: the same with a token that every page has; a page of fewer than ``size``
    records is the last for now. ``offset`` and ``page``: ``{offset}`` or ``{page}`` (from
    ``first``) goes on until a page is empty or ``total`` records were read. ``next_url``: ``next``
    is the path to the next address. ``link``: the header ``Link`` has it (RFC 8288, ``next``).
    """

    way: Literal["cursor", "version", "offset", "page", "next_url", "link"]
    next: Text | None = None
    more: Text | None = None
    total: Text | None = None
    size: Annotated[int, Meta(ge=1)] = 100
    first: Annotated[int, Meta(ge=0)] = 1

    def __post_init__(self) -> None:
        if self.way in ("cursor", "version", "next_url") and not self.next:
            raise ValueError(f"{self.way} needs next")


class Source(MappingPart):
    """One list that the vendor has: asked for by ``request``, or read from a ``file``.

    ``newest`` is the path in a record whose highest value is the checkpoint (of whole rounds), for
    vendors that take a "since". ``assured``: the path to the moment up to which the answer is
    whole. ``complete``: assets that are not listed are no longer there. ``forgotten`` of
    ``restart``: a cursor that the vendor no longer knows (404, 410) is asked for again from the
    start, and the log says that records may be missing.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z")]
    outputs: Annotated[list[Output], Meta(min_length=1)]
    request: Request | None = None
    file: Text | None = None
    layout: Layout = field(default_factory=Layout)
    paging: Paging | None = None
    newest: Text | None = None
    assured: Text | None = None
    complete: bool = False
    forgotten: Literal["restart", "report"] = "report"

    def __post_init__(self) -> None:
        if (self.request is None) == (self.file is None):
            raise ValueError("give either request or file")


class Hook(MappingPart):
    """What is pushed. The signature is checked by the recipe in ``connector.json``.

    ``ignore`` is no news (a heartbeat). What no output takes is refused.
    """

    outputs: Annotated[list[Output], Meta(min_length=1)]
    layout: Layout = field(default_factory=Layout)
    ignore: Condition | None = None


class Auth(MappingPart):
    """How requests prove who asks: a flow by name, with a declared credential.

    ``options`` are the flow's own (``header``, ``field``, ``token_url``), as docs/declarative.md
    lists them.
    """

    flow: Text
    credential: Text
    options: dict[str, str] = {}


class Pictures(MappingPart):
    """Media that records refer to: ``handle`` is a whole address that carries its own permission
    (``by`` of ``address``) or a path below ``base_url`` that needs the credential (``path``).

    ``setting`` is the setting without which none can be fetched; ``check`` says so.
    """

    by: Literal["address", "path"]
    setting: Text | None = None


class SourceFile(MappingPart):
    """A whole mapping file.

    ``watched`` are optional fields of the events' data that this vendor always gives: when one
    stops coming, the source's problem is ``schema_drift``.
    """

    name: Text
    about: str = ""
    auth: Auth | None = None
    sources: list[Source] = []
    webhook: Hook | None = None
    media: Pictures | None = None
    time_zone: Text | None = None
    time_formats: Annotated[tuple[str, ...], Meta(min_length=1)] = ("iso",)
    tables: dict[str, Table] = {}
    places: list[PlaceRule] = []
    yes: tuple[str, ...] = ("Y", "Yes", "true", "1")
    watched: list[Text] = []
    inventory_every_s: Annotated[float, Meta(ge=0)] = 300.0

    def __post_init__(self) -> None:
        if self.time_zone:
            zone(self.time_zone)
        if not self.sources and self.webhook is None:
            raise ValueError("give sources or a webhook")
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have one name")


def _pattern(text: str, by: str = "") -> None:
    try:
        re.compile(text).sub(by, "")
    except re.error as error:
        raise ValueError(f"no regular expression ({error})") from None
