"""Small counts held back, so that nobody is found by them, nor by what is left when the rest is
taken from the total.

Cells of one to four are shown as ``<5``. As the total is published, further cells are held back,
the smallest first, until each small one could still be anything from one to four (complementary
suppression, as statistical offices do it: Federal Committee on Statistical Methodology, Statistical
Policy Working Paper 22, chapter IV).
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import SMALL, WITHHELD, Row, Shown

LEAST = 5


def shown(counts: Mapping[str, int]) -> list[Row]:
    """The rows as they are published, by label."""
    small = {label for label, count in counts.items() if 0 < count < LEAST}
    extra = _held_back(counts, small)
    if extra is None:
        return [Row(label, WITHHELD if counts[label] else 0) for label in sorted(counts)]
    return [Row(label, _cell(label, counts, small, extra)) for label in sorted(counts)]


def total(counts: Mapping[str, int]) -> Shown:
    """The sum, as it is published."""
    whole = sum(counts.values())
    return SMALL if 0 < whole < LEAST else whole


def _cell(label: str, counts: Mapping[str, int], small: set[str], extra: set[str]) -> Shown:
    if label in small:
        return SMALL
    return WITHHELD if label in extra else counts[label]


def _held_back(counts: Mapping[str, int], small: set[str]) -> set[str] | None:
    """What else is held back; ``None`` where even everything would give a small one away."""
    extra: set[str] = set()
    others = sorted((label for label in counts if counts[label] >= LEAST), key=lambda x: counts[x])
    total_small = 0 < sum(counts.values()) < LEAST  # it is not published exactly itself
    while small and not total_small and not _open(counts, small, extra):
        if len(extra) == len(others):
            return None
        extra.add(others[len(extra)])
    return extra


def _open(counts: Mapping[str, int], small: set[str], extra: set[str]) -> bool:
    """Whether every small cell could be one to four, for all that the published rest says."""
    hidden = sum(counts[label] for label in small | extra)
    least = (len(small) - 1) + LEAST * len(extra)
    most = float("inf") if extra else (LEAST - 1) * (len(small) - 1)
    return hidden - least >= LEAST - 1 and hidden - most <= 1
