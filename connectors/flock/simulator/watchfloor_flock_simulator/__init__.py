"""A simulated organisation at Flock: API v3 and hot-list alert webhooks."""

from .simulator import FlockSimulator

__all__ = ["FlockSimulator"]
