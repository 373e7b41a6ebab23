"""Reading a CSV file that somebody else is still writing, record by record.

The format is RFC 4180 with what exports do to it: stray quotes, over-long fields, lines that are
not in the declared encoding. One bad record is told as such and the next one is read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_LINE = 1024 * 1024
"""Bytes. A longer line is not read into memory: it is rejected, cut."""

MAX_LINES = 50
"""Lines that one record may span. An open quote that runs on longer is a stray one."""

_OPEN_QUOTE = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written."""

    encoding: str = "utf-8"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields, or the problem that it has. ``end`` is the offset after it.

    ``whole`` is false for a last line that has not got its line end.
    """

    end: int
    raw: bytes
    fields: list[str] = field(default_factory=list)
    problem: str = ""
    whole: bool = True


def records(stream: BinaryIO, layout: Layout, *, settled: bool) -> Iterator[Record]:
    """Records from where ``stream`` stands. What is not finished yet waits for the next time.

    ``settled``: the file has not changed since it was last read, so what looks half-written is
    all that will come and is given too.
    """
    while taken := _take(stream, layout, settled):
        yield taken


def _take(stream: BinaryIO, layout: Layout, settled: bool) -> Record | None:
    start = stream.tell()
    first = raw = _line(stream, settled)
    for _ in range(MAX_LINES):
        if not raw:
            return None
        whole = raw.endswith(b"\n")
        try:
            return Record(stream.tell(), raw, _fields(raw, layout), whole=whole)
        except _OpenQuote:
            more = _line(stream, settled)
            if not more and not settled:
                return None
            if not more or len(raw) > MAX_LINE:
                break
            raw += more
        except (csv.Error, ValueError) as error:
            if raw is not first:
                break
            return Record(stream.tell(), raw, problem=str(error), whole=whole)
    stream.seek(start + len(first))
    return Record(stream.tell(), first, problem="a quote opens and never closes")


class _OpenQuote(Exception):
    """The record goes on in the next line."""


def _fields(raw: bytes, layout: Layout) -> list[str]:
    if len(raw) >= MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    text = raw.decode(layout.encoding)
    try:
        return next(csv.reader([text], delimiter=layout.delimiter, strict=True), [])
    except csv.Error as error:
        if str(error) == _OPEN_QUOTE:
            raise _OpenQuote from None
        raise


def _line(stream: BinaryIO, settled: bool) -> bytes:
    """The next line; nothing while it has no end. A line that is too long comes cut."""
    line = rest = stream.readline(MAX_LINE)
    while len(rest) == MAX_LINE and not rest.endswith(b"\n"):
        rest = stream.readline(MAX_LINE)
    return line if settled or rest.endswith(b"\n") else b""
