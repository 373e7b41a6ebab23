"""What mapped values go through: vendor words to the types of the contract. Pure functions.

``None`` is "nothing said" everywhere: an absent field, an empty text. What cannot be read raises
``GiveUp`` with a code, so that the record goes to the dead letters with its reason.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from watchfloor.contracts import GiveUp
from watchfloor_sdk import mapping

from .fields import Replace, Table

Convert = Callable[[Any], Any]

UNITS: dict[str, float] = {
    "km/h": 1 / 3.6, "mph": 0.44704, "knots": 1852 / 3600,
    "ft": 0.3048, "yd": 0.9144, "mi": 1609.344, "km": 1000.0,
    "ms": 0.001, "min": 60.0, "h": 3600.0,
}  # fmt: skip
"""Factors to metres, seconds and metres per second. Yard and pound agreement of 1959; the knot is
a nautical mile of 1852 m an hour."""


def pick(value: Any, steps: Sequence[str]) -> Any:
    """The value that names and list indexes lead to; ``None`` where there is none."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def text(value: Any) -> str | None:
    """A value as text; ``None`` for nothing."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(int(value)) if value.is_integer() else repr(value)
    raise GiveUp("Not a text.", code="bad_text")


def plain(value: Any) -> Any:
    """A text, number or yes/no as it is; nothing for what is none of them."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else None


def numbers(factor: float = 1.0, low: float = -math.inf, high: float = math.inf) -> Convert:
    """A function that reads numbers within bounds, times a factor."""

    def read(value: Any) -> float | None:
        value = value.strip() if isinstance(value, str) else value
        return mapping.number(value, low=low, high=high, scale=factor)

    return read


def whole(value: float | None) -> int | None:
    """A number without a fraction. Raises ``GiveUp`` (``bad_number``)."""
    if value is None or float(value).is_integer():
        return None if value is None else int(value)
    raise GiveUp("Not a whole number.", code="bad_number")


def flags(yes: Sequence[str]) -> Convert:
    """A function that reads yes and no: any word that is not a yes is a no."""
    words = frozenset(word.lower() for word in yes)

    def read(value: Any) -> bool | None:
        if isinstance(value, bool):
            return value
        said = text(value)
        return None if said is None else said.lower() in words

    return read


@lru_cache
def moments(formats: tuple[str, ...], zone_name: str | None) -> Callable[[Any], mapping.Moment]:
    """A function that reads times with their error. Most texts come more than once, and one field
    after the other reads the same."""
    local = mapping.zone(zone_name) if zone_name else None

    @lru_cache(maxsize=65536)
    def read(value: Any) -> mapping.Moment:
        for form in formats:
            try:
                found = mapping.moment(value, formats=[form], local=local)
            except GiveUp as error:
                problem = error
            else:
                return mapping.Moment(found.time, _error_s(found, form))
        raise problem

    def of(value: Any) -> mapping.Moment:
        if isinstance(value, datetime):
            return mapping.moment(value)  # it has a zone, and need not be in UTC
        return read(value.strip() if isinstance(value, str) else repr_of_number(value))

    return of


def repr_of_number(value: Any) -> Any:
    """A number that says when; anything else is no time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise GiveUp("Not a time.", code="bad_time")


def _error_s(found: mapping.Moment, form: str) -> float | None:
    """Whole minutes hide up to sixty seconds."""
    coarse = 60.0 if "%M" in form and "%S" not in form else 0.0
    return (found.error_s or 0.0) + coarse or None


def tables(table: Table) -> Convert:
    """A function that reads a vendor's words by a table."""
    exact: Mapping[str, Any] = table.values
    lower = {word.lower(): meant for word, meant in exact.items()}
    refuse = table.otherwise == "(refuse)"

    def read(value: Any) -> Any:
        word = text(value)
        if word is None:
            return None
        if word in exact:
            return exact[word]
        if word.lower() in lower:
            return lower[word.lower()]
        if refuse:
            raise GiveUp("A word is in no table of the mapping.", code="unknown_code")
        return table.otherwise

    return read


def choices(allowed: Sequence[Any]) -> Convert:
    """A function that lets the contract's own words by and refuses others."""
    known = frozenset(allowed)

    def read(value: Any) -> Any:
        word = text(value) if not isinstance(value, int) or isinstance(value, bool) else value
        if word is None or word in known:
            return word
        raise GiveUp("A word is none of the contract's.", code="unknown_code")

    return read


def replacing(replace: Replace) -> Convert:
    """A function that replaces what a pattern matches."""
    pattern = re.compile(replace.pattern)

    def read(value: Any) -> str | None:
        said = text(value)
        return None if said is None else pattern.sub(replace.by, said).strip() or None

    return read


def splitting(separator: str) -> Convert:
    """A function that makes a list of a text; empty parts are left out."""

    def read(value: Any) -> list[str] | None:
        parts = (text(value) or "").split(separator)
        return [word for part in parts if (word := part.strip())] or None

    return read


def each(convert: Convert) -> Convert:
    """A function for every member of a list; a single value is a list of one."""

    def read(value: Any) -> list[Any] | None:
        if value is None:
            return None
        members = value if isinstance(value, list) else [value]
        return [made for member in members if (made := convert(member)) is not None] or None

    return read


def later(one: Any, other: Any) -> Any:
    """The higher of two values; what cannot be compared does not count."""
    try:
        return other if one is None or (other is not None and other > one) else one
    except TypeError:
        return one


def digest(told: Any, observed: datetime | None = None) -> str:
    """Sixteen hexadecimal digits of what is told: unchanged is the same, changed is another."""
    whole = told if observed is None else (told, observed)
    return hashlib.blake2b(msgspec.json.encode(whole), digest_size=8).hexdigest()


def named(error: GiveUp, field: str) -> GiveUp:
    """The same with the field that could not be made."""
    return GiveUp(f"{field}: {error.detail}", code=error.code, remedy=error.remedy)


def missing(name: str) -> GiveUp:
    """The record lacks what the contract requires."""
    return GiveUp(f"The record has no {name}.", code="incomplete")
