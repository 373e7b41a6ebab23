"""Watchfloor connector ``camera-registry``: cameras from a registry as CSV, JSON or GeoJSON."""

from .connector import CameraRegistry
from .settings import Settings

__all__ = ["CameraRegistry", "Settings"]
