"""The contracts: what crosses a border between hub, connectors, consoles and neighbours.

Pure values: no I/O, no framework. Each contract is a JSON Schema in ``schemas/`` (normative) and a
typed class here. They change by adding; a breaking change is a new version beside the old one.
"""

from . import normal, protocol, rpc, schemas
from .action import ActionReceipt, ActionRequest
from .asset import AccessTerms, Asset, AssetKind, FieldOfView
from .credential import CredentialDeclaration, CredentialKind, CredentialLease
from .errors import AskAPerson, GiveUp, NotFound, Refused, RetryLater, WatchfloorError
from .event import (
    CadIncident,
    CameraStatus,
    Coded,
    Contract,
    Correction,
    Event,
    Gunshot,
    Handling,
    Media,
    Note,
    Place,
    PlateHit,
    PlateRead,
    Point,
    Retraction,
    UnitStatus,
    Vehicle,
    VehiclePosition,
    decode_event,
)
from .kinds import (
    BY_DATA,
    BY_NAME,
    BY_TYPE,
    KEY_KINDS,
    KINDS,
    Key,
    Kind,
    Near,
    headline_of,
    nowhere,
)
from .lookup import LookupAnswer, LookupRequest, LookupResult, Purpose
from .manifest import Cadence, Capability, Impact, Manifest, WebhookRecipe
from .moments import micros, rfc3339
from .summary import Summary, summarise

__all__ = [
    "BY_DATA",
    "BY_NAME",
    "BY_TYPE",
    "KEY_KINDS",
    "KINDS",
    "AccessTerms",
    "ActionReceipt",
    "ActionRequest",
    "AskAPerson",
    "Asset",
    "AssetKind",
    "CadIncident",
    "Cadence",
    "CameraStatus",
    "Capability",
    "Coded",
    "Contract",
    "Correction",
    "CredentialDeclaration",
    "CredentialKind",
    "CredentialLease",
    "Event",
    "FieldOfView",
    "GiveUp",
    "Gunshot",
    "Handling",
    "Impact",
    "Key",
    "Kind",
    "LookupAnswer",
    "LookupRequest",
    "LookupResult",
    "Manifest",
    "Media",
    "Near",
    "NotFound",
    "Note",
    "Place",
    "PlateHit",
    "PlateRead",
    "Point",
    "Purpose",
    "Refused",
    "Retraction",
    "RetryLater",
    "Summary",
    "UnitStatus",
    "Vehicle",
    "VehiclePosition",
    "WatchfloorError",
    "WebhookRecipe",
    "decode_event",
    "headline_of",
    "micros",
    "normal",
    "nowhere",
    "protocol",
    "rfc3339",
    "rpc",
    "schemas",
    "summarise",
]
