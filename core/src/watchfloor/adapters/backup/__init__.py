"""Backups of a data directory: taken while the hub runs, sealed with a key a day, proven by reading
them back."""

from . import database
from .check import checked
from .escrow import Escrow, opened
from .expiry import expire
from .keys import DayKeys
from .manifest import Counts, Manifest
from .place import FOLDER, RESTORED, Place
from .register import Register, Taken
from .restore import restore
from .take import take

__all__ = [
    "FOLDER",
    "RESTORED",
    "Counts",
    "DayKeys",
    "Escrow",
    "Manifest",
    "Place",
    "Register",
    "Taken",
    "checked",
    "database",
    "expire",
    "opened",
    "restore",
    "take",
]
