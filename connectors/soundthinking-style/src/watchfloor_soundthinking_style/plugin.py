"""The hook by which the worker finds this connector."""

from __future__ import annotations

from watchfloor_sdk import hookimpl

from .connector import SoundthinkingStyle


@hookimpl
def watchfloor_connector() -> type[SoundthinkingStyle]:
    """The connector of this package."""
    return SoundthinkingStyle
