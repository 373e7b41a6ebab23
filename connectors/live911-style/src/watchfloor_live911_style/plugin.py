"""The hook by which the worker finds this connector."""

from watchfloor_sdk import hookimpl

from .connector import Live911Style


@hookimpl
def watchfloor_connector() -> type[Live911Style]:
    """The connector of this package."""
    return Live911Style
