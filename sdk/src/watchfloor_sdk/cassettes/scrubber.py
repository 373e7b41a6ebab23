"""Takes secrets and personal data out of a vendor's answers, before they are kept.

Three rules, each for what the others miss: a field's name (``kinds.py``) or what a connector's
author declares of it; the shape of a value (``patterns.py``); and values that were found in a field
are taken out of every other text as well. Recall goes before precision: a wrong stand-in spoils a
test, a missed name is somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from . import patterns, pictures
from .kinds import Kind, is_of_a_person, kind_of
from .stand_ins import StandIns, plain_form

_TOKEN = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_URL = re.compile(r"https?://[^\s\"'<>]+")
_MOST_WORDS = 4
_LEAST_SECRET = 4
_COARSE = 2
"""Decimals of a degree that are left of where a person is: about a kilometre."""
_IN_TEXTS: tuple[Kind, ...] = ("plate", "vin", "number", "phone", "person")

Path = tuple[str, ...]


class Scrubber:
    """The rules of one cassette. ``fields`` are what a connector's author declares: the end of a
    field's path (``ocr.label``) and its kind; ``secrets`` are credentials' values, wherever they
    stand."""

    def __init__(self, fields: Mapping[str, Kind] | None = None, secrets: Iterable[str] = ()):
        self.stand_ins = StandIns()
        self._declared = {tuple(path.split(".")): kind for path, kind in (fields or {}).items()}
        parts = {part for secret in secrets for part in _parts(secret)}
        self._secrets = sorted((s for s in parts if len(s) >= _LEAST_SECRET), key=len)[::-1]

    def tree(self, value: Any) -> Any:
        """Decoded JSON, or rows."""
        return self._walk(value, (), self.is_personal(value))

    def leaf(self, path: Path, value: Any, personal: bool = False) -> Any:
        """One value at its path. ``personal``: its record tells of a person."""
        kind = self.kind(path)
        if value is None or isinstance(value, bool) or kind == "keep":
            return value
        if kind in ("latitude", "longitude"):
            return _coarse(value) if personal else value
        if isinstance(value, str):
            return self._string(kind, value)
        return self._number(kind, value)

    def text(self, text: str) -> str:
        """Free text: by known values and by shapes."""
        for secret in self._secrets:
            text = text.replace(secret, self.stand_ins.put("secret", secret))
        text = _URL.sub(lambda found: self.url(found[0]), text)
        return patterns.replaced(self._without_known(text), self.stand_ins.put)

    def url(self, url: str) -> str:
        """An address: without user, with its path and query scrubbed."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        query = urlencode(self.pairs(parts.query), quote_via=quote)
        return urlunsplit((parts.scheme, host, self._path(parts.path), query, ""))

    def pairs(self, query: str) -> list[tuple[str, str]]:
        """The names and values of a query or a form."""
        pairs = parse_qsl(query, keep_blank_values=True)
        personal = any(self.is_personal(value, (name,)) for name, value in pairs)
        return [(name, str(self.leaf((name,), value, personal))) for name, value in pairs]

    def kind(self, path: Path) -> Kind | None:
        """What a field holds: as declared, or by its name."""
        for end, kind in self._declared.items():
            if path[-len(end) :] == end:
                return kind
        return kind_of(path)

    def is_personal(self, value: Any, path: Path = ()) -> bool:
        """Whether a record tells of a person. A list's entries are records of their own."""
        if isinstance(value, dict):
            return any(self.is_personal(inner, (*path, key)) for key, inner in value.items())
        return bool(value) and is_of_a_person(path, self.kind(path), value)

    def _walk(self, value: Any, path: Path, personal: bool) -> Any:
        if isinstance(value, dict):
            return {
                self._without_known(key): self._walk(inner, (*path, key), personal)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            if personal and _is_position(path, value):
                return [_coarse(number) for number in value]
            return [
                self._walk(each, path, personal or self.is_personal(each, path)) for each in value
            ]
        return self.leaf(path, value, personal)

    def _string(self, kind: Kind | None, value: str) -> str:
        if picture := pictures.in_text(value):
            return picture
        if kind is None or kind == "picture":
            return self.text(value)
        if kind == "secret" and value in ("", "null"):
            return value
        return self.stand_ins.put(kind, value)

    def _number(self, kind: Kind | None, value: Any) -> Any:
        if kind == "born":
            return 0
        if kind is None or isinstance(value, float):
            return value
        made = self.stand_ins.put(kind, str(value))
        return int(made) if made.isdecimal() else made

    def _path(self, path: str) -> str:
        """A segment behind one called ``plates`` is a plate."""
        segments = path.split("/")
        for index, (before, segment) in enumerate(pairwise(path.split("/")), 1):
            kind = self.kind((before,))
            named = kind in _IN_TEXTS and any(letter.isdigit() for letter in segment)
            found = self.stand_ins.put(kind, segment) if kind and named else self._segment(segment)
            segments[index] = quote(found, safe="%:@!$&'()*+,;=~")
        return "/".join(segments)

    def _segment(self, segment: str) -> str:
        for secret in self._secrets:
            segment = segment.replace(secret, self.stand_ins.put("secret", secret))
        return patterns.replaced(self._without_known(segment), self.stand_ins.put)

    def _without_known(self, text: str) -> str:
        """``text`` without values that were found in a field before. Names of one word are looked
        for only where there are several words, and with a capital letter."""
        tokens = list(_TOKEN.finditer(text))
        made: list[str] = []
        end = index = 0
        while index < len(tokens):
            kind, count = self._known_at(text, tokens, index)
            if kind is not None:
                start, stop = tokens[index].start(), tokens[index + count - 1].end()
                made += text[end:start], self.stand_ins.put(kind, text[start:stop])
                end = stop
            index += count
        return "".join([*made, text[end:]])

    def _known_at(
        self, text: str, tokens: Sequence[re.Match[str]], index: int
    ) -> tuple[Kind | None, int]:
        for count in range(min(_MOST_WORDS, len(tokens) - index), 0, -1):
            phrase = text[tokens[index].start() : tokens[index + count - 1].end()]
            if count == 1 and len(tokens) < 3 and not any(one.isdigit() for one in phrase):
                continue
            for kind in _IN_TEXTS:
                if not _may_be(kind, phrase):
                    continue
                if self.stand_ins.knows(kind, plain_form(kind, phrase)):
                    return kind, count
        return None, 1


def _parts(secret: str) -> Iterator[str]:
    """The secret; of an address that is one, what follows the host."""
    if secret.startswith(("http://", "https://")):
        parts = urlsplit(secret)
        yield from parts.path.split("/")
        yield from (value for _, value in parse_qsl(parts.query))
    else:
        yield secret


def _may_be(kind: Kind, phrase: str) -> bool:
    """Names are written with a capital letter, and numbers of phones without any."""
    if kind == "phone":
        return not any(letter.isalpha() for letter in phrase)
    return kind != "person" or phrase[:1].isupper()


def _is_position(path: Path, value: list[Any]) -> bool:
    """GeoJSON (RFC 7946, section 3.1.1), and ``point`` as others write it."""
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
    named = bool(path) and path[-1].lower() in ("coordinates", "point", "position", "location")
    return named and numbers and len(value) in (2, 3)


def _coarse(value: Any) -> Any:
    try:
        coarse = round(float(value), _COARSE)
    except (TypeError, ValueError):
        return value
    return str(coarse) if isinstance(value, str) else coarse
