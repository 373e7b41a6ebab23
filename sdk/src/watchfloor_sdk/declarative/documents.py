"""Documents to records, the careful way: one bad record is told as such, with its very bytes.

JSON is read with what vendors do to it (NaN, byte order marks, bytes that are no UTF-8), CSV by
``csv_text``, XML by the one hardened parser.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from watchfloor.contracts import GiveUp
from watchfloor_sdk import csv_text
from watchfloor_sdk.connector import Rejected
from watchfloor_sdk.exports import json_records
from watchfloor_sdk.json_text import members

from .plan import Layout
from .values import pick

_KEEPS_ODD_BYTES = "surrogateescape"
"""Bytes that are no UTF-8 come through a text unharmed (PEP 383)."""


@dataclass(slots=True)
class Record:
    """One record: its value, its very bytes, where it stands (RFC 6901; a CSV row's number)."""

    value: Any
    raw: bytes
    pointer: str = ""
    number: int = 1


@dataclass(slots=True)
class Document:
    """What came: the whole, its records, and those that could not even be read."""

    whole: Any = None
    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    root: str | None = None


def steps_of(layout: Layout) -> list[str]:
    """Where the records are: GeoJSON (RFC 7946, section 3.3) has them under ``features``."""
    path = layout.records or ("features" if layout.format == "geojson" else "")
    return path.split(".") if path else []


def read(body: bytes, layout: Layout) -> Document:
    """Read a document. Raises ``GiveUp`` for one that is none of its format."""
    if layout.format == "csv":
        document = of_rows(csv_text.rows(io.BytesIO(body), csv_layout(layout)))
    elif layout.format == "jsonl":
        lines = json_records(io.BytesIO(body), steps_of(layout), settled=True)
        document = of_objects(lines)
    elif layout.format == "xml":
        document = _xml(body, layout)
    else:
        document = _json(body, steps_of(layout))
    if layout.views is not None:
        views = layout.views.split(".")
        document.records = [view for record in document.records for view in _views(record, views)]
    return document


def _json(body: bytes, steps: Sequence[str]) -> Document:
    text = body.decode(json.detect_encoding(body), _KEEPS_ODD_BYTES)
    try:
        whole = _loaded(text)
        listed = pick(whole, steps) if steps else whole
        if not isinstance(listed, list):
            if steps:
                raise GiveUp("The document has no list where it should be.", code="no_records")
            return Document(whole, [Record(whole, body)])
        at = _offset(text, steps)
        records = [
            Record(
                value,
                text[member.start : member.end].encode("utf-8", _KEEPS_ODD_BYTES),
                "".join(f"/{step}" for step in (*steps, index)),
            )
            for index, (member, value) in enumerate(zip(members(text, at), listed, strict=False))
        ]
    except (ValueError, RecursionError):
        raise GiveUp(f"Not a JSON document ({len(body)} bytes).", code="not_json") from None
    return Document(whole, records)


def _loaded(text: str) -> Any:
    return json.loads(text, parse_constant=str, parse_float=_finite)


def _finite(text: str) -> float | str:
    """A number that is too large for one stays a text, which no number is read from."""
    number = float(text)
    return number if math.isfinite(number) else "Infinity"


def _offset(text: str, steps: Sequence[str]) -> int:
    at = 0
    for step in steps:
        at = next(member.start for member in members(text, at) if str(member.key) == step)
    return at


def csv_layout(layout: Layout) -> csv_text.Layout:
    """How a CSV file is written."""
    return csv_text.Layout(layout.encoding, layout.delimiter, layout.fallback)


def of_rows(rows: Iterable[csv_text.Row | Rejected]) -> Document:
    """Rows of a CSV file as a document."""
    document = Document()
    for row in rows:
        if isinstance(row, Rejected):
            document.rejected.append(row)
        else:
            cells = {name: cell.strip() for name, cell in row.cells.items()}
            document.records.append(Record(cells, row.raw, f"row={row.number}"))
    return document


def of_objects(lines: Iterable[csv_text.Record]) -> Document:
    """Rows of a file of JSON lines as a document: their list, without lines that are none."""
    document = Document()
    for line in lines:
        try:
            if line.problem:
                document.rejected.append(Rejected(line.raw, "not_json", line.problem))
            elif line.raw:
                value, pointer = _loaded(line.raw.decode()), f"/{len(document.records)}"
                document.records.append(Record(value, line.raw, pointer))
        except (ValueError, RecursionError):
            document.rejected.append(Rejected(line.raw, "not_json", "the row is not JSON"))
    return document


def of_table(rows: Iterable[Mapping[str, Any]]) -> Document:
    """Rows of a database's table as a document: their list, each value as an export has it."""
    document = Document()
    for index, row in enumerate(rows):
        cells = {name: _as_exported(value) for name, value in row.items()}
        document.records.append(Record(cells, msgspec.json.encode(cells), f"/{index}"))
    return document


def listed(records: Iterable[Record]) -> bytes:
    """Records that are JSON, as the list that their pointers lead into."""
    return b"[" + b",".join(record.raw for record in records) + b"]"


def _as_exported(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()


def _xml(body: bytes, layout: Layout) -> Document:
    from watchfloor_sdk import xml  # only where a source speaks it

    root = xml.parse(body)
    whole = _value(root.node)
    document = Document(whole, root=root.name)
    steps = steps_of(layout)
    if not steps:
        document.records = [Record(whole, body)]
        return document
    nodes = [root.node]
    for step in steps:
        nodes = [child for node in nodes for child in node if _local(child) == step]
    from lxml import etree

    for index, node in enumerate(nodes):
        pointer = "".join(f"/{step}" for step in (*steps, index))
        document.records.append(Record(_value(node), etree.tostring(node), pointer))
    return document


def _value(node: Any) -> Any:
    """An element as JSON would have it: a text, or its attributes and children by their names.

    What comes several times is a list; an empty element says nothing.
    """
    children = list(node)
    text = "".join(node.itertext()).strip() if not children else ""
    if not children and not node.attrib:
        return text or None
    found: dict[str, Any] = {_bare(name): value for name, value in node.attrib.items()}
    if text:
        found["text"] = text
    for child in children:
        name, value = _local(child), _value(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _local(node: Any) -> str:
    return _bare(str(node.tag))


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def _views(record: Record, path: Sequence[str]) -> Iterator[Record]:
    """One record a view, numbered from 1."""
    views = pick(record.value, path)
    for number, view in enumerate(views if isinstance(views, list) else [], start=1):
        pointer = "".join(f"/{step}" for step in (*path, number - 1))
        value = {**record.value, "view": view}
        yield Record(value, record.raw, record.pointer + pointer, number)
