"""Calls for service from exports or a database: ``connector.json`` and mapping files, no code."""
