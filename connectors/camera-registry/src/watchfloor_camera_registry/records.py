"""A registry's document to its records, whatever its wrapping: CSV, JSON, GeoJSON, JSON-P."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from watchfloor_sdk import AskAPerson, RetryLater

from .plan import MappingFile

Record = dict[str, Any]

_JSONP = re.compile(r"^\s*[\w.$]+\s*\((.*)\)\s*;?\s*$", re.S)
_MARKED_CUT = ("exceededTransferLimit",)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the registry lists. ``complete`` is false where the server says that it cut the list."""

    records: list[Record]
    complete: bool = True


def listing(body: bytes, mapping: MappingFile) -> Listing:
    """Read a document.

    Raises ``RetryLater`` for half a one, or an empty one that does not say that it is whole:
    believed, it would make every camera stale. Raises ``AskAPerson`` where the mapping does not
    fit.
    """
    if mapping.format == "csv":
        found, matched = Listing(_rows(body, mapping)), None
    else:
        document = _document(body, mapping.encoding)
        matched = _matched(document)
        found = Listing(_listed(document, mapping), complete=not _cut(document))
    if not found.records and matched != 0:
        raise RetryLater("The registry lists no cameras.", code="empty_registry")
    return found


def pick(record: Any, path: str) -> Any:
    """The value at a name or dotted path; ``None`` where there is none."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for step in path.split("."):
        if isinstance(record, dict):
            record = record.get(step)
        elif isinstance(record, list) and step.isdecimal() and int(step) < len(record):
            record = record[int(step)]
        else:
            return None
    return record


def _rows(body: bytes, mapping: MappingFile) -> list[Record]:
    text = _text(body, mapping.encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        rows = [row for row in reader if any(row)]
    except csv.Error as error:
        raise RetryLater(f"The registry is not a CSV file: {error}.", code="bad_csv") from None
    _refuse_missing(header, mapping)
    if rows and len(rows[-1]) < len(header):
        raise _half("Its last row is cut off.")
    return [dict(zip(header, row, strict=False)) for row in rows]


def _refuse_missing(header: list[str], mapping: MappingFile) -> None:
    fields = mapping.fields
    needed = [*([fields.id] if isinstance(fields.id, str) else fields.id)]
    missing = [name for name in (*needed, fields.latitude, fields.longitude) if name not in header]
    if missing:
        raise AskAPerson(
            f"The registry has no column {', '.join(map(repr, missing))}.",
            code="missing_columns",
            remedy="Compare the mapping with the first line of the registry.",
        )


def _document(body: bytes, encoding: str) -> Any:
    text = _text(body, encoding)
    if wrapped := _JSONP.match(text):
        text = wrapped[1]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _half(f"It is not whole JSON ({len(body)} bytes).") from None


def _text(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise AskAPerson(
            f"The registry is not written in {encoding} (byte {error.start}).",
            code="bad_encoding",
            remedy="Correct the encoding in the mapping.",
        ) from None


def _half(detail: str) -> RetryLater:
    return RetryLater(f"The registry came incomplete. {detail}", code="half_answer")


def _listed(document: Any, mapping: MappingFile) -> list[Record]:
    listed = pick(document, mapping.records) if mapping.records else document
    if not isinstance(listed, list):
        raise AskAPerson(
            f"The registry has no list at {mapping.records or 'its top'!r}.",
            code="no_records",
            remedy="Correct 'records' in the mapping.",
        )
    records = [record for record in listed if isinstance(record, dict)]
    if mapping.views is None:
        return records
    return [view for record in records for view in _views(record, mapping.views)]


def _views(record: Record, path: str) -> Iterator[Record]:
    """One record a view, numbered from 1 as ``view_number``."""
    views = pick(record, path)
    for number, view in enumerate(views if isinstance(views, list) else [], start=1):
        yield {**record, "view": view, "view_number": number}


def _matched(document: Any) -> Any:
    """How many there are, where it says so (OGC 17-069r4, section 7.16)."""
    return document.get("numberMatched") if isinstance(document, dict) else None


def _cut(document: Any) -> bool:
    """ArcGIS servers say so when they list less than there is."""
    properties = document.get("properties") if isinstance(document, dict) else None
    places = [one for one in (document, properties) if isinstance(one, dict)]
    return any(place.get(mark) is True for place in places for mark in _MARKED_CUT)
