"""A simulated dispatch system that serves EIDOs to the connector ``eido-cad``."""

from .simulator import EidoCadSimulator

__all__ = ["EidoCadSimulator"]
