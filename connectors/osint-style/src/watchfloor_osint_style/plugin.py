"""The hook by which the worker finds this connector."""

from watchfloor_sdk import hookimpl

from .connector import OsintStyle


@hookimpl
def watchfloor_connector() -> type[OsintStyle]:
    """The connector of this package."""
    return OsintStyle
