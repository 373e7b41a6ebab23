"""Which files and folders an instance may read: what its settings name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORMAT = "path"
"""The ``format`` by which a setting in ``config_schema`` says that it is a path (of a file or a
folder that is read), or that each of its items is."""


def named_paths(schema: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """The paths in a configuration."""
    found: list[str] = []
    for name, declared in schema.get("properties", {}).items():
        if not isinstance(declared, Mapping):
            continue
        value = config.get(name, declared.get("default"))
        items = declared.get("items")
        if declared.get("format") == FORMAT:
            found += [value] if isinstance(value, str) and value else []
        elif isinstance(items, Mapping) and items.get("format") == FORMAT:
            found += [each for each in value or () if isinstance(each, str) and each]
    return found
