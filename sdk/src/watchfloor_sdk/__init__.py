"""What a connector for Watchfloor is written with.

``connector.py`` shows one in ten lines. ``docs/worker-protocol.md`` is what happens underneath.
"""

from watchfloor.contracts import (
    AccessTerms,
    AskAPerson,
    Asset,
    CadIncident,
    CameraStatus,
    Coded,
    Correction,
    Event,
    FieldOfView,
    GiveUp,
    Gunshot,
    Handling,
    Media,
    Note,
    NotFound,
    Place,
    PlateHit,
    PlateRead,
    Point,
    Refused,
    Retraction,
    RetryLater,
    UnitStatus,
    Vehicle,
    VehiclePosition,
    WatchfloorError,
)
from watchfloor.contracts.protocol import Finding

from . import mapping
from .connector import (
    Connector,
    Delivery,
    Inventory,
    MediaAnswer,
    Page,
    Rejected,
    hookimpl,
)
from .context import Context, Log
from .mapping_files import MappingFiles, MappingPart

__all__ = [
    "AccessTerms",
    "AskAPerson",
    "Asset",
    "CadIncident",
    "CameraStatus",
    "Coded",
    "Connector",
    "Context",
    "Correction",
    "Delivery",
    "Event",
    "FieldOfView",
    "Finding",
    "GiveUp",
    "Gunshot",
    "Handling",
    "Inventory",
    "Log",
    "MappingFiles",
    "MappingPart",
    "Media",
    "MediaAnswer",
    "NotFound",
    "Note",
    "Page",
    "Place",
    "PlateHit",
    "PlateRead",
    "Point",
    "Refused",
    "Rejected",
    "Retraction",
    "RetryLater",
    "UnitStatus",
    "Vehicle",
    "VehiclePosition",
    "WatchfloorError",
    "hookimpl",
    "mapping",
]
