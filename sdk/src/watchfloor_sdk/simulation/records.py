"""Finds the records in a vendor's JSON and spoils them to order: what faults of a record need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Record = dict[str, Any]
Change = Callable[[Record], None]


def records(document: Any) -> list[Record]:
    """The objects of the longest list of objects; without one, the object with the most values of
    its own (a webhook's envelope holds fewer than what it is about)."""
    objects = list(_objects(document))
    lists = [rows for rows in _lists(document) if rows]
    if lists:
        return max(lists, key=len)
    return [max(objects, key=_said)] if objects else []


def changed(body: bytes, change: Change, most: int | None = None) -> tuple[bytes, int]:
    """The body with ``change`` made to its first ``most`` records (all of them without), and how
    many that were. What is no JSON stays as it is."""
    try:
        document = json.loads(body)
    except ValueError:
        return body, 0
    found = records(document)[:most]
    for record in found:
        change(record)
    return json.dumps(document, ensure_ascii=False).encode(), len(found)


def spoilt(canary: str) -> Change:
    """Every number, and every text with a digit in it, becomes ``canary``: no record of a typed
    interface survives that. Words stay, so that the record is still known for what it is."""

    def change(record: Record) -> None:
        for name, value in record.items():
            if isinstance(value, dict):
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


def _counts(value: Any) -> bool:
    if isinstance(value, str):
        return any(letter.isdigit() for letter in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said(record: Record) -> int:
    return sum(not isinstance(value, dict | list) for value in record.values())


def _objects(value: Any) -> Iterator[Record]:
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from _objects(child)


def _lists(value: Any) -> Iterator[list[Record]]:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        yield value
        return
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for child in children:
            yield from _lists(child)
