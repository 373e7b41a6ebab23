"""The one door: who, may they, record, do."""

from .door import PERSONAL, Door, operator_of, purpose_needed
from .model import (
    About,
    Asking,
    Grant,
    PurposeRule,
    Purposes,
    Recorder,
    Recording,
    SecondPeople,
    Weighed,
    Weighing,
)
from .shown import in_lines

__all__ = [
    "PERSONAL",
    "About",
    "Asking",
    "Door",
    "Grant",
    "PurposeRule",
    "Purposes",
    "Recorder",
    "Recording",
    "SecondPeople",
    "Weighed",
    "Weighing",
    "in_lines",
    "operator_of",
    "purpose_needed",
]
