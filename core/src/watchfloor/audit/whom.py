"""Whether words that somebody asked with may stand for somebody: a keyed hash finds the same words
alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .sealing import normal_form

_WORD = re.compile(r"\w+")
_PART = re.compile(r"[^0-9A-Z?*]+")
"""What is no part of a plate, nor a wildcard in its place."""
_LINE, _PERSON = "search", "person"
"""What the log calls words that somebody searched for, and whom a look-up asked about."""
_NAMES = frozenset({"name", _PERSON})


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody, by their plate, name (or as a ``person``), phone or address."""

    kind: str
    value: str

    @property
    def found_in(self) -> frozenset[str]:
        """Kinds of subject that may be them in other words."""
        return frozenset({_LINE, _PERSON if self.kind in _NAMES else f"{self.kind}_pattern"})

    def is_in(self, kind: str, words: str) -> bool:
        """Whether such a subject may be them: a part fits them, or they are among the words."""
        if self.kind in _NAMES:
            return _words(self.value) <= _words(words)
        mine = normal_form(self.kind, self.value)
        if kind != _LINE:
            return fnmatchcase(mine, words)
        if self.kind == "plate" and any(fnmatchcase(mine, each) for each in _parts(words)):
            return True
        return bool(mine) and mine in normal_form(self.kind, words)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(normal_form("words", text)))


def _parts(words: str) -> list[str]:
    """Words with a wildcard, as a part of a plate is written."""
    parts = [_PART.sub("", each) for each in words.upper().split()]
    return [each for each in parts if not each.isalnum() and each.strip("?*")]
