"""How the hub finds the connector."""

from watchfloor_sdk import hookimpl

from .connector import CameraRegistry


@hookimpl
def watchfloor_connector() -> type[CameraRegistry]:
    """The class of this connector."""
    return CameraRegistry
