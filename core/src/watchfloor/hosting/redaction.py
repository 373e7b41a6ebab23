"""Takes leased credentials out of what a worker writes before anybody sees or keeps it."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""A shorter value is not looked for: it would black out half of every line."""
TELLING = 8
"""From this length on a value with letters and more cannot be mistaken for a word or a number; what
is kept is searched for such values only, or it would be falsified."""
LONG = 16
"""The same for a value of letters alone, or of digits alone."""
MARK = "[credential]"
MOST = 512
"""So many forms are known; those learned longest ago are forgotten first. A credential that is in
use is learned again with each lease."""


class Redactor:
    """Knows the values that one worker was handed, and how they look when they are sent."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._hidden: list[str] = []
        self._traces: dict[bytes, bytes] = {}

    def learn(self, value: Mapping[str, str], open_parts: Collection[str] = ()) -> None:
        """Hide these from now on. ``open_parts`` are no secrets (a user's name): they are hidden in
        logs, and stay in what is kept."""
        learned = dict.fromkeys(form for form in _forms(value) if len(form) >= SHORTEST)
        older = (form for form in self._known if form not in learned)
        self._known = dict.fromkeys([*learned, *older][:MOST])
        self._hidden = sorted(self._known, key=len, reverse=True)
        secrets = [part for name, part in value.items() if name not in open_parts]
        traces = {trace: mark for part in secrets for trace, mark in _traces(part)}
        older_traces = (item for item in self._traces.items() if item[0] not in traces)
        self._traces = dict([*traces.items(), *older_traces][:MOST])

    def clean(self, text: str) -> str:
        """The text without them, and without the first part of one at its end: there it may have
        been cut."""
        for hidden in self._hidden:
            if hidden in text:
                text = text.replace(hidden, MARK)
        for hidden in self._hidden:
            if begun := _begun(text, hidden):
                return text[:-begun] + MARK
        return text

    def cleanse(self, content: bytes) -> bytes:
        """What is to be kept or passed on, without the secrets. JSON stays JSON and base64 stays
        base64. The very same object, when there is none in it."""
        for trace, mark in self._traces.items():
            if trace in content:
                content = content.replace(trace, mark)
        return content


def _begun(text: str, hidden: str) -> int:
    """How many letters of it the text ends with, from ``TELLING`` on."""
    lengths = range(min(len(hidden), len(text)), TELLING - 1, -1)
    return next((length for length in lengths if text.endswith(hidden[:length])), 0)


def _forms(value: Mapping[str, str]) -> Iterable[str]:
    """Plain, line by line, quoted, as in a URL, and as in HTTP basic authentication (RFC 7617)."""
    for part in value.values():
        yield part
        for line in filter(_telling, part.splitlines()):
            yield from _quoted(line)
        yield quote(part, safe="")
        yield base64.b64encode(part.encode()).decode().rstrip("=")
    for one in value.values():
        for other in value.values():
            yield base64.b64encode(f"{one}:{other}".encode()).decode().rstrip("=")


def _traces(secret: str) -> Iterator[tuple[bytes, bytes]]:
    """How a secret stands in what is kept, each with what to put there instead. A key of several
    lines never goes to a vendor, so it is not looked for in base64."""
    lines = [line.strip() for line in secret.splitlines()]
    for line in filter(_telling, lines):
        for form in dict.fromkeys((*_quoted(line), quote(line, safe=""), quote_plus(line))):
            yield form.encode(), MARK.encode()
        if len(lines) == 1:
            for form in dict.fromkeys((line, json.dumps(line, ensure_ascii=False)[1:-1])):
                for trace in _within_base64(form.encode()):
                    yield trace, b"A" * len(trace)


def _quoted(line: str) -> Iterator[str]:
    """As it is, as Python shows it, and either in JSON, and in JSON that stands in JSON."""
    for shown in (line, repr(line)[1:-1]):
        escaped = json.dumps(shown, ensure_ascii=False)[1:-1]
        yield from (shown, escaped, json.dumps(escaped, ensure_ascii=False)[1:-1])


def _telling(word: str) -> bool:
    """Whether it can only be the secret, and not the frame around a key (RFC 7468)."""
    plain = word.isalpha() or word.isdigit()
    return len(word) >= (LONG if plain else TELLING) and not word.startswith("-----")


def _within_base64(secret: bytes) -> Iterator[bytes]:
    """The letters that a secret is sure to leave in the base64 of a text around it, wherever in the
    text it begins (RFC 4648, section 4: three bytes are four letters). In both alphabets."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret)
        whole = encoded.rstrip(b"=")
        end = len(whole) - (len(whole) != len(encoded))
        trace = whole[before and before + 1 : end]
        yield trace
        yield trace.translate(bytes.maketrans(b"+/", b"-_"))
