"""Reading on where the last reading ended, or from the start when the file is another one."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from watchfloor_sdk.csv_text import Layout, Record, layout_of, records

from .lines import json_records

if TYPE_CHECKING:
    from .finding import Export

ROWS = 500
"""That go to the hub together."""

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A JSON document a line; ``steps`` lead to what lists its rows."""

    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """A document that is read whole whenever it has changed."""


class Position(Struct, omit_defaults=True):
    """How far a file was read: the hash says that what stands before ``offset`` is still the same.

    ``done``: nothing was left to read when the file had this ``stamp``.
    """

    offset: int = 0
    digest: str = ""
    stamp: str = ""
    done: bool = False


@dataclass(slots=True)
class Portion:
    """What is new, as much as goes to the hub together, and the position after it.

    ``records`` are rows of a CSV file with its ``header``, rows as JSON, or one whole document.
    """

    position: Position
    header: Record | None = None
    records: list[Record] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The header's columns."""
        return [name.strip() for name in self.header.fields] if self.header else []

    @property
    def body(self) -> bytes:
        """A CSV file's records under their header, or the whole document, as they were written."""
        return b"".join([self.header.raw if self.header else b"", *(r.raw for r in self.records)])


def portions(
    export: Export,
    layout: Layout | JsonLines | Whole,
    before: Position,
    told: Container[bytes] = (),
) -> Iterator[Portion]:
    """What is new in the file, without the rows in ``told``. There is a portion, if an empty one,
    whenever the file was looked into."""
    if before.done and before.stamp == export.stamp:
        return iter(())
    if isinstance(layout, Whole):
        return _whole(export, before)
    return _grown(export, layout, before, told)


def _whole(export: Export, before: Position) -> Iterator[Portion]:
    body = export.whole()
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    position = Position(len(body), digest, export.stamp, done=True)
    news = [Record(len(body), body)] if digest != before.digest else []
    yield Portion(position, records=news)


def _grown(
    export: Export, layout: Layout | JsonLines, before: Position, told: Container[bytes]
) -> Iterator[Portion]:
    settled = before.stamp == export.stamp
    header, rows = _opened(export.stream, layout, settled)
    if header is None or not header.whole:
        yield Portion(Position(stamp=export.stamp, done=settled))
        return
    start, hasher = _resume(export.stream, before, header.end)
    while True:
        portion = list(islice(rows, ROWS))
        end = next((row.end for row in reversed(portion) if row.whole), start)
        _feed(hasher, export.stream, start, end)
        done = len(portion) < ROWS
        finished = done and (settled or _at_end(export.stream, end))
        position = Position(end, hasher.hexdigest(), export.stamp, finished)
        yield Portion(position, header, [row for row in portion if row.raw not in told])
        if done:
            return
        start = end


def _opened(
    stream: BinaryIO, layout: Layout | JsonLines, settled: bool
) -> tuple[Record | None, Iterator[Record]]:
    """The header, and the records that will follow from where the stream then stands."""
    if isinstance(layout, JsonLines):
        return Record(0, b""), json_records(stream, layout.steps, settled=settled)
    layout = layout_of(stream, layout)
    header = next(records(stream, layout, settled=settled), None)
    return header, records(stream, layout, settled=settled)


def _resume(stream: BinaryIO, before: Position, header_end: int) -> tuple[int, hashlib.blake2b]:
    """Where to read on: after what was read, if it still stands there; else after the header."""
    hasher = hashlib.blake2b(digest_size=16)
    _feed(hasher, stream, 0, before.offset)
    if before.offset >= header_end and hasher.hexdigest() == before.digest:
        stream.seek(before.offset)
        return before.offset, hasher
    hasher = hashlib.blake2b(digest_size=16)
    _feed(hasher, stream, 0, header_end)
    stream.seek(header_end)
    return header_end, hasher


def _feed(hasher: hashlib.blake2b, stream: BinaryIO, start: int, end: int) -> None:
    """Hash the bytes from ``start`` to ``end``; leaves the stream where it stood."""
    stood = stream.tell()
    stream.seek(start)
    while start < end and (chunk := stream.read(min(_CHUNK, end - start))):
        hasher.update(chunk)
        start += len(chunk)
    stream.seek(stood)


def _at_end(stream: BinaryIO, offset: int) -> bool:
    stood = stream.tell()
    stream.seek(offset)
    more = stream.read(1)
    stream.seek(stood)
    return not more
