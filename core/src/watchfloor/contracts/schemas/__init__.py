"""The normative JSON Schemas (draft 2020-12), as package data beside this file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


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
