"""The hook by which the worker finds this connector."""

from __future__ import annotations

from watchfloor_sdk import hookimpl

from .connector import GtfsRealtime


@hookimpl
def watchfloor_connector() -> type[GtfsRealtime]:
    """The connector of this package."""
    return GtfsRealtime
