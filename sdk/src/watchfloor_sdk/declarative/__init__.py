"""Declarative connectors: a manifest and a mapping file instead of Python.

``docs/declarative.md`` says how to write one. A package that holds ``connector.json`` and
``source.json`` is a connector; its entry point names the package.
"""

from .connector import Declarative
from .loading import Plan, connector_of
from .mapper import Mapped, Mapper, Scope
from .plan import SourceFile

__all__ = [
    "Declarative",
    "Mapped",
    "Mapper",
    "Plan",
    "Scope",
    "SourceFile",
    "connector_of",
]
