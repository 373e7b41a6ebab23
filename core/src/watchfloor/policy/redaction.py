"""Fields left out of what is shown: the field level of a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from functools import cache, lru_cache, reduce
from operator import getitem
from typing import Any

from msgspec import inspect

from watchfloor.contracts import BY_TYPE, Event


def redact(document: Any, fields: Collection[str]) -> Any:
    """A copy of a JSON document without some fields. ``data.callback`` is the field at that place,
    in each item of a list on the way; a name without a dot is left out wherever it stands. A name
    that is a JSON Pointer (RFC 6901), as a correction has them, stands for the field it points to.
    Of an event, pictures go with what they show.
    """
    if not fields:
        return document
    if _pictures(document, fields):
        fields = [*fields, "data.media"]
    names = {field for field in fields if "." not in field}
    paths = [tuple(field.split(".")) for field in fields if "." in field]

    def without(value: Any, paths: list[tuple[str, ...]]) -> Any:
        if isinstance(value, list):
            return [without(each, paths) for each in value]
        if not isinstance(value, dict):
            return value
        gone = names | {path[0] for path in paths if len(path) == 1}
        left = {}
        for name, each in value.items():
            if name.startswith("/"):
                with suppress(KeyError):
                    left[name] = redact_at(_pointed_to(name), each, fields)
            elif name not in gone:
                left[name] = without(each, [p[1:] for p in paths if p[0] == name and p[1:]])
        return left

    return without(document, paths)


def redact_at(path: Sequence[str], value: Any, fields: Collection[str]) -> Any:
    """What is left of a value that stands at this place. Raises ``KeyError`` where nothing is."""
    document = reduce(lambda inner, name: {name: inner}, reversed(path), value)
    return reduce(getitem, path, redact(document, fields))


def redact_event(event: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """An event (its envelope as decoded JSON) without some fields, as lines are made of it: what
    says which one it is stays."""
    if not fields:
        return event
    return {"data": {}, **redact(event, fields), **{name: event[name] for name in _ALWAYS}}


def hides(fields: Collection[str], path: str) -> bool:
    """Whether the field at this place (``data.place.point``) is among those that are left out."""
    if not fields:
        return False
    names = path.split(".")
    return any(
        f"{path}.".startswith(f"{field}.") if "." in field else field in names for field in fields
    )


def touches(fields: Collection[str], path: str) -> bool:
    """Whether the field at this place, or a part of it, is among those that are left out."""
    return bool(fields) and any(hides(fields, each) for each in _within(path))


@lru_cache(maxsize=1024)
def concerns(fields: frozenset[str], type: str) -> bool:
    """Whether an event of this type has, by its contract, any of these fields."""
    return any(hides(fields, path) for path in _paths(type))


_ALWAYS = ("id", "type", "dataclassification")
"""Without these an event is no line."""


def _pictures(document: Any, fields: Collection[str]) -> bool:
    """Whether pictures of an event show something that is left out."""
    kind = BY_TYPE.get(str(document.get("type"))) if isinstance(document, dict) else None
    return kind is not None and any(hides(fields, path) for path in kind.pictured)


@cache
def _within(path: str) -> frozenset[str]:
    """A field, and every field in it."""
    inside = frozenset[str]().union(*map(_paths, BY_TYPE))
    return frozenset({path, *(each for each in inside if each.startswith(f"{path}."))})


@cache
def _paths(type: str) -> frozenset[str]:
    """Every field of an event of this type, and what it stands in."""
    inside = _fields(inspect.type_info(BY_TYPE[type].data), "data.")
    return frozenset(_fields(inspect.type_info(Event), "")) | frozenset(inside)


def _fields(type: inspect.Type, before: str) -> Iterator[str]:
    match type:
        case inspect.StructType(fields=fields):
            for field in fields:
                path = f"{before}{field.encode_name}"
                yield path
                yield from _fields(field.type, f"{path}.")
        case inspect.UnionType(types=types):
            for each in types:
                yield from _fields(each, before)
        case inspect.ListType(item_type=item):
            yield from _fields(item, before)
        case inspect.Metadata(type=inner):
            yield from _fields(inner, before)


def _pointed_to(pointer: str) -> list[str]:
    """The names on the way of a JSON Pointer, without the places in lists."""
    names = (each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:])
    return [name for name in names if not name.isdecimal() and name != "-"]
