"""What single documents tell: what an action is told, what its answer says of it, and failures
that come with a status of success."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from watchfloor.contracts import AskAPerson, GiveUp, RetryLater, WatchfloorError
from watchfloor_sdk.answer import Answer

from . import values
from .compiling import Compiler
from .fields import Field
from .frames import At, Surroundings
from .mapper import Scope, converted
from .reading import TEXT
from .requests import Failures, Known, Trouble
from .shapes import Shape
from .targets import Type

_WORD = re.compile(r"\w{1,64}", re.ASCII)
_ERRORS: Mapping[str, type[WatchfloorError]] = {
    "retry": RetryLater,
    "ask": AskAPerson,
    "give_up": GiveUp,
}


class Reader:
    """Reads some fields of one document. Those of ``types`` are converted to them."""

    def __init__(
        self, around: Surroundings, fields: Mapping[str, Field], at: At, types: Mapping[str, Type]
    ) -> None:
        shape = Shape()
        compiler = _over(shape, around)
        self._read = compiler.values(fields, at, types)
        self._into = shape.struct(strict=False)
        self.parts = frozenset(shape.names)
        self.reads = bool(self.parts) or compiler.needs_raw
        """Whether anything of the document itself is read."""

    def __call__(self, document: Any, scope: Scope) -> dict[str, Any]:
        """The fields; ``None`` for what the document does not say. Raises ``GiveUp``."""
        row = converted(document, self._into)
        found: dict[str, Any] = self._read(row, document, row, scope, None)
        return found


@dataclass(frozen=True, slots=True)
class Failure:
    """What the vendor said went wrong: its ``word``, and what that comes to."""

    vendor: str
    word: str | None
    trouble: Trouble

    def error(self) -> WatchfloorError:
        """Ours. A text that is no word is not quoted: it may hold anything."""
        word = self.word if self.word and _WORD.fullmatch(self.word) else "unknown"
        return _ERRORS[self.trouble.then](
            f"{self.vendor} says that it failed: {word}.",
            code=self.trouble.code,
            remedy=self.trouble.remedy,
        )


class Judge:
    """Finds the failures in answers whose status is one of success."""

    def __init__(self, around: Surroundings, failures: Failures, vendor: str) -> None:
        at: At = ("failures",)
        shape = Shape()
        reading, judging = _over(shape, around), _over(shape, around)
        self._read = reading.values({"word": failures.word}, at, {"word": TEXT})
        self._failed = failures.when and judging.condition(failures.when, (*at, "when"))
        self._into = shape.struct(strict=False)
        raw = reading.needs_raw or judging.needs_raw
        self._decode = msgspec.json.Decoder(Any if raw else self._into).decode
        self._known = _by_word(failures.known)
        self._otherwise = failures.otherwise
        self._vendor = vendor

    def of_answer(self, answer: Answer, now: datetime) -> Failure | None:
        """The failure in an answer. One that is not JSON is for its reader to judge."""
        try:
            document = self._decode(answer.body)
        except msgspec.ValidationError:
            document = None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return self.of_document(document, Scope(now, answer.headers))

    def of_document(self, document: Any, scope: Scope) -> Failure | None:
        """The failure in a decoded answer."""
        row = document if isinstance(document, self._into) else converted(document, self._into)
        if self._failed and not self._failed(row, document, row, scope, None):
            return None
        try:
            word = self._read(row, document, row, scope, None)["word"]
        except GiveUp:  # an object: there is something, and it is no word
            word = ""
        if word is None and not self._failed:
            return None
        return Failure(self._vendor, word, self._known.get(word, self._otherwise))


def _over(shape: Shape, around: Surroundings) -> Compiler:
    """A compiler for a document that is its own record."""
    compiler = Compiler(around, shape)
    compiler.record = shape
    return compiler


def _by_word(known: list[Known]) -> Mapping[str | None, Trouble]:
    return {values.text(word): one for one in known for word in one.words}
