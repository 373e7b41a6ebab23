"""Gaps: intervals per source without assured data, so that "no data" never reads as "no hits"."""

from .service import GapKeeper

__all__ = ["GapKeeper"]
