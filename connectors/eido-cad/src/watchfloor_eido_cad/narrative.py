"""Narrative lines to plain text: an EIDO's notes may hold HTML5."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_HIDDEN = frozenset({"script", "style", "template", "head"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3"})
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_LINES = re.compile(r" ?\n[ \n]*")

MAX_CHARS = 65_536
"""Characters of one note (the contract's own limit)."""


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the base's own
        self._hidden += tag in _HIDDEN
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(html: str) -> str:
    """The words of it, without tags, scripts and styles; paragraphs become lines."""
    reader = _Text()
    reader.feed(html[: 4 * MAX_CHARS])
    reader.close()
    words = _BLANKS.sub(" ", "".join(reader.parts))
    return _LINES.sub("\n", words).strip()[:MAX_CHARS]
