"""Retention: data goes when its time is up, and that it went can be proven.

Caps and floors by kind, source and handling class; holds; the purge; receipts of deletion; and
criminal intelligence, which is a class of its own.
"""

from .covered import Covered, Held, covered
from .holds import HoldDesk, document
from .intel import IntelDesk, Recipient, Submission, notice_document
from .job import Progress, PurgeJob
from .kinds import EVENTS, LEDGERS, MOVEMENTS, OF_ITS_SOURCE, RECORDS
from .limits import DAY, Cap, Floor, Limits, longest, shortest
from .plan import Line, lines, words
from .presets import CAUTION, Preset, preset, presets
from .proofs import (
    LEAF,
    blind_of,
    commitment,
    identity,
    proof_document,
    proves,
    receipt_document,
)
from .schedule import InForce, OwnRule, Schedule, SwitchedOn, in_force, read
from .service import Retention

__all__ = [
    "CAUTION",
    "DAY",
    "EVENTS",
    "LEAF",
    "LEDGERS",
    "MOVEMENTS",
    "OF_ITS_SOURCE",
    "RECORDS",
    "Cap",
    "Covered",
    "Floor",
    "Held",
    "HoldDesk",
    "InForce",
    "IntelDesk",
    "Limits",
    "Line",
    "OwnRule",
    "Preset",
    "Progress",
    "PurgeJob",
    "Recipient",
    "Retention",
    "Schedule",
    "Submission",
    "SwitchedOn",
    "blind_of",
    "commitment",
    "covered",
    "document",
    "identity",
    "in_force",
    "lines",
    "longest",
    "notice_document",
    "preset",
    "presets",
    "proof_document",
    "proves",
    "read",
    "receipt_document",
    "shortest",
    "words",
]
