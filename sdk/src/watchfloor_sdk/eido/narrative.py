"""Narrative lines to plain text and back: an EIDO's notes are HTML5 (NENA-STA-021.1b, notes data
component)."""

from __future__ import annotations

import html
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


def escaped(text: str) -> str:
    """As it is written in a note: what looks like a tag is text, lines stay lines."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def plain(note: str) -> str:
    """The words of a note, without tags, scripts and styles; paragraphs become lines."""
    reader = _Text()
    reader.feed(note[: 4 * MAX_CHARS])
    reader.close()
    words = _BLANKS.sub(" ", "".join(reader.parts))
    return _LINES.sub("\n", words).strip()[:MAX_CHARS]
