"""Watchfloor connector: alerts delivered by electronic mail."""
