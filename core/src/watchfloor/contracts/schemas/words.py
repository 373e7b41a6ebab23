"""Validation errors in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jsonschema import ValidationError

_TYPES = {
    "object": "an object", "array": "a list", "string": "text", "number": "a number",
    "integer": "a whole number", "boolean": "true or false", "null": "null",
}  # fmt: skip
_CLASSES = {
    dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a whole number",
    float: "a number", type(None): "null",
}  # fmt: skip
_SHOWN = 40
"""Characters of a field's name that are shown: it may come from anybody."""


def reasons(errors: Iterable[ValidationError], at_most: int) -> list[str]:
    """The first ``at_most`` different reasons. No more errors are looked for than that takes."""
    said: dict[str, None] = {}
    for error in errors:
        said.update(dict.fromkeys(_reasons(error)))
        if len(said) >= at_most:
            break
    return list(said)[:at_most]


def _reasons(error: ValidationError) -> Iterator[str]:
    """What one error means, with its path; for alternatives, what is wrong with the likely one."""
    branch = _likely_branch(error) if error.validator in ("anyOf", "oneOf") else []
    if branch:
        for inner in branch:
            yield from _reasons(inner)
    else:
        yield f"{_path(error)}: {_say(error)}"


def _path(error: ValidationError) -> str:
    parts = [_short(part) for part in error.absolute_path]
    return ".".join(parts) or "document"


def _short(name: object) -> str:
    text = str(name)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _likely_branch(error: ValidationError) -> list[ValidationError]:
    """The errors of the one alternative that is of the right type, if there is just one."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [found for found in branches.values() if not any(map(_is_type_error, found))]
    return fitting[0] if len(fitting) == 1 else []


def _is_type_error(error: ValidationError) -> bool:
    return error.validator == "type" and not error.path


def _say(error: ValidationError) -> str:
    if "propertyNames" in error.schema_path:
        return f"the name {_short(error.instance)!r} is not {_form(error)}"
    say = _SENTENCES.get(str(error.validator), _form_sentence)
    return say(error)


def _form(error: ValidationError) -> str:
    schema: dict[str, Any] = error.schema  # type: ignore[assignment]
    return str(schema.get("title", "of the form that the schema asks for"))


def _form_sentence(error: ValidationError) -> str:
    return f"is not {_form(error)}"


def _missing(error: ValidationError) -> str:
    names = [name for name in error.validator_value if name not in error.instance]  # type: ignore[union-attr, operator]
    return f"lacks {', '.join(names)}"


def _unknown(error: ValidationError) -> str:
    known = error.schema.get("properties", {})  # type: ignore[union-attr]
    names = sorted(_short(name) for name in error.instance if name not in known)  # type: ignore[union-attr]
    return f"has a field that is not known: {', '.join(names[:5])}"


def _wrong_type(error: ValidationError) -> str:
    value: Any = error.validator_value
    wanted = [value] if isinstance(value, str) else value
    is_now = _CLASSES.get(type(error.instance), "something else")
    return f"must be {' or '.join(_TYPES[name] for name in wanted)}, is {is_now}"


def _one_of(error: ValidationError) -> str:
    value: Any = error.validator_value
    choices = value if error.validator == "enum" else [value]
    return f"is not one of {', '.join(str(choice) for choice in choices if choice is not None)}"


def _bound(words: str) -> Callable[[ValidationError], str]:
    return lambda error: f"{error.instance} is {words} {error.validator_value}"


def _size(words: str) -> Callable[[ValidationError], str]:
    return lambda error: f"has {len(error.instance)} {words} {error.validator_value}"  # type: ignore[arg-type]


def _too_many(error: ValidationError) -> str:
    allowed = len(error.schema.get("prefixItems", ()))  # type: ignore[union-attr]
    return f"has {len(error.instance)} entries, more than {allowed}"  # type: ignore[arg-type]


_SENTENCES: dict[str, Callable[[ValidationError], str]] = {
    "required": _missing,
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
    "type": _wrong_type,
    "enum": _one_of,
    "const": _one_of,
    "minimum": _bound("less than"),
    "maximum": _bound("more than"),
    "exclusiveMinimum": _bound("not more than"),
    "exclusiveMaximum": _bound("not less than"),
    "minLength": _size("characters, fewer than"),
    "maxLength": _size("characters, more than"),
    "minItems": _size("entries, fewer than"),
    "maxItems": _size("entries, more than"),
    "minProperties": _size("fields, fewer than"),
    "items": _too_many,
    "anyOf": lambda _: "fits none of the forms that are allowed here",
}
