"""The rules. Importing this enters them into the table; a module each for what they look at."""

from watchfloor_sdk.check.rule import RULES

from . import data, papers, running, secrecy, trouble

__all__ = ["data", "papers", "running", "secrecy", "trouble"]

_sorted = sorted(RULES.items())
RULES.clear()
RULES.update(_sorted)
