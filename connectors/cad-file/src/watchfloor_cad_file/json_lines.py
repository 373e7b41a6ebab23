"""Rows that are JSON objects: in a file with a document a line, or of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import msgspec

from watchfloor_sdk.csv_text import MAX_LINE, Record

from .plan import MappingFile

_document = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])


def json_records(stream: BinaryIO, mapping: MappingFile) -> Iterator[Record]:
    """Rows of the documents from where ``stream`` stands; half a line waits for its other half.

    Only a document's last row is ``whole``: who stops before it reads the document again.
    """
    while (line := stream.readline(MAX_LINE)).endswith(b"\n") or len(line) == MAX_LINE:
        start = stream.tell() - len(line)
        while len(line) == MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        found = list(_rows(line, mapping)) or [Record(0, b"")]
        end = stream.tell()
        for one in found[:-1]:
            yield Record(start, one.raw, one.fields, one.problem, whole=False)
        yield Record(end, found[-1].raw, found[-1].fields, found[-1].problem)
    stream.seek(-len(line), 1)


def _rows(line: bytes, mapping: MappingFile) -> Iterator[Record]:
    if not line.strip():
        return
    try:
        rows = _list.decode(_document.decode(line)[mapping.rows or ""])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        yield Record(0, line, problem="the line is not a JSON document with rows")
        return
    for raw in rows:
        try:
            yield Record(0, bytes(raw), cells(_object.decode(raw), mapping.names()))
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Record(0, bytes(raw), problem="the row is not a JSON object")


def cells(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """The row's texts, as an export would have them. Raises ``GiveUp``."""
    return [_text(row.get(name)) for name in names]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
