"""A page of a vendor's records to events and assets: fast where it is as expected, else carefully.

The fast way decodes the document into exactly what the mapping reads of it and maps all records
in one go. Whatever does not fit takes the careful way, record by record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from watchfloor.contracts import BY_TYPE, AskAPerson, Asset, Event, GiveUp
from watchfloor_sdk.connector import Rejected

from .compiling import Compiler
from .documents import Document, Record, read, steps_of
from .fields import Condition, Output
from .frames import At, Surroundings
from .plan import Layout
from .shapes import Shape

NOTHING: Mapping[str, str] = {}
_POINTERS = 1000


@dataclass(slots=True)
class Scope:
    """What a record does not say itself. ``doubt`` is why its point was left out, ``newest`` the
    highest value so far of the field that the source calls so."""

    now: datetime
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    root: str | None = None
    number: int = 1
    doubt: GiveUp | None = None
    newest: Any = None


@dataclass(slots=True)
class Mapped:
    """What one document came to. ``count`` is how many records it had."""

    events: list[Event] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    pointers: Sequence[str] = ()
    rejected: list[Rejected] = field(default_factory=list)
    count: int = 0
    document: Any = None
    untold: int = 0
    """Records that no output took."""


class Mapper:
    """Maps the documents of one source or webhook.

    ``document`` are the paths outside the records that whoever pages wants to know.
    """

    def __init__(
        self,
        around: Surroundings,
        outputs: Sequence[Output],
        layout: Layout,
        at: At,
        *,
        ignore: Condition | None = None,
        newest: str | None = None,
        document: Sequence[str] = (),
    ) -> None:
        whole = Shape()
        self._paths = {path: whole.value(path.split(".")) for path in document}
        compiler = Compiler(around, whole)
        if newest is not None:
            compiler.note_newest(newest, (*at, "newest"))
        self._make = compiler.compile(outputs, (*at, "outputs"))
        self._ignored = _never
        if ignore is not None:
            judge = Compiler(around, whole)
            judge.record = compiler.record
            self._ignored = judge.condition(ignore, (*at, "ignore"))
            compiler.needs_raw |= judge.needs_raw
        self._layout = layout
        self.columns = compiler.record.names
        """The fields that are read of a record: of CSV and of tables the columns."""
        self._steps = steps_of(layout)
        self._loose = compiler.record.struct(strict=False)
        self._loose_whole = whole.struct(strict=False)
        self._one_event = [o.event is not None and o.when is None for o in outputs] == [True]
        self._pointers = [self._pointer(index) for index in range(_POINTERS)]
        self._decode: Callable[[bytes], Any] | None = None
        plain = layout.format in ("json", "geojson") and layout.views is None
        if plain and self._steps and not (compiler.needs_raw or compiler.hashes or ignore):
            self._listed = whole.members(self._steps, compiler.record)
            self._decode = msgspec.json.Decoder(whole.struct(strict=True)).decode

    def page(self, body: bytes, scope: Scope) -> Mapped:
        """Map a document. Raises ``GiveUp`` for one that is none of its format."""
        if self._decode is not None:
            try:
                return self._quickly(self._decode(body), scope)
            except (ValueError, TypeError, AttributeError, GiveUp):
                scope.doubt = None  # some record is not as expected: which one is found out below
        return self.document(read(body, self._layout), scope)

    def document(self, document: Document, scope: Scope) -> Mapped:
        """Map a document that was read already, record by record."""
        scope.root = document.root
        self._refuse_missing(document.records)
        whole = converted(document.whole, self._loose_whole)
        pointers: list[str] = []
        mapped = Mapped([], [], pointers, document.rejected, document=whole)
        mapped.count = len(document.records) + len(document.rejected)
        for record in document.records:
            try:
                self._one(record, whole, scope, mapped, pointers)
            except GiveUp as error:
                mapped.rejected.append(Rejected(record.raw, error.code, error.detail))
        return mapped

    def said(self, document: Any, path: str) -> Any:
        """What the document says at a path that was noted."""
        for attribute in self._paths[path]:
            document = None if document is None else getattr(document, attribute)
        return document

    def _quickly(self, document: Any, scope: Scope) -> Mapped:
        rows = document
        for attribute in self._listed:
            rows = getattr(rows, attribute)
        made: list[Any] = []
        out, make = made.append, self._make
        for row in rows:
            make(row, None, document, scope, out)
        if scope.doubt is not None or not (self._one_event or all_assets(made)):
            raise GiveUp("Pointers have to be told apart.")
        mapped = Mapped(count=len(rows), document=document)
        if self._one_event:
            mapped.events, mapped.pointers = made, self._first_pointers(len(made))
        else:
            mapped.assets = made
        return mapped

    def _one(
        self, record: Record, whole: Any, scope: Scope, mapped: Mapped, pointers: list[str]
    ) -> None:
        scope.number, scope.doubt = record.number, None
        row = _strictly(record.value, self._loose)
        if self._ignored(row, record.value, whole, scope, None):
            return
        made: list[Any] = []
        self._make(row, record.value, whole, scope, made.append)
        mapped.untold += not made
        for one in made:
            _verify(one)
        for one in made:
            if isinstance(one, Event):
                mapped.events.append(one)
                pointers.append(record.pointer)
            else:
                mapped.assets.append(one)
        doubt: GiveUp | None = scope.doubt
        if doubt is not None:
            mapped.rejected.append(Rejected(record.raw, doubt.code, doubt.detail))

    def _refuse_missing(self, records: Sequence[Record]) -> None:
        if self._layout.format != "csv" or not records:
            return
        missing = [name for name in self.columns if name not in records[0].value]
        if missing:
            raise AskAPerson(
                f"The file has no column {', '.join(map(repr, missing))}.",
                code="missing_columns",
                remedy="Compare the mapping with the first line of the file.",
            )

    def _pointer(self, index: int) -> str:
        return "".join(f"/{step}" for step in (*self._steps, index))

    def _first_pointers(self, count: int) -> Sequence[str]:
        if count <= len(self._pointers):
            return self._pointers[:count]
        return [self._pointer(index) for index in range(count)]


def all_assets(made: Sequence[Any]) -> bool:
    """Whether nothing among it is an event."""
    return all(isinstance(one, Asset) for one in made)


def _never(*_: Any) -> bool:
    return False


def converted(value: Any, into: type[msgspec.Struct]) -> Any:
    """The document's own values; nothing where it is a list or does not fit."""
    try:
        return msgspec.convert(value, into)
    except msgspec.ValidationError:
        return into()


def _strictly(value: Any, into: type[msgspec.Struct]) -> Any:
    try:
        return msgspec.convert(value, into)
    except msgspec.ValidationError:
        raise GiveUp("The record is not built as the mapping says.", code="bad_shape") from None


def _verify(one: Event | Asset) -> None:
    """What the hub would refuse is refused here, where the record's own bytes are at hand."""
    try:
        text = msgspec.json.encode(one)
        if isinstance(one, Asset):
            msgspec.json.decode(text, type=Asset)
            return
        event = msgspec.json.decode(text, type=Event)
        msgspec.convert(event.data, BY_TYPE[one.type].data)
    except UnicodeError:  # its own text would show what may be of a plate
        raise GiveUp("It is not UTF-8.", code="unmapped_record") from None
    except msgspec.ValidationError as wrong:
        raise GiveUp(str(wrong), code="unmapped_record") from None
