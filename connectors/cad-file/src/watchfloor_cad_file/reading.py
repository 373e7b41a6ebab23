"""Rows as they were read to calls, or with their reason to those that are rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from watchfloor_sdk import GiveUp, Rejected
from watchfloor_sdk.csv_text import Record
from watchfloor_sdk.exports import Portion
from watchfloor_sdk.mapping import Bounds

from .mapping import Call, RowMapper
from .plan import MappingFile

_object = msgspec.json.Decoder(dict[str, Any])


@dataclass(slots=True)
class Batch:
    """Rows read together. Those of ``calls`` are lines after a header, or ``objects``."""

    header: bytes = b""
    objects: bool = False
    calls: list[tuple[Call, bytes]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class Rows:
    """Maps the portions of exports, one after the other."""

    def __init__(self, mapping: MappingFile, bounds: Bounds | None = None) -> None:
        self._mapping = mapping
        self._bounds = bounds
        self._named = mapping.names()
        self._names: Sequence[str] = ()
        self._mapper: RowMapper | None = None

    def batch(self, portion: Portion) -> Batch:
        """A portion. Raises ``AskAPerson`` when the header does not fit."""
        if portion.header is None:
            return Batch()
        if self._mapping.rows is not None:
            return self._of_objects(portion.records)
        batch = Batch(portion.header.raw)
        mapper = self._mapper_of(portion.names)
        for record in portion.records:
            if record.problem or any(record.fields):
                _sort_in(batch, record, mapper, len(portion.header.fields))
        return batch

    def put(self, batch: Batch, row: Mapping[str, Any], raw: bytes | None = None) -> None:
        """Put a row of names and values among the calls or the rejected; its bytes are ``raw``, or
        else what the mapping names of it."""
        cells = [_text(row.get(name)) for name in self._named]
        raw = raw or msgspec.json.encode(dict(zip(self._named, cells, strict=True)))
        mapper = self._mapper_of(self._named)
        _sort_in(batch, Record(0, raw, cells), mapper, len(cells))

    def _of_objects(self, records: Sequence[Record]) -> Batch:
        batch = Batch(objects=True)
        for record in records:
            if record.problem:
                batch.rejected.append(Rejected(record.raw, "bad_csv", record.problem))
                continue
            try:
                if record.raw:
                    self.put(batch, _object.decode(record.raw), record.raw)
            except (msgspec.DecodeError, UnicodeDecodeError):
                detail = "the row is not a JSON object"
                batch.rejected.append(Rejected(record.raw, "bad_csv", detail))
        return batch

    def _mapper_of(self, names: Sequence[str]) -> RowMapper:
        if self._mapper is None or names != self._names:
            self._names = names
            self._mapper = RowMapper(self._mapping, names, self._bounds)
        return self._mapper


def _sort_in(batch: Batch, row: Record, mapper: RowMapper, width: int) -> None:
    try:
        if row.problem:
            raise GiveUp(row.problem, code="bad_csv")
        if len(row.fields) != width:
            raise GiveUp(
                f"The row has {len(row.fields)} fields, the header {width}.", code="bad_width"
            )
        call = mapper.call(row.fields)
    except GiveUp as error:
        batch.rejected.append(Rejected(row.raw, error.code, error.detail))
        return
    batch.calls.append((call, row.raw))
    if call.problem:
        batch.rejected.append(Rejected(row.raw, call.problem.code, call.problem.detail))


def _text(value: Any) -> str:
    """A value as an export would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
