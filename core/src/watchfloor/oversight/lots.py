"""Drawing by lot, so that anybody can draw again.

The root of a checkpoint that was signed after the week ended decides: nobody knew it while the week
lasted, and whoever has the log's records of the week and that root draws the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from math import ceil

SHARE = 0.01
"""Of a week's look-ups, at least (as the yearly audit of one per cent that MPD GO-OPS-303.09 asks
for, but weekly)."""


def how_many(looks: int, least: int) -> int:
    """How many are drawn."""
    return min(looks, max(least, ceil(SHARE * looks)))


def drawn(root: str, indices: Collection[int], count: int) -> list[int]:
    """The ``count`` records whose SHA-256 of ``root/index`` (root in hex, index in decimal) is
    lowest, in the log's order."""
    return sorted(sorted(indices, key=lambda index: _lot(root, index))[:count])


def agrees(root: str, indices: Collection[int], said: Iterable[int]) -> bool:
    """Whether a drawing was made so."""
    said = sorted(said)
    return drawn(root, indices, len(said)) == said


def _lot(root: str, index: int) -> str:
    return hashlib.sha256(f"{root}/{index}".encode()).hexdigest()
