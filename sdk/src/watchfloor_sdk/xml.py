"""The one parser for vendors' XML: hardened, bounded, with namespaces made short.

    document = xml.parse(body, {"loc": "urn:example:location"})
    place = document.text("loc:place/loc:street")
    for unit in document.all("//loc:unit"): ...

A document type declaration, and with it every entity that a sender could make up, is refused;
nothing is fetched; size and depth are bounded (OWASP, "XML External Entity Prevention"). Errors
name the line and never the content. Needs the extra ``[xml]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from watchfloor.contracts import GiveUp

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Element", "parse"]

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Element:
    """An element, asked with XPath 1.0 in the prefixes that were given to ``parse``."""

    node: Any
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name without the namespace."""
        return str(etree.QName(self.node).localname)

    @property
    def namespace(self) -> str | None:
        """The namespace of its name."""
        return etree.QName(self.node).namespace  # type: ignore[no-any-return]

    @property
    def line(self) -> int:
        """The line of the document in which it begins."""
        return int(self.node.sourceline)

    @property
    def content(self) -> str:
        """Its text and that of everything in it, trimmed."""
        return "".join(str(part) for part in self.node.itertext()).strip()

    def all(self, path: str) -> list[Element]:
        """The elements at ``path``, in document order."""
        found = self.node.xpath(path, namespaces=dict(self.names))
        nodes = found if isinstance(found, list) else []
        return [Element(one, self.names) for one in nodes if isinstance(one, etree._Element)]

    def first(self, path: str) -> Element | None:
        """The first element at ``path``."""
        return next(iter(self.all(path)), None)

    def text(self, path: str) -> str | None:
        """The text of the first element at ``path``, trimmed; ``None`` for none or an empty one."""
        found = self.first(path)
        return (found.content or None) if found else None

    def attribute(self, name: str) -> str | None:
        """An attribute's value: ``id``, or ``prefix:id`` for one in a namespace."""
        prefix, _, local = name.rpartition(":")
        value = self.node.get(f"{{{self.names[prefix]}}}{local}" if prefix else local)
        return None if value is None else str(value)


def parse(
    body: bytes, names: Mapping[str, str] | None = None, *, max_bytes: int = MAX_BYTES
) -> Element:
    """The document's root. ``names`` are the prefixes that paths use, and their namespaces.

    Raises ``GiveUp``: ``too_large``, ``not_xml``, ``unsafe_xml``.
    """
    if len(body) > max_bytes:
        detail = f"The document has {len(body)} bytes; {max_bytes} is the limit."
        raise GiveUp(detail, code="too_large")
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        raise _refused(error) from None
    if root.getroottree().docinfo.doctype:
        raise GiveUp("The document declares a document type.", code="unsafe_xml")
    if root.xpath("/*" * (MAX_DEPTH + 1)):
        raise GiveUp(f"The document is nested deeper than {MAX_DEPTH}.", code="unsafe_xml")
    return Element(root, dict(names or {}))


def _parser() -> etree.XMLParser:
    """A parser keeps state and is no thread's but its own, so each document has one."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,  # a comment would cut a text in two
        remove_pis=True,
    )


def _refused(error: etree.XMLSyntaxError) -> GiveUp:
    line = error.lineno or 1
    if error.code in _LIMITS:
        return GiveUp(f"Line {line} goes beyond what a document may be.", code="unsafe_xml")
    return GiveUp(f"Not well-formed XML in line {line}.", code="not_xml")


_LIMITS = frozenset(
    {
        etree.ErrorTypes.ERR_ENTITY_LOOP,
        etree.ErrorTypes.ERR_NAME_TOO_LONG,
        etree.ErrorTypes.ERR_RESOURCE_LIMIT,
    }
)
"""What libxml2 says when an entity, a name or the depth grows out of bounds."""
