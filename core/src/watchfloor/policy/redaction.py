"""Fields left out of what is shown: the field level of a decision."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def redact(document: Any, fields: Collection[str]) -> Any:
    """A copy of a JSON document without some fields. ``data.callback`` is the field at that place,
    in each item of a list on the way; a name without a dot is left out wherever it stands."""
    if not fields:
        return document
    names = {field for field in fields if "." not in field}
    paths = [tuple(field.split(".")) for field in fields if "." in field]
    return _without(document, names, paths)


def _without(value: Any, names: set[str], paths: list[tuple[str, ...]]) -> Any:
    if isinstance(value, list):
        return [_without(each, names, paths) for each in value]
    if not isinstance(value, dict):
        return value
    gone = names | {path[0] for path in paths if len(path) == 1}
    return {
        name: _without(each, names, [path[1:] for path in paths if path[0] == name and path[1:]])
        for name, each in value.items()
        if name not in gone
    }
