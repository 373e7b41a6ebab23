"""A simulated registry that the connector ``camera-registry`` reads."""

from .desk import reference_of
from .simulator import CameraRegistrySimulator

__all__ = ["CameraRegistrySimulator", "reference_of"]
