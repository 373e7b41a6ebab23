"""Reading on where the last reading ended, or from the start when the file is another one."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from msgspec import Struct

from watchfloor_sdk import GiveUp, Rejected
from watchfloor_sdk.csv_text import Layout, Record, layout_of, records
from watchfloor_sdk.mapping import Bounds

from .exports import Export
from .json_lines import json_records
from .mapping import Call, RowMapper
from .plan import MappingFile

BATCH = 500
"""Rows that go to the hub together."""

_CHUNK = 1024 * 1024


class Position(Struct, omit_defaults=True):
    """How far a file was read: the hash says that what stands before ``offset`` is still the same.

    ``done``: nothing was left to read when the file had this ``stamp``.
    """

    offset: int = 0
    digest: str = ""
    stamp: str = ""
    done: bool = False


@dataclass(slots=True)
class Batch:
    """New rows read together, and the position after them. ``rows`` are all of them as written:
    lines after a header, or ``objects``."""

    position: Position
    header: bytes = b""
    objects: bool = False
    rows: list[bytes] = field(default_factory=list)
    calls: list[tuple[Call, bytes]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def batches(
    export: Export,
    mapping: MappingFile,
    before: Position,
    bounds: Bounds | None = None,
    told: Container[bytes] = (),
) -> Iterator[Batch]:
    """What is new in the file, in portions, without the rows in ``told``.

    Raises ``AskAPerson`` when the header does not fit.
    """
    if before.done and before.stamp == export.stamp:
        return
    settled = before.stamp == export.stamp
    header, rows = _opened(export.stream, mapping, settled)
    if header is None or not header.whole:
        yield Batch(Position(stamp=export.stamp, done=settled))
        return
    start, hasher = _resume(export.stream, before, header.end)
    mapper = RowMapper(mapping, _names(header), bounds)
    while True:
        portion = list(islice(rows, BATCH))
        end = next((row.end for row in reversed(portion) if row.whole), start)
        _feed(hasher, export.stream, start, end)
        done = len(portion) < BATCH
        finished = done and (settled or _at_end(export.stream, end))
        position = Position(end, hasher.hexdigest(), export.stamp, finished)
        batch = Batch(position, header.raw, objects=mapping.rows is not None)
        for row in portion:
            if row.raw not in told:
                sort_in(batch, row, mapper, len(header.fields))
        yield batch
        if done:
            return
        start = end


def _opened(
    stream: BinaryIO, mapping: MappingFile, settled: bool
) -> tuple[Record | None, Iterator[Record]]:
    """The header, and the records that will follow from where the stream then stands."""
    if mapping.rows is not None:
        return Record(0, b"", mapping.names()), json_records(stream, mapping)
    layout = layout_of(stream, Layout(mapping.encoding, mapping.delimiter, mapping.fallback))
    header = next(records(stream, layout, settled=settled), None)
    return header, records(stream, layout, settled=settled)


def _names(header: Record) -> list[str]:
    return [name.strip() for name in header.fields]


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


def sort_in(batch: Batch, row: Record, mapper: RowMapper, width: int) -> None:
    """Put a row among the calls or, with its reason, among the rejected."""
    if not row.problem and not any(row.fields):
        return
    batch.rows.append(row.raw)
    try:
        if row.problem:
            raise GiveUp(row.problem, code="bad_csv")
        if len(row.fields) != width:
            raise GiveUp(
                f"The row has {len(row.fields)} fields, the header {width}.", code="bad_width"
            )
        call = mapper.call(row.fields)
    except GiveUp as error:
        batch.rejected.append(_rejected(row.raw, error))
        return
    batch.calls.append((call, row.raw))
    if call.problem:
        batch.rejected.append(_rejected(row.raw, call.problem))


def _rejected(raw: bytes, error: GiveUp) -> Rejected:
    return Rejected(raw, error.code, error.detail)
