"""What is usual: medians and their spread, which one wild value does not move.

The median absolute deviation, scaled by 1.4826, is the standard deviation where values are normal
(Hampel 1974; NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from statistics import median

_NORMAL = 1.4826
_FAR = 5.0
"""Spreads above the median from which on a value is far out: chance alone reaches three often
enough to tire whoever reviews, five hardly ever."""


def bound(others: Sequence[float], least: float) -> float:
    """Above what a value is far above what others have: five spreads over their median, and at
    least ``least`` over it. Fewer than three others tell nothing, and nothing is above that."""
    if len(others) < 3:
        return inf
    middle = median(others)
    spread = _NORMAL * median(abs(each - middle) for each in others)
    return middle + max(_FAR * spread, least)
