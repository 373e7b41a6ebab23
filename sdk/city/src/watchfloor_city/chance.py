"""Chance that can be repeated: every part of a city has its own random stream.

A part draws from its own stream alone, so switching one part off leaves the others as they were.
"""

from __future__ import annotations

import math
from random import Random


def stream(seed: int | str, *part: object) -> Random:
    """The random numbers of one part. The same in every process and on every machine."""
    return Random("/".join(map(str, (seed, *part))))


def poisson(rng: Random, mean: float) -> int:
    """How many of something happen when ``mean`` are expected (normal above 60: near enough)."""
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, left = 0, rng.random()
    chance = math.exp(-mean)
    while left > chance:
        count += 1
        left *= rng.random()
    return count
