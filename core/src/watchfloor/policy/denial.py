"""A no that helps: a code to quote, why, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .asked import Asked


@dataclass(frozen=True, slots=True)
class Denial:
    """``reason`` is a stable code. ``remedy`` says what would be allowed; whom to ask is added
    where ``lacks_access``."""

    reason: str
    detail: str
    remedy: str = ""
    lacks_access: bool = True


Check = Callable[[Asked], Denial | None]
"""Looks at one question; ``None`` has nothing against it."""


def first_denial(checks: tuple[Check, ...], asked: Asked) -> Denial | None:
    """The first no, in the order of the checks."""
    for check in checks:
        denial = check(asked)
        if denial is not None:
            return denial
    return None
