"""The test kit for connectors: a context, a hub in memory, the contract test."""

from .contexts import TestHub, context

__all__ = ["TestHub", "context"]
