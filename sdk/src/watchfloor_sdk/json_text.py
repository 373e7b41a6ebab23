"""Where the parts of a JSON text (RFC 8259) stand, so that the very part that is wrong is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

_scan = json.JSONDecoder(strict=False).raw_decode
_BETWEEN = re.compile(r"[\s,:]*")


class Member(NamedTuple):
    """A value in an object or a list: its key or index, and where it stands: ``text[start:end]``.

    ``value`` may hold what JSON forbids and vendors write: NaN, infinities, control characters.
    """

    key: str | int
    value: Any
    start: int
    end: int


def members(text: str, at: int = 0) -> Iterator[Member]:
    """The members of the object or list that begins at ``at``, in their order.

    Any other value has none. Raises ``ValueError`` where the text cannot be read any further. It
    finds places; whether all of the text is JSON is for a decoder to say.
    """
    at = _skipped(text, at)
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        return
    at = _skipped(text, at + 1)
    for index in count():
        if text[at : at + 1] in ("}", "]"):
            return
        key: str | int = index
        if opening == "{":
            key, at = _scan(text, at)
            at = _skipped(text, at)
        value, end = _scan(text, at)
        yield Member(key, value, at, end)
        at = _skipped(text, end)


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line, counted from 1, of the value that the keys and indexes lead to, as far as they do.

    ``["columns", "created"]`` is the line of ``created`` in ``columns``.
    """
    at = 0
    for step in path:
        try:
            at = next(member.start for member in members(text, at) if member.key == step)
        except (StopIteration, ValueError):
            break
    return text.count("\n", 0, at) + 1


def _skipped(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at
