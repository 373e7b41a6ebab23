"""Watchfloor connector ``cad-file``: calls for service from a CSV export, with a mapping file."""

from .connector import CadFile
from .settings import Settings

__all__ = ["CadFile", "Settings"]
