"""A simulated Verkada organisation: Command API and signed webhooks."""

from .organisation import Motion
from .simulator import VerkadaSimulator

__all__ = ["Motion", "VerkadaSimulator"]
