"""The mapping file of a declarative connector (``source.json``): what to ask, and what it means.

Described for editors by ``source.schema.json``, for people by ``docs/declarative.md``. A word that
is not known is an error, with its line and field.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from watchfloor_sdk.mapping import zone
from watchfloor_sdk.mapping_files import MappingPart

from .fields import Condition, Output, PlaceRule, Table, Text
from .requests import Action, Auth, Check, Failures, Pace, Paging, Request

NOW = "@now"


class Layout(MappingPart):
    """How an answer, a file or a pushed document is written, and where its records are.

    ``records`` is the path to the list (empty: the document itself, a list or one record); for XML
    the path below the root. ``jsonl``: a file with a JSON document a line, in each of which
    ``records`` leads to the list. ``views``: the path to a list in each record with one entry a
    record, whose fields are ``view.…``; its number, from 1, is ``@number``. ``@root`` is the name
    of an XML document's root. ``fallback`` is the encoding of CSV rows that are not in
    ``encoding``.
    """

    format: Literal["json", "jsonl", "geojson", "csv", "xml"] = "json"
    records: str = ""
    views: Text | None = None
    encoding: Literal["utf-8", "cp1252", "latin-1", "utf-16"] = "utf-8"
    fallback: Literal["cp1252", "latin-1"] | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","


class Exports(MappingPart):
    """What somebody else writes, in one of four ways: a ``path`` (a file, or a folder: the files
    whose names fit ``pattern``), a ``url``, ``sftp`` (``sftp://host/folder``, on a server that is
    known by ``host_key``; its credential is called ``sftp``), or a database's ``replica``, whose
    ``table`` or view is read in the order of ``key`` (columns that together are unique and grow
    with each change; the credential is called ``replica``).

    Each is a template; one that is left out is the setting of its name, if there is such. What
    comes to nothing does not count, so that the settings may choose the way. Files not written for
    longer than ``stalled_after_s`` seconds are reported as stalled.
    """

    path: Text | None = None
    url: Text | None = None
    sftp: Text | None = None
    host_key: Text | None = None
    replica: Text | None = None
    table: Text | None = None
    key: Text | list[Text] | None = None
    pattern: Text | None = None
    stalled_after_s: Text | Annotated[float, Meta(gt=0)] | None = None


class Source(MappingPart):
    """One list that the vendor has: asked for by ``request``, or read from a ``file`` (its path,
    or what ``Exports`` has).

    ``newest`` is the path in a record whose highest value is the checkpoint (of whole rounds), for
    vendors that take a "since". ``assured``: the path to the moment up to which the answer is
    whole; of a file ``@now``: whoever writes it holds nothing back. ``complete``: assets that are
    not listed are no longer there. ``forgotten`` of ``restart``: a cursor that the vendor no longer
    knows (404, 410) is asked for again from the start, and the log says that records may be
    missing.
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
        if self.assured and (self.assured == NOW) == (self.file is None):
            raise ValueError("assured is a path in answers, and @now of files")
        if self.layout.format == "jsonl" and self.file is None:
            raise ValueError("jsonl is for files")


class Hook(MappingPart):
    """What is pushed. The signature is checked by the recipe in ``connector.json``.

    ``ignore`` is no news (a heartbeat). What no output takes is refused.
    """

    outputs: Annotated[list[Output], Meta(min_length=1)]
    layout: Layout = field(default_factory=Layout)
    ignore: Condition | None = None


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
