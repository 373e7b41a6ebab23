"""The hook by which the worker finds this connector."""

from watchfloor_sdk import hookimpl

from .connector import CadWrite


@hookimpl
def watchfloor_connector() -> type[CadWrite]:
    """The connector of this package."""
    return CadWrite
