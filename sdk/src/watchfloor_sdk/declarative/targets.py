"""What a field of the contract wants: how a vendor's value is turned into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, inspect

from .values import Convert, choices, each, flags, moments, numbers, plain, text, whole

Type = inspect.Type


@dataclass(frozen=True, slots=True)
class Reading:
    """How this file writes times and yes: what conversions need to know."""

    time_formats: tuple[str, ...]
    time_zone: str | None
    yes: Sequence[str]
    factor: float = 1.0
    low: float = float("-inf")
    high: float = float("inf")

    @property
    def plain_numbers(self) -> bool:
        """Whether a number is taken as it stands."""
        return (self.factor, self.low, self.high) == (1.0, float("-inf"), float("inf"))


def wanted(type_: Type) -> Type:
    """A field's type without ``None`` and notes."""
    if isinstance(type_, inspect.Metadata):
        return wanted(type_.type)
    if isinstance(type_, inspect.UnionType):
        kinds = [one for one in type_.types if not isinstance(one, inspect.NoneType)]
        return wanted(kinds[0]) if len(kinds) == 1 else inspect.AnyType()
    return type_


def conversion(type_: Type, how: Reading) -> Convert:
    """The function from anything that a vendor may write to this type."""
    number = numbers(how.factor, how.low, how.high)
    if isinstance(type_, inspect.StrType):
        return text
    if isinstance(type_, inspect.FloatType):
        return number
    if isinstance(type_, inspect.IntType):
        return lambda value: whole(number(value))
    if isinstance(type_, inspect.BoolType):
        return flags(how.yes)
    if isinstance(type_, inspect.DateTimeType):
        moment = moments(how.time_formats, how.time_zone)
        return lambda value: None if text_or(value) is None else moment(value).time
    if isinstance(type_, inspect.LiteralType):
        return choices(type_.values)
    if isinstance(type_, inspect.ListType):
        return each(conversion(wanted(type_.item_type), how))
    return plain


def text_or(value: Any) -> Any:
    """Nothing for an empty text, else the value."""
    return text(value) if isinstance(value, str) else value


def strict(type_: Type, how: Reading) -> Any:
    """The type that a decoder may insist on, because most vendors write it so; or ``Any``."""
    if isinstance(type_, inspect.StrType):
        words = Annotated[str, Meta(max_length=type_.max_length)] if type_.max_length else str
        return words | int
    if isinstance(type_, inspect.FloatType) and how.plain_numbers:
        return Annotated[float, _bounds(type_)]
    if isinstance(type_, inspect.IntType) and how.plain_numbers:
        return Annotated[int, _bounds(type_)]
    if isinstance(type_, inspect.BoolType):
        return bool
    if isinstance(type_, inspect.DateTimeType) and tuple(how.time_formats) == ("iso",):
        return Annotated[datetime, Meta(tz=True)]
    if isinstance(type_, inspect.LiteralType):
        return Literal[type_.values]
    return Any


def _bounds(type_: inspect.FloatType | inspect.IntType) -> Meta:
    names = ("ge", "le", "gt", "lt")
    return Meta(**{name: at for name in names if (at := getattr(type_, name)) is not None})


def ready(type_: Type, how: Reading, name: str) -> str | None:
    """An expression that is true when the value called ``name`` needs no conversion."""
    if isinstance(type_, inspect.FloatType | inspect.IntType) and not how.plain_numbers:
        return None
    exact = {
        inspect.FloatType: "float",
        inspect.IntType: "int",
        inspect.BoolType: "bool",
    }
    word = exact.get(type(type_))
    return f"{name} is None or {name}.__class__ is {word}" if word else None
