"""The mapping file of a declarative connector (``source.json``): what to ask, and what it means.

Described for editors by ``source.schema.json``, for people by ``docs/declarative.md``. A word that
is not known is an error, with its line and field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from watchfloor_sdk.mapping import zone
from watchfloor_sdk.mapping_files import MappingPart

from .fields import Condition, Field, Output, PlaceRule, Scalar, Table, Text


class Layout(MappingPart):
    """How an answer, a file or a pushed document is written, and where its records are.

    ``records`` is the path to the list (empty: the document itself, a list or one record); for XML
    the path below the root. ``views``: the path to a list in each record with one entry a record,
    whose fields are ``view.…``; its number, from 1, is ``@number``. ``@root`` is the name of an
    XML document's root. ``fallback`` is the encoding of CSV rows that are not in ``encoding``.
    """

    format: Literal["json", "geojson", "csv", "xml"] = "json"
    records: str = ""
    views: Text | None = None
    encoding: Literal["utf-8", "cp1252", "latin-1", "utf-16"] = "utf-8"
    fallback: Literal["cp1252", "latin-1"] | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","


class Request(MappingPart):
    """One request. Braces hold ``{settings.…}`` and, in a source, ``{checkpoint}``, ``{page}`` and
    ``{offset}``; in an action, what ``Action`` lists.

    ``path`` is below the ``base_url`` of the settings and its parts are percent-encoded; ``url`` is
    a whole address. A query, header or field of a form that comes to nothing is left out; what is
    only a brace keeps its type in a ``body`` (JSON). ``form`` is sent instead of a body.
    """

    path: Text | None = None
    url: Text | None = None
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    query: dict[str, Scalar] = {}
    headers: dict[str, str] = {}
    body: Any = None
    form: dict[str, Scalar] = {}

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            raise ValueError("give either path or url")
        if self.form and self.body is not None:
            raise ValueError("give either body or form")


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


class Exports(MappingPart):
    """Files that somebody else writes, in one of three ways: a ``path`` (a file, or a folder: the
    files whose names fit ``pattern``), a ``url``, or ``sftp`` (``sftp://host/folder``, on a server
    that is known by ``host_key``; its credential is called ``sftp``).

    Each is a template; what comes to nothing is left out, so that the settings may choose the way.
    Files not written for longer than ``stalled_after_s`` seconds are reported as stalled.
    """

    path: Text | None = None
    url: Text | None = None
    sftp: Text | None = None
    host_key: Text | None = None
    pattern: Text | None = None
    stalled_after_s: Text | Annotated[float, Meta(gt=0)] | None = None

    def __post_init__(self) -> None:
        if not (self.path or self.url or self.sftp):
            raise ValueError("give path, url or sftp")
        if bool(self.sftp) != bool(self.host_key):
            raise ValueError("sftp and host_key go together")


class Source(MappingPart):
    """One list that the vendor has: asked for by ``request``, or read from a ``file`` (its path,
    or where several are).

    ``newest`` is the path in a record whose highest value is the checkpoint (of whole rounds), for
    vendors that take a "since". ``assured``: the path to the moment up to which the answer is
    whole. ``complete``: assets that are not listed are no longer there. ``forgotten`` of
    ``restart``: a cursor that the vendor no longer knows (404, 410) is asked for again from the
    start, and the log says that records may be missing.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z")]
    outputs: Annotated[list[Output], Meta(min_length=1)]
    request: Request | None = None
    file: Text | Exports | None = None
    layout: Layout = field(default_factory=Layout)
    paging: Paging | None = None
    newest: Text | None = None
    assured: Text | None = None
    complete: bool = False
    forgotten: Literal["restart", "report"] = "report"

    def __post_init__(self) -> None:
        if (self.request is None) == (self.file is None):
            raise ValueError("give either request or file")
        if self.request and self.request.method not in ("GET", "POST"):
            raise ValueError("a source is read with GET or POST")


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


class Pace(MappingPart):
    """The vendor's documented limit: ``calls`` in ``per_s`` seconds, ``burst`` of them at once."""

    calls: Annotated[int, Meta(ge=1)]
    per_s: Annotated[float, Meta(gt=0)] = 1.0
    burst: Annotated[int, Meta(ge=1)] = 1

    def __post_init__(self) -> None:
        if self.burst > self.calls:
            raise ValueError("a burst is no more than all calls")


class Trouble(MappingPart):
    """What a failure comes to: ``retry`` (it passes by), ``ask`` (a person must change something)
    or ``give_up`` (it can never be).

    ``code`` and ``remedy`` are those of the error; ``setting`` names the setting that is wrong.
    """

    then: Literal["retry", "ask", "give_up"]
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]
    remedy: Text | None = None
    setting: Text | None = None

    def __post_init__(self) -> None:
        if self.then != "retry" and not self.remedy:
            raise ValueError(f"{self.then} needs a remedy")


class Known(Trouble, kw_only=True):
    """What some of the vendor's words for failures come to."""

    words: Annotated[list[Scalar], Meta(min_length=1)]


class Failures(MappingPart):
    """Failures that the vendor tells with a status of success, in JSON.

    It failed where ``when`` holds or, without that, where there is a ``word``. ``otherwise`` is for
    words that are not ``known``, and for none.
    """

    word: Field
    when: Condition | None = None
    known: list[Known] = []
    otherwise: Trouble = field(
        default_factory=lambda: Trouble(then="retry", code="vendor_failed"),
    )


class Receipt(MappingPart):
    """What of the answer tells what became of an action: the vendor's own ``reference``; the
    ``outcome`` (``done``, ``refused`` or ``failed``; without it, done); a ``detail`` for people."""

    reference: Field | None = None
    outcome: Field | None = None
    detail: Field | None = None


class Action(MappingPart):
    """How an action of ``connector.json`` is done: one request, and what its answer means.

    Braces of the request hold ``{parameters.…}`` (what the action is told), ``{order.key}`` (the
    idempotency key), ``{order.requested_by}``, ``{values.…}``, ``{settings.…}``, and in
    ``deliver-alert`` the message in words: ``{alert.headline}`` and ``{alert.text}``.

    ``values`` are made as fields are, by paths that begin with the same words
    (``parameters.priority``). ``escape`` replaces signs in all that is filled into the body or
    form, but for settings. ``repeatable``: the vendor knows the key of an action that was done
    already, or twice does no harm; only then is one asked for again whose answer was lost.
    """

    action: Text
    request: Request
    values: dict[str, Field] = {}
    escape: dict[Annotated[str, Meta(min_length=1, max_length=1)], str] = {}
    receipt: Receipt = field(default_factory=Receipt)
    repeatable: bool = False


class Check(MappingPart):
    """A request that changes nothing and shows whether the vendor would take the others.

    ``good`` are words of ``failures`` by which it says that it would.
    """

    request: Request
    good: list[Scalar] = []
    detail: Text = "The vendor answers."


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
    actions: list[Action] = []
    failures: Failures | None = None
    check: Check | None = None
    pace: Pace | None = None
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
        if not (self.sources or self.webhook or self.actions):
            raise ValueError("give sources, a webhook or actions")
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have one name")
        actions = [one.action for one in self.actions]
        if len(set(actions)) < len(actions):
            raise ValueError("an action is there twice")
        if self.check and self.check.good and self.failures is None:
            raise ValueError("good are words of failures")
