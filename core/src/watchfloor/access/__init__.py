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
    "operator_of",
    "purpose_needed",
]
