"""How our schemas are checked with jsonschema: offline, with formats, patterns as ECMA-262."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012


def make_registry(schemas: Iterable[dict[str, Any]]) -> Registry[Any]:
    """Schemas by their ``$id``, and no way to any other."""
    contents = ((schema["$id"], _undeclared(schema)) for schema in schemas)
    return Registry().with_contents(contents, default_specification=DRAFT202012).crawl()


def make_validator(schema: dict[str, Any], registry: Registry[Any]) -> Validator:
    """The validator of one schema, which may refer to those of the registry."""
    made: Validator = _Validator(schema, registry=registry, format_checker=_formats())
    return made


def _undeclared(schema: dict[str, Any]) -> dict[str, Any]:
    """Without ``$schema``: jsonschema would follow it back to its own class, past our keyword."""
    return {word: value for word, value in schema.items() if word != "$schema"}


@cache
def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checks("date-time", raises=ValueError)(_is_moment)
    return checker


def _is_moment(value: object) -> bool:
    """Whether the calendar has it. Its spelling is checked by the pattern beside the format."""
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


def _ecma_pattern(
    validator: Any, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """``pattern`` as ECMA-262 means it: ``$`` is the very end, not also before a last newline."""
    if validator.is_type(instance, "string") and not _compiled(pattern).search(str(instance)):
        yield ValidationError(f"does not match {pattern!r}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$\Z", r"\\Z", pattern))


_Validator: Any = extend(Draft202012Validator, {"pattern": _ecma_pattern})  # type: ignore[no-untyped-call]
