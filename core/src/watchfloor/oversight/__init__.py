"""Oversight: misuse that no single decision shows is looked for in the audit log, and what is found
or drawn by lot waits for somebody who had no part in it.

``Oversight`` is what the rest of the hub asks; detectors are pure functions over a ``Window``.
"""

from .detectors import DETECTORS, detect
from .looks import DAY, Flag, Look, Window, is_look
from .lots import SHARE, agrees, drawn, how_many
from .service import DUE_AFTER, USUAL, Oversight
from .signing import may_review
from .weeks import Week, week_of

__all__ = [
    "DAY",
    "DETECTORS",
    "DUE_AFTER",
    "SHARE",
    "USUAL",
    "Flag",
    "Look",
    "Oversight",
    "Week",
    "Window",
    "agrees",
    "detect",
    "drawn",
    "how_many",
    "is_look",
    "may_review",
    "week_of",
]
