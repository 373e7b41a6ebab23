"""The rules. Importing this enters them into the table; a module each for what they look at."""

from watchfloor_sdk.check.rule import RULES

from . import (
    cassettes,
    data,
    endurance,
    golden,
    papers,
    requests,
    running,
    secrecy,
    trouble,
    webhooks,
)

__all__ = [
    "cassettes", "data", "endurance", "golden", "papers", "requests", "running", "secrecy",
    "trouble", "webhooks",
]  # fmt: skip

_sorted = sorted(RULES.items())
RULES.clear()
RULES.update(_sorted)
