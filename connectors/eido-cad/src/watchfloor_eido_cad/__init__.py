"""Watchfloor connector ``eido-cad``: incidents and units from NENA EIDO snapshots, and back."""

from .connector import EidoCad
from .settings import Settings
from .writing import UnitState, to_eido

__all__ = ["EidoCad", "Settings", "UnitState", "to_eido"]
