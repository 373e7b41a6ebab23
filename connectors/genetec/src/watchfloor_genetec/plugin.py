"""The hook by which the worker finds this connector."""

from __future__ import annotations

from watchfloor_sdk import hookimpl

from .connector import Genetec


@hookimpl
def watchfloor_connector() -> type[Genetec]:
    """The connector of this package."""
    return Genetec
