"""Watchfloor: the open, vendor-agnostic hub of a real-time crime centre."""

__version__ = "0.1.0"
