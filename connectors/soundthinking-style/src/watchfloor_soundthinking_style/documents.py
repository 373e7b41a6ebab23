"""Reading a pushed XML document: one root, flat text elements, nothing else.

The sender is outside, so the parser is strict: no document type (hence no entity of its own making
and nothing fetched), no depth, few elements. OWASP, "XML External Entity Prevention".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from watchfloor_sdk import GiveUp

MAX_BYTES = 256 * 1024
MAX_ELEMENTS = 200


@dataclass(frozen=True, slots=True)
class Document:
    """Its root's name and the text of each child, trimmed. Empty elements are left out."""

    root: str
    fields: Mapping[str, str]


def parse(body: bytes) -> Document:
    """Read one document. Raises ``GiveUp``: ``too_large``, ``not_xml`` or ``unsafe_xml``."""
    if len(body) > MAX_BYTES:
        raise GiveUp(
            f"The document has {len(body)} bytes; {MAX_BYTES} is the limit.", code="too_large"
        )
    target = _Flat()
    parser = ElementTree.XMLParser(target=target)  # noqa: S314 - the target refuses doctypes
    try:
        parser.feed(body)
        parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as wrong:
        raise GiveUp(f"Not an XML document ({type(wrong).__name__}).", code="not_xml") from None
    return Document(target.root, target.fields)


class _Flat:
    """A parser target that takes two levels and refuses everything else."""

    def __init__(self) -> None:
        self.root = ""
        self.fields: dict[str, str] = {}
        self._depth = 0
        self._count = 0
        self._text: list[str] = []

    def doctype(self, *_names: str | None) -> None:
        raise _unsafe("It declares a document type.")

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > 2 or self._count > MAX_ELEMENTS:
            raise _unsafe("It is nested or longer than such a document can be.")
        if self._depth == 1:
            self.root = tag
        self._text.clear()

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        text = "".join(self._text).strip()
        if self._depth == 1 and text:
            self.fields[tag] = text
        self._text.clear()

    def close(self) -> None:
        """The parser asks for a result; this target keeps it."""


def _unsafe(detail: str) -> GiveUp:
    return GiveUp(detail, code="unsafe_xml")
