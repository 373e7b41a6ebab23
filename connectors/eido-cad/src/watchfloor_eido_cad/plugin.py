"""How the hub finds the connector."""

from watchfloor_sdk import hookimpl

from .connector import EidoCad


@hookimpl
def watchfloor_connector() -> type[EidoCad]:
    """The class of this connector."""
    return EidoCad
