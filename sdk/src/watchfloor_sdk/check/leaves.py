"""JSON as the values at its ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """``/place/point/*`` → value. All members of a list share one path."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, f"{path}/{name}")
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, f"{path}/*")
    else:
        yield path, value
