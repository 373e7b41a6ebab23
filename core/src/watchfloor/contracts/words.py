"""Words that are required: a point, or a space of no width, says nothing."""

from __future__ import annotations

import re

SAID = r"[^\W_\u115f\u1160\u3164\uffa0]"
"""A letter or digit of any script; those named are letters that nobody sees."""


def says_something(text: str | None) -> bool:
    """Whether there is a letter or a digit in it."""
    return text is not None and re.search(SAID, text) is not None
