"""The normative JSON Schemas (draft 2020-12), as package data beside this file.

They refer to one another by ``urn:watchfloor:schema:<name>``, which is answered from this package
and from nowhere else: no schema is ever fetched.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from referencing import Registry

__all__ = ["explain", "names", "registry", "schema", "validator"]

# The last three import jsonschema when first called: most workers never check anything, and it
# would cost each of them 6 MiB and a third of its start.


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema called ``name``, such as ``event`` or ``lpr.read.v1``. Raises ``KeyError``."""
    path = files(__package__) / f"{name}.schema.json"
    if not path.is_file():
        raise KeyError(name)
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


@cache
def names() -> tuple[str, ...]:
    """All schema names, sorted."""
    suffix = ".schema.json"
    entries = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(suffix) for name in entries if name.endswith(suffix)))


@cache
def registry() -> Registry[Any]:
    """All schemas by their urn. It retrieves nothing: an unknown reference is an error."""
    from .checking import make_registry

    return make_registry(map(schema, names()))


@cache
def validator(name: str) -> Validator:
    """A validator that checks formats and stays offline. Raises ``KeyError``.

    Thorough and slow: for messages, manifests and tests. The hot path has its own.
    """
    from .checking import make_validator

    return make_validator(schema(name), registry())


def explain(name: str, document: Any, at_most: int = 5) -> list[str]:
    """What is wrong with ``document``, in plain words, each with the path of the field:
    ``data.place.point.0: 181.2 is more than 180``. Empty when nothing is.

    ``event`` checks the data of known types as well. No text value is quoted, because it may be
    a plate, a name or a secret.
    """
    from .words import reasons

    return reasons(validator(name).iter_errors(document), at_most)
