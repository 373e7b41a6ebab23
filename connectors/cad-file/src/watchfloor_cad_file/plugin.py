"""How the hub finds the connector."""

from watchfloor_sdk import hookimpl

from .connector import CadFile


@hookimpl
def watchfloor_connector() -> type[CadFile]:
    """The class of this connector."""
    return CadFile
