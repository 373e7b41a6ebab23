"""The compiled validators of the hot path: offline, formats checked, patterns in linear time."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any, Protocol

import jsonschema_rs

from watchfloor.contracts import KINDS, schemas


class Compiled(Protocol):
    """A compiled schema."""

    def is_valid(self, instance: Any) -> bool:
        """Whether a parsed document keeps to it."""


class Validators:
    """One compiled validator an event type, envelope and data together, and one for assets."""

    def __init__(self) -> None:
        self._by_type = {kind.type: compiled(_whole(kind.type)) for kind in KINDS}

    def for_type(self, type: str) -> Compiled | None:
        """For whole events of a type; ``None`` when this hub does not know it."""
        return self._by_type.get(type)

    def asset(self) -> Compiled:
        """For assets."""
        return self._asset

    def explain(self, name: str, document: object) -> str:
        """What is wrong with an ``event`` or ``asset``, in one line. Slow: for what was refused."""
        return "; ".join(schemas.explain(name, document))

    @cached_property
    def _asset(self) -> Compiled:
        return compiled(schemas.schema("asset"))


def _whole(type: str) -> dict[str, Any]:
    """The event's schema with the data of one type instead of the choice by type."""
    data = f"urn:watchfloor:schema:{type.removeprefix('watchfloor.')}"
    one = {"properties": {"type": {"const": type}, "data": {"$ref": data}}}
    return {**schemas.schema("event"), "$id": f"{data}:event", "allOf": [one]}


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(s["$id"], s) for s in map(schemas.schema, schemas.names())])


def compiled(schema: dict[str, Any]) -> Compiled:
    """A schema ready for the hot path. It may refer to the contracts' schemas, to nothing else."""
    return jsonschema_rs.Draft202012Validator(
        schema,
        registry=_registry(),
        offline=True,
        validate_formats=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )
