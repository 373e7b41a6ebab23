"""Writes the first version of a connector's package, which passes its own tests as it stands."""

from .generate import Kind, Plan, write

__all__ = ["Kind", "Plan", "write"]
