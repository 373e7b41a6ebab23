"""A simulated Verkada organisation: Command API and signed webhooks."""

from .simulator import VerkadaSimulator

__all__ = ["VerkadaSimulator"]
