"""Finds the records in a vendor's JSON or XML and spoils them: what faults of a record need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

from watchfloor.contracts import GiveUp

from .xml_records import XmlDocument

JsonRecord = dict[str, Any]
Record = MutableMapping[str, Any]
Change = Callable[[Record], None]
Order = Callable[[list[Any]], list[Any]]


def changed(body: bytes, change: Change, most: int | None = None) -> tuple[bytes, int]:
    """The body with ``change`` made to its first ``most`` records (all of them without), and how
    many that were. What is neither JSON nor XML stays as it is."""
    document = _opened(body)
    if document is None:
        return body, 0
    found = document.records[:most]
    for record in found:
        change(record)
    return document.written(), len(found)


def reordered(body: bytes, order: Order) -> bytes:
    """The body with its list of records as ``order`` makes of it, likewise."""
    document = _opened(body)
    if document is None:
        return body
    document.reorder(order)
    return document.written()


def spoilt(canary: str) -> Change:
    """Every number, and every text with a digit in it, becomes ``canary``: no record of a typed
    interface survives that. Words stay, so that the record is still known for what it is."""

    def change(record: Record) -> None:
        for name, value in record.items():
            if isinstance(value, MutableMapping):
                change(value)
            elif _counts(value):
                record[name] = canary

    return change


def renamed(field: str) -> Change:
    """The field has another name from now on."""

    def change(record: Record) -> None:
        if field in record:
            record[f"{field}_v2"] = record.pop(field)

    return change


def retyped(field: str) -> Change:
    """The field's value stands in a list from now on."""

    def change(record: Record) -> None:
        if field in record:
            record[field] = [record[field]]

    return change


def extended(record: Record) -> None:
    """A field that nobody has heard of."""
    record["added_in_v2"] = {"since": "v2"}


class _JsonDocument:
    """The records are the objects of the longest list of objects; without one, the object with the
    most values of its own (a webhook's envelope holds fewer than what it is about)."""

    def __init__(self, body: bytes) -> None:
        self._document = json.loads(body)

    @property
    def records(self) -> Sequence[Record]:
        objects = list(_objects(self._document))
        return self._rows or ([max(objects, key=_said)] if objects else [])

    def reorder(self, order: Order) -> None:
        self._rows[:] = order(self._rows)

    def written(self) -> bytes:
        return json.dumps(self._document, ensure_ascii=False).encode()

    @property
    def _rows(self) -> list[JsonRecord]:
        return max(_lists(self._document), key=len, default=[])


def _opened(body: bytes) -> _JsonDocument | XmlDocument | None:
    with suppress(ValueError):
        return _JsonDocument(body)
    with suppress(GiveUp):
        return XmlDocument(body)
    return None


def _counts(value: Any) -> bool:
    if isinstance(value, str):
        return any(letter.isdigit() for letter in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said(record: JsonRecord) -> int:
    return sum(not isinstance(value, dict | list) for value in record.values())


def _objects(value: Any) -> Iterator[JsonRecord]:
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from _objects(child)


def _lists(value: Any) -> Iterator[list[JsonRecord]]:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        yield value
        return
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from _lists(child)
