"""NENA Emergency Incident Data Objects (EIDO, NENA-STA-021.1b-2022, schema version 1.0).

    found = eido.decode(body)
    for call in found.call_component:
        where = eido.best(eido.referred(found.location_component, call.location_reference),
                          ["Caller", "RoutingLocation"]).place

An EIDO is the state of one incident now, in components that refer to one another by ``$id``: the
classes here have the fields that are read or written, under the standard's names. ``Author`` writes
them. How they are conveyed (NENA-STA-024.1a, subscribe and notify over a WebSocket) is in
``watchfloor_sdk.eido.conveyance``. Reading a place needs the extra ``[xml]``, the conveyance
``[websocket]``.
"""

from .narrative import escaped, plain
from .parts import (
    MIME,
    VERSION,
    AdditionalData,
    Agency,
    Agent,
    Call,
    Callback,
    Component,
    Disposition,
    Eido,
    Incident,
    Instant,
    Location,
    Media,
    Notes,
    Person,
    Reference,
    References,
    Resource,
    Vehicle,
    decode,
    encode,
    several,
)
from .reading import Found, best, notes, referred, telephone, times, trimmed
from .writing import Author, call_id, tracking_id

__all__ = [
    "MIME",
    "VERSION",
    "AdditionalData",
    "Agency",
    "Agent",
    "Author",
    "Call",
    "Callback",
    "Component",
    "Disposition",
    "Eido",
    "Found",
    "Incident",
    "Instant",
    "Location",
    "Media",
    "Notes",
    "Person",
    "Reference",
    "References",
    "Resource",
    "Vehicle",
    "best",
    "call_id",
    "decode",
    "encode",
    "escaped",
    "notes",
    "plain",
    "referred",
    "several",
    "telephone",
    "times",
    "tracking_id",
    "trimmed",
]
