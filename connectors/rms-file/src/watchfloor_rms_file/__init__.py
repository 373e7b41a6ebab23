"""Incident reports from a CSV export: ``connector.json`` and ``source.json``, no code."""
