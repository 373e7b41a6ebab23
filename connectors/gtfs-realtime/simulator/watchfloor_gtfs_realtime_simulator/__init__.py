"""A simulated transit agency (or an agency's own vehicle location) that serves GTFS-Realtime."""

from .simulator import GtfsRealtimeSimulator

__all__ = ["GtfsRealtimeSimulator"]
