"""The records in a vendor's XML, to be spoilt like those of JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from watchfloor_sdk import xml

TEXT = "#text"
"""The field that is an element's own text, where it has attributes or children besides."""


class ElementRecord(MutableMapping[str, Any]):
    """An element as a record, which is changed with it.

    Its fields are its children by their local names and its attributes as ``@name``. Their values
    are texts, records, or lists of those for what comes several times. What is written as a list
    becomes ``<field><item/>...</field>``.
    """

    def __init__(self, node: Any) -> None:
        self.node = node

    def __getitem__(self, name: str) -> Any:
        found = self._values(name)
        if not found:
            raise KeyError(name)
        return found[0] if len(found) == 1 else found

    def __setitem__(self, name: str, value: Any) -> None:
        if name == TEXT and isinstance(value, str):
            self.node.text = value
        elif name.startswith("@") and isinstance(value, str):
            self.node.set(self._attribute(name) or name[1:], value)
        else:
            here = self._children(name)
            at = self.node.index(here[0]) if here else len(self.node)
            self.pop(name, None)
            self.node.insert(at, _written(self._named(name), value))

    def __delitem__(self, name: str) -> None:
        if name == TEXT:
            self.node.text = None
        elif attribute := self._attribute(name):
            del self.node.attrib[attribute]
        for child in self._children(name):
            self.node.remove(child)

    def __iter__(self) -> Iterator[str]:
        """Over the names that it has now, so that it may be changed meanwhile."""
        names = [f"@{_local(name)}" for name in self.node.attrib]
        names += [TEXT] if (self.node.text or "").strip() else []
        return iter(dict.fromkeys([*names, *(_local(child.tag) for child in self.node)]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _values(self, name: str) -> list[Any]:
        if name == TEXT:
            return [text] if (text := (self.node.text or "").strip()) else []
        if attribute := self._attribute(name):
            return [self.node.get(attribute)]
        return [_value(child) for child in self._children(name)]

    def _children(self, name: str) -> list[Any]:
        return [child for child in self.node if _local(child.tag) == name]

    def _attribute(self, name: str) -> str | None:
        return next((key for key in self.node.attrib if f"@{_local(key)}" == name), None)

    def _named(self, name: str) -> str:
        return str(etree.QName(etree.QName(self.node).namespace, name.strip("@#")))


class XmlDocument:
    """The records are the elements of one name beside each other that say the most, or the one
    element that alone says as much: XML does not tell a list of one from an object.

    Raises ``GiveUp`` for what is no XML.
    """

    def __init__(self, body: bytes) -> None:
        self._root = xml.parse(body).node

    @property
    def records(self) -> Sequence[ElementRecord]:
        return max(_alike(self._root), key=lambda alike: sum(map(_said, alike)))

    def reorder(self, order: Callable[[list[Any]], list[Any]]) -> None:
        """The records in another order, or some of them again."""
        nodes = [record.node for record in self.records]
        if len(nodes) == 1:
            return
        parent = nodes[0].getparent()
        at = parent.index(nodes[0])
        for node in nodes:
            parent.remove(node)
        parent[at:at] = map(deepcopy, order(nodes))

    def written(self) -> bytes:
        """The document as it is now."""
        return bytes(etree.tostring(self._root, encoding="utf-8", xml_declaration=True))


def _alike(root: Any) -> Iterator[Sequence[ElementRecord]]:
    yield [ElementRecord(root)]
    for parent in root.iter():
        alike: dict[str, list[ElementRecord]] = {}
        for child in parent:
            if _is_record(child):
                alike.setdefault(child.tag, []).append(ElementRecord(child))
        yield from alike.values()


def _said(record: ElementRecord) -> int:
    return sum(isinstance(value, str) for value in record.values())


def _is_record(node: Any) -> bool:
    return len(node) > 0 or bool(node.attrib)


def _value(node: Any) -> Any:
    return ElementRecord(node) if _is_record(node) else (node.text or "").strip()


def _written(tag: str, value: Any) -> Any:
    """An element for a value: a record that is only moved stays as it is."""
    if isinstance(value, ElementRecord):
        value.node.tag = tag
        return value.node
    node = etree.Element(tag)
    if isinstance(value, Mapping):
        node.extend([_written(_beside(tag, name), one) for name, one in value.items()])
    elif isinstance(value, list):
        node.extend([_written(_beside(tag, "item"), one) for one in value])
    else:
        node.text = value
    return node


def _beside(tag: str, name: str) -> str:
    return str(etree.QName(etree.QName(tag).namespace, name))


def _local(name: Any) -> str:
    return str(etree.QName(name).localname)
