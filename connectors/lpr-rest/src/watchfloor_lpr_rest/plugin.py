"""The hook by which the worker finds this connector."""

from __future__ import annotations

from watchfloor_sdk import hookimpl

from .connector import LprRest


@hookimpl
def watchfloor_connector() -> type[LprRest]:
    """The connector of this package."""
    return LprRest
