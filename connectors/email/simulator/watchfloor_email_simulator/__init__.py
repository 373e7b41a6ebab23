"""A mail server on loopback, as far as submission needs it (RFC 5321, 3207, 4954)."""

from .letters import Letter, Play
from .simulator import EmailSimulator

__all__ = ["EmailSimulator", "Letter", "Play"]
