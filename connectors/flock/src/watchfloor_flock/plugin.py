"""The hook by which the worker finds this connector."""

from __future__ import annotations

from watchfloor_sdk import hookimpl

from .connector import Flock


@hookimpl
def watchfloor_connector() -> type[Flock]:
    """The connector of this package."""
    return Flock
