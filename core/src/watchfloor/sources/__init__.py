"""Sources: what the agency has configured, and how each of it fares."""

from .service import PUSH, Door, Redrive, Sources
from .view import SourceGap, SourceView

__all__ = ["PUSH", "Door", "Redrive", "SourceGap", "SourceView", "Sources"]
