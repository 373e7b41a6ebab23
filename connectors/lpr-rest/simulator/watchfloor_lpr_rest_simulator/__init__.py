"""A simulated vendor that speaks the plate-read interface of the connector ``lpr-rest``."""

from .simulator import LprRestSimulator

__all__ = ["LprRestSimulator"]
