"""A platform in the style of Fusus on loopback, for tests and demonstrations."""

from .simulator import FususStyleSimulator

__all__ = ["FususStyleSimulator"]
