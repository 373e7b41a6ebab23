"""The normative JSON Schemas (draft 2020-12), as package data beside this file.

They refer to one another by ``urn:watchfloor:schema:<name>``, which is answered from this package
and from nowhere else: no schema is ever fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from . import _words
from ._words import ecma_pattern

__all__ = ["explain", "names", "registry", "schema", "validator"]


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema called ``name``, such as ``event`` or ``lpr.read.v1``. Raises ``KeyError``."""
    path = files(__package__) / f"{name}.schema.json"
    if not path.is_file():
        raise KeyError(name)
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


@cache
def names() -> tuple[str, ...]:
    """All schema names, sorted."""
    suffix = ".schema.json"
    entries = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(suffix) for name in entries if name.endswith(suffix)))


@cache
def registry() -> Registry[Any]:
    """All schemas by their urn. It retrieves nothing: an unknown reference is an error."""
    contents = ((schema(name)["$id"], _undeclared(schema(name))) for name in names())
    return Registry().with_contents(contents, default_specification=DRAFT202012).crawl()


def _undeclared(whole: dict[str, Any]) -> dict[str, Any]:
    """Without ``$schema``: jsonschema would follow it back to its own class, past our keywords."""
    return {word: value for word, value in whole.items() if word != "$schema"}


@cache
def validator(name: str) -> Validator:
    """A validator that checks formats and stays offline. Raises ``KeyError``.

    Thorough and slow: for messages, manifests and tests. The hot path has its own.
    """
    checked: Validator = _Validator(schema(name), registry=registry(), format_checker=_formats())
    return checked


def explain(name: str, document: Any, at_most: int = 5) -> list[str]:
    """What is wrong with ``document``, in plain words, each with the path of the field:
    ``data.place.point.0: 181.2 is more than 180``. Empty when nothing is.

    ``event`` checks the data of known types as well. No text value is quoted, because it may be
    a plate, a name or a secret.
    """
    return list(_first(_reasons(name, document), at_most))


def _reasons(name: str, document: Any) -> Iterator[str]:
    for error in validator(name).iter_errors(document):
        yield from _words.reasons(error)


def _first(reasons: Iterator[str], at_most: int) -> Iterator[str]:
    seen: set[str] = set()
    for reason in reasons:
        if len(seen) == at_most:
            return
        if reason not in seen:
            seen.add(reason)
            yield reason


_Validator: Any = extend(Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]


@cache
def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checks("date-time", raises=ValueError)(_is_moment)
    return checker


def _is_moment(value: object) -> bool:
    """Whether the calendar has it. Its spelling is checked by the pattern beside the format."""
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))
