"""Takes leased credentials out of what a worker writes before anybody sees it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from urllib.parse import quote

SHORTEST = 4
"""A shorter value is not looked for: it would black out half of every line."""
MARK = "[credential]"
MOST = 512
"""So many forms are known; those learned longest ago are forgotten first. A credential that is in
use is learned again with each lease."""


class Redactor:
    """Knows the values that one worker was handed, and how they look when they are sent."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._hidden: list[str] = []

    def learn(self, value: Mapping[str, str]) -> None:
        """Hide these from now on."""
        learned = dict.fromkeys(form for form in _forms(value) if len(form) >= SHORTEST)
        older = (form for form in self._known if form not in learned)
        self._known = dict.fromkeys([*learned, *older][:MOST])
        self._hidden = sorted(self._known, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """The text without them."""
        for hidden in self._hidden:
            if hidden in text:
                text = text.replace(hidden, MARK)
        return text


def _forms(value: Mapping[str, str]) -> Iterable[str]:
    """Plain, as in a URL, and as in HTTP basic authentication (RFC 7617)."""
    for part in value.values():
        yield part
        yield quote(part, safe="")
        yield base64.b64encode(part.encode()).decode().rstrip("=")
    for one in value.values():
        for other in value.values():
            yield base64.b64encode(f"{one}:{other}".encode()).decode().rstrip("=")
