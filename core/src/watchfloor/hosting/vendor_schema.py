"""Schemas that connectors bring: of their settings, of a look-up's filters, of an action's
parameters.

Whoever wrote them is not trusted, and they are used in the hub itself. So what they can cost is
bounded before they are used: nothing is fetched, patterns match in linear time (one that cannot,
with look-around or a reference back, is refused), and a schema that unfolds to more than
``MOST_PARTS`` parts, or into itself, is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

DEEPEST = 32
MOST_PARTS = 10_000
_ERRORS = 20
_LINEAR = " that matches in linear time (no look-around, no reference back)"
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` with why a schema cannot be used."""
    _Unfolding(schema).parts(schema)
    _compiled(schema)


def misfit(schema: Mapping[str, Any], document: Any) -> tuple[str, str] | None:
    """Where a document does not fit (``limits.north``; empty for the whole) and why; ``None`` when
    it fits. The schema has been checked. Why may quote the document."""
    errors = list(islice(_compiled(schema).iter_errors(document), _ERRORS))
    if not errors:
        return None
    # "None of the alternatives" says the least: anything else is nearer to what is wrong.
    error = min(errors, key=lambda one: one.schema_path[-1] in ("oneOf", "anyOf"))
    return ".".join(map(str, error.instance_path)), error.message


def _compiled(schema: Mapping[str, Any]) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(
            dict(schema), offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(_said(error)) from None


def _said(error: Any) -> str:
    where = ".".join(map(str, getattr(error, "instance_path", ())))
    why = str(getattr(error, "message", error))
    more = _LINEAR if why.endswith('is not a "regex"') else ""
    return f"{where or 'it'}: {why}{more}"


class _Unfolding:
    """Counts the parts of a schema as if each reference were replaced by what it refers to."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[str, int] = {}
        self._open: set[str] = set()

    def parts(self, node: Any, depth: int = 0) -> int:
        """Of one node and all below it. Raises ``ValueError`` where they are too many."""
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        if not isinstance(node, (dict, list)):
            return 1
        children = node if isinstance(node, list) else node.values()
        count = 1 + sum(self.parts(child, depth + 1) for child in children)
        if isinstance(node, dict):
            if depth and isinstance(node.get("$id"), str):
                raise ValueError("it holds a schema with an $id of its own")
            places = [node[word] for word in _REFERENCES if isinstance(node.get(word), str)]
            count += sum(self._behind(place, depth + 1) for place in places)
        if count > MOST_PARTS:
            raise ValueError(f"it unfolds to more than {MOST_PARTS} parts")
        return count

    def _behind(self, reference: str, depth: int) -> int:
        if reference in self._open:
            raise ValueError(f"{reference[:80]} refers to itself")
        if reference not in self._known:
            self._open.add(reference)
            self._known[reference] = self.parts(self._target(reference), depth)
            self._open.discard(reference)
        return self._known[reference]

    def _target(self, reference: str) -> Any:
        node: Any = self._root
        try:
            if reference != "#" and not reference.startswith("#/"):
                raise KeyError(reference)
            for step in unquote(reference).split("/")[1:]:
                key = step.replace("~1", "/").replace("~0", "~")
                node = node[int(key)] if isinstance(node, list) else node[key]
        except (KeyError, IndexError, ValueError, TypeError):
            words = f"its schema refers to {reference[:200]}, which is not part of it"
            raise ValueError(words) from None
        return node
