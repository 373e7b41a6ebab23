"""Files with a JSON document a line: a row, a list of rows, or an object that has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from watchfloor_sdk.csv_text import MAX_LINE, Record

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any = msgspec.json.Decoder(msgspec.Raw)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def json_records(stream: BinaryIO, steps: Sequence[str], *, settled: bool) -> Iterator[Record]:
    """Rows of the documents from where ``stream`` stands; half a line waits for its other half,
    unless the file has ``settled``.

    ``steps`` lead to what lists them. Only a document's last row is ``whole``: who stops before it
    reads the document again.
    """
    while (line := stream.readline(MAX_LINE)) and (settled or _ended(line)):
        start = stream.tell() - len(line)
        while len(line) == MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        found = list(_rows(line, steps)) or [Record(0, b"")]
        for one in found[:-1]:
            yield Record(start, one.raw, problem=one.problem, whole=False)
        last, whole = found[-1], line.endswith(b"\n")
        yield Record(stream.tell(), last.raw, problem=last.problem, whole=whole)
    stream.seek(-len(line), 1)


def _ended(line: bytes) -> bool:
    """One that is too long need not be read to its end to be refused."""
    return line.endswith(b"\n") or len(line) == MAX_LINE


def _rows(line: bytes, steps: Sequence[str]) -> Iterator[Record]:
    if not line.strip():
        return
    try:
        listed = _any.decode(line)
        for step in steps:
            listed = _object.decode(listed)[step]
        rows = _list.decode(listed) if bytes(listed).startswith(b"[") else [listed]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, RecursionError):
        yield Record(0, line, problem="the line is not a JSON document with rows")
        return
    for raw in rows:
        yield Record(0, bytes(raw))
