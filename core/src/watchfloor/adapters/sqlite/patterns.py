"""Patterns with ``?`` (one character) and ``*`` (any), turned into what an index can look up.

* no wildcard: one value;
* wildcards that leave a start: the values, or starts of values, that they stand for. A ``?`` in
  a plate is one of 36 characters, so two of them are 1,296 exact looks, each of microseconds;
* anything else: the values themselves are searched, by trigrams where three letters stand
  together (``key_list.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from watchfloor.ports.store import KeyPattern

_PLATE_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What a normalised plate is made of (``contracts.normal``)."""

_MOST_STARTS = 36 * 36
_LITERALS = re.compile(r"[^?*]{3,}")
HIGHEST = "\U0010ffff"
"""Sorts after every character that a value may go on with."""


@dataclass(frozen=True, slots=True)
class Starts:
    """A pattern as starts of values and the pattern of what may follow them."""

    starts: list[str]
    rest: str


def starts(pattern: KeyPattern) -> Starts:
    """Take literals and, in plates, as many ``?`` as can be written out."""
    found = [""]
    for position, letter in enumerate(pattern.pattern):
        if letter == "?" and pattern.kind == "plate" and len(found) < _MOST_STARTS:
            found = [start + one for start in found for one in _PLATE_LETTERS]
        elif letter in "?*":
            return Starts(found, pattern.pattern[position:])
        else:
            found = [start + letter for start in found]
    return Starts(found, "")


def is_literal(pattern: str) -> bool:
    """Whether it has no wildcard."""
    return "?" not in pattern and "*" not in pattern


def glob(pattern: KeyPattern) -> str:
    """The pattern over key names (``plate:ZZ?1``) for SQLite's GLOB, where ``[`` opens a class."""
    return f"{pattern.kind}:{pattern.pattern}".replace("[", "[[]")


def glob_within(pattern: KeyPattern) -> str:
    """A GLOB that holds for the whole list of an event's keys, as its row has it, when the pattern
    holds for one of them: a quick first test."""
    quoted = any(letter in pattern.kind + pattern.pattern for letter in '"\\')
    return "*" if quoted else f"*{glob(pattern)}*"


def trigrams(pattern: str) -> str | None:
    """What FTS5 must find in a value that matches, or ``None`` where no three letters stand
    together."""
    found = dict.fromkeys(_of_runs(pattern))
    return " AND ".join(f'"{trigram}"' for trigram in found) or None


def _of_runs(pattern: str) -> Iterator[str]:
    for run in _LITERALS.findall(pattern.replace('"', "?")):  # a quote cannot be quoted safely
        for start in range(len(run) - 2):
            yield run[start : start + 3]
