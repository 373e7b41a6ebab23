"""The hook by which the worker finds this connector."""

from watchfloor_sdk import hookimpl

from .connector import NletsStyle


@hookimpl
def watchfloor_connector() -> type[NletsStyle]:
    """The connector of this package."""
    return NletsStyle
