"""A simulated call-taking system that pushes 911 calls to the connector ``live911-style``."""

from .script import Message
from .simulator import Live911StyleSimulator

__all__ = ["Live911StyleSimulator", "Message"]
