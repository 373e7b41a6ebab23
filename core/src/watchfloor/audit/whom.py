"""Whether words that somebody asked with may stand for somebody: a keyed hash finds the same words
alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cached_property

from watchfloor.contracts.normal import normal_address, normal_phone, normal_plate, words_of

from .sealing import normal_form

_LINE, _PERSON = "search", "person"
"""What the log calls words that somebody searched for, and whom a look-up asked about."""
_NAMES = frozenset({"name", _PERSON})
_BETWEEN = re.compile(r"[\s:,;\"“”]+")
"""Between the parts of a line: records of before hold it as it was typed, ``text:ZZ*`` say."""
_NOT_IN_PLATE, _NOT_IN_PHONE = re.compile(r"[^0-9A-Z?*]+"), re.compile(r"[^0-9?*]+")
_RUN = 3
"""In so many pieces a plate or a number is written: ``505 555 01*``."""


@dataclass(frozen=True)
class Asked:
    """What somebody asked with, opened, by its kind of subject; taken apart once, with however many
    it is compared."""

    kind: str
    words: str

    @cached_property
    def names(self) -> _Among:
        """Its words."""
        return _Among.of(words_of(self.words))

    @cached_property
    def addresses(self) -> _Among:
        """Its words, as addresses are written."""
        return _Among.of(_address_words(self.words))

    @cached_property
    def plates(self) -> _Line:
        """The line as one that has plates in it."""
        return _Line.of(self.words.upper(), _NOT_IN_PLATE, normal_plate)

    @cached_property
    def phones(self) -> _Line:
        """The line as one that has telephone numbers in it."""
        return _Line.of(self.words, _NOT_IN_PHONE, normal_phone)


@dataclass(frozen=True)
class Whom:
    """Somebody, by their plate, name (or as a ``person``), phone or address."""

    kind: str
    value: str

    @property
    def found_in(self) -> frozenset[str]:
        """Kinds of subject that may be them in other words."""
        return frozenset({_LINE, _PERSON if self.kind in _NAMES else f"{self.kind}_pattern"})

    def is_in(self, asked: Asked) -> bool:
        """Whether a subject of such a kind may be them: a part fits them, or they are among the
        words."""
        if self.kind in _NAMES:
            return asked.names.hold(self._names)
        if asked.kind != _LINE:
            return fnmatchcase(self._mine, asked.words)
        if self.kind == "address":
            return asked.addresses.hold(self._address) or asked.names.hold(self._names)
        if not self._mine:
            return False
        if self.kind == "phone":  # a part is also written from the country's code on
            return asked.phones.hold(self._mine) or asked.phones.hold(f"1{self._mine}")
        return asked.plates.hold(self._mine)

    @cached_property
    def _mine(self) -> str:
        return normal_form(self.kind, self.value)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(words_of(self.value))

    @cached_property
    def _address(self) -> frozenset[str]:
        return frozenset(_address_words(self.value))


@dataclass(frozen=True, slots=True)
class _Among:
    """Words, and beginnings of words."""

    whole: frozenset[str]
    begun: tuple[str, ...]

    @classmethod
    def of(cls, words: Collection[str]) -> _Among:
        begun = {each[:-1] for each in words if each.endswith("*")}
        return cls(frozenset(words), tuple(begun))

    def hold(self, wanted: Collection[str]) -> bool:
        """Whether all of them are among these, and there are any."""
        found = all(each in self.whole or each.startswith(self.begun) for each in wanted)
        return bool(wanted) and found


@dataclass(frozen=True, slots=True)
class _Line:
    """What is left of a line without all that is no part of a plate, say; and the parts in it."""

    text: str
    fits: re.Pattern[str] | None

    @classmethod
    def of(cls, words: str, strange: re.Pattern[str], normal: Callable[[str], str]) -> _Line:
        pieces = [piece for each in _BETWEEN.split(words) if (piece := strange.sub("", each))]
        parts = dict.fromkeys(
            part
            for end, piece in enumerate(pieces, 1)
            if not piece.isalnum()
            for length in range(1, _RUN + 1)
            if (part := "".join(pieces[max(0, end - length) : end])).strip("?*")
        )
        fits = re.compile("|".join(map(translate, parts))) if parts else None
        return cls(normal(words), fits)

    def hold(self, wanted: str) -> bool:
        """Whether it stands in the line, or a part fits it."""
        return wanted in self.text or (self.fits is not None and bool(self.fits.match(wanted)))


def _address_words(text: str) -> list[str]:
    words = normal_address(" ".join(words_of(text))).split()
    return [each for each in words if each != "&"]
