"""The rules. Importing this enters them into the table; a module each for what they look at."""

from watchfloor_sdk.check.rule import RULES

from . import papers, running, secrecy

__all__ = ["papers", "running", "secrecy"]

_sorted = sorted(RULES.items())
RULES.clear()
RULES.update(_sorted)
