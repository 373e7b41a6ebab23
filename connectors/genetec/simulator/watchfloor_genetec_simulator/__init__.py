"""A simulated Security Center: Web SDK, and AutoVu's exported files."""

from .simulator import GenetecSimulator

__all__ = ["GenetecSimulator"]
