"""Writes the first version of a connector's package, which passes its own tests as it stands."""

from .generate import DECLARATIVE, Kind, Plan, write

__all__ = ["DECLARATIVE", "Kind", "Plan", "write"]
