"""A simulated registry that the connector ``camera-registry`` reads."""

from .simulator import CameraRegistrySimulator

__all__ = ["CameraRegistrySimulator"]
