"""Ingest: decode, validate, normalise, file, acknowledge.

Events, dedupe keys and the worker's checkpoint commit together; only then is the batch
acknowledged and told to the bus. What cannot be accepted goes to the dead letters with its
original bytes and never blocks the good ones.
"""

from .prepare import MAX_EVENT, Keeps, Origin, Preparer, Refusal
from .service import Ingest, Redriven
from .validation import Validators

__all__ = [
    "MAX_EVENT",
    "Ingest",
    "Keeps",
    "Origin",
    "Preparer",
    "Redriven",
    "Refusal",
    "Validators",
]
