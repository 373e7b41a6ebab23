"""A simulated dispatch system that writes the export which the connector ``cad-file`` reads."""

from .simulator import CadFileSimulator

__all__ = ["CadFileSimulator"]
