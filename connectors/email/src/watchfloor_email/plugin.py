"""The hook by which the worker finds this connector."""

from watchfloor_sdk import hookimpl

from .connector import Email


@hookimpl
def watchfloor_connector() -> type[Email]:
    """The connector of this package."""
    return Email
