"""Sources: what the agency has configured, and how each of it fares."""

from .redrive import REMEDIES, Redrive
from .service import PUSH, Door, Sources
from .view import SourceGap, SourceView

__all__ = ["PUSH", "REMEDIES", "Door", "Redrive", "SourceGap", "SourceView", "Sources"]
