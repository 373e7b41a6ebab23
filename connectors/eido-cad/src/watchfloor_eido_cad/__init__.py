"""Watchfloor connector ``eido-cad``: incidents and units from NENA EIDO snapshots, and back."""

from .connector import EidoCad
from .settings import Settings
from .writing import Author, UnitState, to_eido

__all__ = ["Author", "EidoCad", "Settings", "UnitState", "to_eido"]
