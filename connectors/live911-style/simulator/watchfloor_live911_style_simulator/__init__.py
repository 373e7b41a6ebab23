"""A simulated call-taking system that tells 911 calls to the connector ``live911-style``."""

from .script import Caller
from .simulator import Live911StyleSimulator

__all__ = ["Caller", "Live911StyleSimulator"]
