"""CSV as it is really written: RFC 4180 with what exports do to it.

Byte order marks, UTF-16, two encodings in one file, NULs, stray quotes, fields of megabytes, files
that somebody else is still writing. One bad record is told as such, with its very bytes, and the
next one is read. A cell is text: one that looks like a formula (``=1+1``) stays what it is.

    for row in csv_text.rows(io.BytesIO(answer.body)):
        if isinstance(row, Rejected):
            rejected.append(row)
        else:
            events.append(to_event(ctx, row.cells))

Who reads a growing file from where the last reading ended uses ``records``.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from .connector import Rejected

__all__ = ["MAX_LINE", "Layout", "Record", "Row", "layout_of", "records", "rows", "rows_of"]

MAX_LINE = 1024 * 1024
"""Bytes. A longer line is not read into memory: it is rejected, cut."""

MAX_LINES = 50
"""Lines that one record may span. An open quote that runs on longer is a stray one."""

DELIMITERS = ",;\t|"
"""What ``layout_of`` looks for."""

_OPEN_QUOTE = "unexpected end of data"
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n"}
"""Encodings of two bytes a unit, and their line end."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the file is written. ``fallback`` is tried where a record is not in ``encoding``."""

    encoding: str = "utf-8"
    delimiter: str = ","
    fallback: str | None = None


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


@dataclass(frozen=True, slots=True)
class Row:
    """A record under the header's names. ``number`` counts rows from 1, the header's (RFC 7111)."""

    number: int
    raw: bytes
    cells: dict[str, str]


def layout_of(stream: BinaryIO, declared: Layout | None = None) -> Layout:
    """The file's layout: ``declared``, or else UTF-8, Windows-1252 where it is not, and the
    delimiter that its first line has most of. A byte order mark outweighs what was declared.

    Leaves the stream where it stood.
    """
    stood = stream.tell()
    stream.seek(0)
    head = stream.read(2)
    stream.seek(0)
    layout = declared or Layout(fallback="cp1252")
    if mark := _MARKS.get(head):
        layout = replace(layout, encoding=mark)
    elif layout.encoding == "utf-16":  # RFC 2781, section 4.3: big-endian where nothing is said
        layout = replace(layout, encoding="utf-16-be")
    if declared is None:
        layout = replace(layout, delimiter=_delimiter(stream, layout))
    stream.seek(stood)
    return layout


def rows(stream: BinaryIO, layout: Layout | None = None) -> Iterator[Row | Rejected]:
    """The rows of a whole file, its first line being the header. Empty lines are left out.

    A row that cannot be read comes as ``Rejected``: ``bad_csv``, or ``bad_width`` when its fields
    are not as many as the header's.
    """
    found = records(stream, layout_of(stream, layout), settled=True)
    header = next(found, None)
    yield from rows_of([name.strip() for name in header.fields] if header else [], found)


def rows_of(names: Sequence[str], found: Iterable[Record]) -> Iterator[Row | Rejected]:
    """The same of records that were read already, under a header of these names."""
    for number, record in enumerate(found, 2):
        if record.problem:
            yield Rejected(record.raw, "bad_csv", record.problem)
        elif len(record.fields) == len(names):
            yield Row(number, record.raw, dict(zip(names, record.fields, strict=True)))
        elif any(record.fields):
            detail = f"The row has {len(record.fields)} fields, the header {len(names)}."
            yield Rejected(record.raw, "bad_width", detail)


def records(stream: BinaryIO, layout: Layout, *, settled: bool) -> Iterator[Record]:
    """Records from where ``stream`` stands. What is not finished yet waits for the next time.

    ``settled``: the file has not changed since it was last read, so what looks half-written is
    all that will come and is given too. ``layout.encoding`` says the order of bytes of UTF-16:
    take the layout from ``layout_of``.
    """
    while taken := _take(stream, layout, settled):
        yield taken


def _delimiter(stream: BinaryIO, layout: Layout) -> str:
    text = _line(stream, layout, settled=True).decode(layout.encoding, "replace")
    unquoted = "".join(text.split('"')[::2])
    return max(DELIMITERS, key=unquoted.count)


def _take(stream: BinaryIO, layout: Layout, settled: bool) -> Record | None:
    start = stream.tell()
    first = raw = _line(stream, layout, settled)
    end = _WIDE.get(layout.encoding, b"\n")
    for _ in range(MAX_LINES):
        if not raw:
            return None
        whole = raw.endswith(end)
        try:
            return Record(stream.tell(), raw, _fields(raw, layout, start), whole=whole)
        except _OpenQuote:
            more = _line(stream, layout, settled)
            if not more and not settled:
                return None
            if not more or len(raw) > MAX_LINE:
                break
            raw += more
        except (csv.Error, ValueError) as error:
            if raw is not first:
                break
            return Record(stream.tell(), raw, problem=_named(error), whole=whole)
    stream.seek(start + len(first))
    return Record(stream.tell(), first, problem="a quote opens and never closes")


class _OpenQuote(Exception):
    """The record goes on in the next line."""


def _named(error: Exception) -> str:
    """What is wrong, without the bytes that are: they may be a name's."""
    if isinstance(error, UnicodeDecodeError):
        return f"the bytes are not {error.encoding} (at byte {error.start})"
    return str(error)


def _fields(raw: bytes, layout: Layout, start: int) -> list[str]:
    if len(raw) >= MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    text = _text(raw, layout)
    if start == 0:
        text = text.removeprefix("\ufeff")
    try:
        return next(csv.reader([text], delimiter=layout.delimiter, strict=True), [])
    except csv.Error as error:
        if str(error) == _OPEN_QUOTE:
            raise _OpenQuote from None
        raise


def _text(raw: bytes, layout: Layout) -> str:
    try:
        return raw.decode(layout.encoding)
    except UnicodeDecodeError:
        if layout.fallback is None:
            raise
        return raw.decode(layout.fallback)


def _line(stream: BinaryIO, layout: Layout, settled: bool) -> bytes:
    """The next line; nothing while it has no end. A line that is too long comes cut."""
    if layout.encoding in _WIDE:
        return _wide_line(stream, _WIDE[layout.encoding], settled)
    line = rest = stream.readline(MAX_LINE)
    while len(rest) == MAX_LINE and not rest.endswith(b"\n"):
        rest = stream.readline(MAX_LINE)
    return line if settled or rest.endswith(b"\n") else b""


def _wide_line(stream: BinaryIO, end: bytes, settled: bool) -> bytes:
    """The same of two-byte units: 0x0A also occurs as half of another sign."""
    line, size, tail = b"", 0, b""
    while part := stream.readline(MAX_LINE):
        if (size + len(part)) % 2:
            part += stream.read(1)
        size += len(part)
        line += part[: MAX_LINE - len(line)]
        tail = part[-2:]
        if tail == end:
            break
    return line if settled or tail == end else b""
