"""Files with a JSON document a line, each of them a list of rows or an object that has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from watchfloor_sdk.csv_text import MAX_LINE, Record

_document = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])


def json_records(stream: BinaryIO, member: str) -> Iterator[Record]:
    """Rows of the documents from where ``stream`` stands; half a line waits for its other half.

    ``member`` names the one that lists them. Only a document's last row is ``whole``: who stops
    before it reads the document again.
    """
    while (line := stream.readline(MAX_LINE)).endswith(b"\n") or len(line) == MAX_LINE:
        start = stream.tell() - len(line)
        while len(line) == MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        found = list(_rows(line, member)) or [Record(0, b"")]
        end = stream.tell()
        for one in found[:-1]:
            yield Record(start, one.raw, problem=one.problem, whole=False)
        yield Record(end, found[-1].raw, problem=found[-1].problem)
    stream.seek(-len(line), 1)


def _rows(line: bytes, member: str) -> Iterator[Record]:
    if not line.strip():
        return
    try:
        rows = _list.decode(_document.decode(line)[member])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        yield Record(0, line, problem="the line is not a JSON document with rows")
        return
    for raw in rows:
        yield Record(0, bytes(raw))
