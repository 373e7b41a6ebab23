"""Shared cameras, registrations and alerts in the style of Fusus: two JSON files, no code."""
