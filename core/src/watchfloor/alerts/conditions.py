"""Conditions in CEL (Common Expression Language, https://cel.dev), compiled once.

What a condition may look at is fixed (``VARIABLES``). Three answers are kept apart: it holds, it
does not hold, and it could not be evaluated. A missing field is the second; anything else that
goes wrong is the third, because an alert that nobody hears of can cost a life.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from . import cel

VARIABLES = ("data", "kind", "source", "subject", "time", "hour", "point", "words")

FUNCTIONS = frozenset(
    {"size", "contains", "startsWith", "endsWith", "matches", "int", "uint", "double", "string",
     "bytes", "type", "dyn", "duration", "timestamp", "getFullYear", "getMonth", "getDate",
     "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds",
     "getMilliseconds"}
)  # fmt: skip
"""Those of the standard that the library has (cel-spec, langdef.md, "List of Standard
Definitions"); operators are not named by letters."""

_BOUND = re.compile(r"\.\s*(?:all|exists|exists_one|existsOne|filter|map)\s*\(\s*(\w+)\s*,")
"""The macros of CEL that bind a name of their own (cel-spec, langdef.md, "Macros")."""

_WORDS: dict[type[Exception], str] = {
    TypeError: "it compares or joins values of different types",
    ZeroDivisionError: "it divides by zero",
    OverflowError: "a number is too large",
    RuntimeError: "a function is unknown or was given something it cannot take",
}


class ConditionInvalid(ValueError):
    """A condition that cannot be compiled. Its text says why."""


class ConditionFailed(Exception):
    """A condition that could not be evaluated on an event. Its text says why, without data."""


class Condition:
    """One compiled condition."""

    def __init__(self, text: str) -> None:
        try:
            self._program = cel.compile(text)
        except ValueError as error:
            raise ConditionInvalid(_first_line(error)) from None
        _refuse_unknown(
            set(self._program.variables()) - set(_BOUND.findall(text)), frozenset(VARIABLES)
        )
        _refuse_unknown(set(filter(str.isalpha, self._program.functions())), FUNCTIONS)
        self._try_out()

    def holds(self, context: cel.Context) -> bool:
        """Whether it holds. Raises ``ConditionFailed``."""
        try:
            answer = self._program.execute(context)
        except LookupError:
            return False
        except Exception as error:
            raise ConditionFailed(_words(error)) from None
        if not isinstance(answer, bool):
            raise ConditionFailed("it does not answer true or false")
        return answer

    def _try_out(self) -> None:
        """A broken pattern shows when it runs: let it show now."""
        try:
            self._program.execute(_TRIAL)
        except RuntimeError as error:
            raise ConditionInvalid(_first_line(error)) from None
        except Exception:  # noqa: S110 - the trial event is empty, so other complaints prove nothing
            pass


def variables(
    *,
    data: dict[str, Any],
    kind: str,
    source: str,
    subject: str,
    time: datetime,
    hour: int,
    point: list[float] | None,
    words: list[str],
) -> cel.Context:
    """What a condition may look at (``VARIABLES``)."""
    values = (data, kind, source, subject, time, hour, point, words)
    return cel.Context(variables=dict(zip(VARIABLES, values, strict=True)))


_TRIAL = variables(
    data={},
    kind="",
    source="",
    subject="",
    time=datetime(2026, 1, 1, tzinfo=UTC),
    hour=0,
    point=[0.0, 0.0],
    words=[],
)


def _refuse_unknown(named: set[str], known: frozenset[str]) -> None:
    unknown = sorted(named - known)
    if unknown:
        raise ConditionInvalid(
            f"unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        )


def _words(error: Exception) -> str:
    return next(
        (words for kind, words in _WORDS.items() if isinstance(error, kind)),
        "it cannot be evaluated",
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].split(": ERROR: <input>:")[-1][:200]
