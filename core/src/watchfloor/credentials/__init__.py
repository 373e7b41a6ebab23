"""Credentials over time: who uses them, until when they serve, how they are replaced.

``UseLedger`` tells who has which in hand; ``Calendar`` what runs out and when; ``Rotation``
replaces a value while the one before it is still taken; ``upkeep`` makes repairs of what is due,
credentials and budgets alike.
"""

from .calendar import Calendar, Due
from .ledger import LeaseView, UseLedger
from .rotation import Rotation, RotationView
from .upkeep import upkeep

__all__ = [
    "Calendar",
    "Due",
    "LeaseView",
    "Rotation",
    "RotationView",
    "UseLedger",
    "upkeep",
]
