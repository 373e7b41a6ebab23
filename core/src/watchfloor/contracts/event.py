"""The event: what one source says happened, in one CloudEvents 1.0 envelope.

The normative form is ``schemas/event.schema.json``; the classes here are the typed way to
write and read it. Three times are kept apart, because they answer different questions:

* ``time``: when it **occurred**, as well as the source knows.
* ``observedtime``: when the source's system **observed** it (a sensor fired, a clerk typed).
* ``recordedtime``: when the hub **recorded** it. Only the hub writes this one.

Uncertainty is data: a place carries its error in metres, a time its error in seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

Handling = Literal["public", "agency", "le-sensitive", "cji"]
"""Who may see it: anyone; this agency; law enforcement with a purpose; CJIS-controlled."""


def strictest(*classes: str) -> str:
    """The handling class of what is made of data of several classes."""
    return max(classes, key=get_args(Handling).index)


Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Point = tuple[Longitude, Latitude]
"""Longitude, latitude in degrees WGS 84: the order of GeoJSON (RFC 7946, section 3.1.1)."""

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment with its offset (RFC 3339). A time without a zone is refused, never guessed."""

Ratio = Annotated[float, Meta(ge=0, le=1)]
Metres = Annotated[float, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Degrees = Annotated[float, Meta(ge=0, le=360)]
Identifier = Annotated[
    str, Meta(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")
]
"""A name that is looked up, shown and logged: any letters, no control characters (CloudEvents
1.0.2, "Type system", forbids them in attributes). ``\\Z`` because ``$`` lets a last newline by."""

SourceName = Annotated[
    str,
    Meta(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*\Z"),
]
"""Which source speaks: a URI-reference (CloudEvents 1.0.2, ``source``), such as ``cad``."""

Plate = Annotated[str, Meta(min_length=1, max_length=32, pattern="[0-9A-Za-z]")]
"""A plate with at least one letter or digit to find it by; not ``---`` for "could not read"."""

ShortText = Annotated[str, Meta(max_length=1024)]
Words = Annotated[str, Meta(min_length=1, max_length=1024)]
"""A short text that a headline is made of, so never empty."""

LongText = Annotated[str, Meta(max_length=65536)]


class Contract(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of every contract class: named fields, absent when not known, nothing unnamed."""


class Place(Contract):
    """Where something is or was, and how sure that is.

    ``point`` may be absent (a vendor masks it) while ``address`` is known, or the reverse.
    ``error_m`` is the radius in metres that holds the true place with about 68 % certainty.
    """

    point: Point | None = None
    error_m: Metres | None = None
    address: ShortText | None = None
    precision: Literal["exact", "address", "block", "intersection", "area", "masked"] | None = None


class Media(Contract):
    """A reference to a picture, clip or recording; never the bytes.

    ``handle`` is what the connector needs to fetch it. ``sha256`` stands once the hub has
    fetched it. ``state`` says plainly when it can no longer be had.
    """

    handle: Annotated[str, Meta(min_length=1, max_length=4096)]
    kind: Literal["plate_picture", "vehicle_picture", "scene_picture", "clip", "audio"]
    owner: Identifier
    retention_class: Identifier
    content_type: ShortText | None = None
    expires: Instant | None = None
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None
    state: Literal["referenced", "fetched", "expired", "missing"] = "referenced"

    def __post_init__(self) -> None:
        if self.state == "fetched" and self.sha256 is None:
            raise ValueError("fetched media needs its sha256")


class Event(Struct, kw_only=True, omit_defaults=True, tag_field="specversion", tag="1.0"):
    """The CloudEvents 1.0 envelope (cloudevents/spec, v1.0.2) with the extensions we use.

    ``source`` and ``id`` together are the identity: the same pair is the same event, however
    often it is delivered. Extension attributes follow CloudEvents naming (a-z, 0-9 only).
    """

    id: Identifier
    source: SourceName
    type: Annotated[str, Meta(pattern=r"^[a-z0-9]+(\.[a-z0-9-]+)+\.v[1-9][0-9]*\Z", max_length=128)]
    time: Instant
    data: Any
    dataclassification: Handling
    subject: Identifier | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: ShortText | None = None
    observedtime: Instant | None = None
    recordedtime: Instant | None = None
    expirytime: Instant | None = None
    timeerror: Seconds | None = None
    correlationid: Identifier | None = None
    causationid: Identifier | None = None
    traceparent: (
        Annotated[str, Meta(pattern=r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")] | None
    ) = None


# --- What an event can be about -------------------------------------------------------------


class Coded(Contract):
    """A vendor's code beside its words and, where one exists, the common registry's value."""

    code: ShortText | None = None
    text: ShortText | None = None
    common: ShortText | None = None


class Note(Contract):
    """One line of a call's narrative."""

    text: LongText
    time: Instant | None = None
    author: ShortText | None = None


class CadIncident(Contract):
    """The current state of a call for service, never its history (NENA-STA-021.1b, EIDO).

    ``status`` and ``incident_type.common`` use the EIDO registries (IncidentStatus-Common,
    IncidentType-Common); ``status_text`` is the vendor's own word.
    ``centre_outcome`` is what the real-time crime centre answered.
    """

    call_number: Identifier
    status: Literal[
        "Active", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene",
        "ReOpened", "Closed", "Cancelled",
    ]  # fmt: skip
    incident_type: Coded
    status_text: ShortText | None = None
    initial_type: Coded | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] | None = None
    priority_text: ShortText | None = None
    place: Place | None = None
    beat: ShortText | None = None
    district: ShortText | None = None
    created: Instant | None = None
    dispatched: Instant | None = None
    arrived: Instant | None = None
    closed: Instant | None = None
    disposition: Coded | None = None
    self_initiated: bool | None = None
    units: list[Identifier] = []
    notes: list[Note] = []
    callback: ShortText | None = None
    plates: list[ShortText] = []
    centre_outcome: ShortText | None = None


class UnitStatus(Contract):
    """What a unit is doing. ``status`` is an EIDO SecondaryUnitStatus, ``primary`` a Primary."""

    unit: Identifier
    status: Words
    primary: Literal["Available", "ConditionallyAvailable", "NotAvailable"] | None = None
    call_number: Identifier | None = None
    place: Place | None = None


class Vehicle(Contract):
    """What a reader or witness says a vehicle looks like."""

    make: ShortText | None = None
    model: ShortText | None = None
    colour: ShortText | None = None
    body: ShortText | None = None


class PlateRead(Contract):
    """One sighting of a plate by one reader.

    ``plate`` is normalised by the hub (capitals and digits only); ``plate_as_read`` keeps what
    the vendor sent where that differs. ``region`` is ISO 3166-2, such as ``US-LA``.
    """

    plate: Plate
    reader: Identifier
    region: ShortText | None = None
    plate_as_read: ShortText | None = None
    confidence: Ratio | None = None
    place: Place | None = None
    heading_deg: Degrees | None = None
    vehicle: Vehicle | None = None
    media: list[Media] = []


class PlateHit(Contract):
    """A vendor's own hot-list hit. It starts unverified and stays so until a person looks."""

    plate: Plate
    reader: Identifier
    hot_list: Identifier
    reason: ShortText | None = None
    region: ShortText | None = None
    place: Place | None = None
    confidence: Ratio | None = None
    media: list[Media] = []
    verification: Literal["unverified", "confirmed", "wrong"] = "unverified"


class Gunshot(Contract):
    """An acoustic detection: created, perhaps updated after review, perhaps cancelled."""

    incident: Identifier
    state: Literal["created", "updated", "cancelled"]
    classification: Words
    rounds: Annotated[int, Meta(ge=0, le=10000)] | None = None
    reviewed: bool = False
    place: Place | None = None
    coverage_area: ShortText | None = None
    media: list[Media] = []


class EmergencyCall(Contract):
    """The state of a 911 call now, often before dispatch knows of it (NENA-STA-021.1b, EIDO
    callComponent; ``call`` is its call identifier).

    ``place`` is where the caller is, as last told; it comes several times and improves.
    ``callback`` is the caller's number: it is shown in the call's own view alone, and nothing is
    filed under it. ``call_number`` stands once dispatch has made a call for service of it. Audio
    is a reference in ``media``.
    """

    call: Identifier
    state: Literal["ringing", "answered", "ended", "abandoned"]
    place: Place | None = None
    call_number: Identifier | None = None
    callback: ShortText | None = None
    class_of_service: ShortText | None = None
    started: Instant | None = None
    answered: Instant | None = None
    ended: Instant | None = None
    notes: list[Note] = []
    media: list[Media] = []


class IncidentReport(Contract):
    """A report in a records management system, as it stands now: what happened, without people.

    ``call_number`` is the call for service that it came of, ``charges`` what somebody was charged
    with. ``offence.common`` is a NIBRS code where one is known.
    """

    report_number: Identifier
    status: Literal["open", "closed", "unknown"]
    offence: Coded
    status_text: ShortText | None = None
    report_type: ShortText | None = None
    call_number: Identifier | None = None
    place: Place | None = None
    beat: ShortText | None = None
    district: ShortText | None = None
    occurred: Instant | None = None
    reported: Instant | None = None
    charges: list[Coded] = []


class Alarm(Contract):
    """A system wants somebody to look: a panic button, a door, a camera's own alarm.

    ``state`` is where it stands; the same ``alarm`` in all its states. ``device`` is the asset of
    the same source that raised it.
    """

    alarm: Identifier
    state: Literal["raised", "acknowledged", "cleared", "cancelled"]
    classification: Words
    priority: Annotated[int, Meta(ge=0, le=9)] | None = None
    device: Identifier | None = None
    place: Place | None = None
    detail: LongText | None = None
    media: list[Media] = []


class Detection(Contract):
    """A device saw something move or took it for something: a person, a vehicle, smoke.

    ``detected`` is the device's word. Attributes of faces are never part of it.
    """

    device: Identifier
    detected: Words
    confidence: Ratio | None = None
    count: Annotated[int, Meta(ge=0, le=100000)] | None = None
    zone: ShortText | None = None
    place: Place | None = None
    ended: Instant | None = None
    vehicle: Vehicle | None = None
    media: list[Media] = []


class CameraStatus(Contract):
    """Whether a camera can be seen, as its own system says."""

    camera: Identifier
    status: Literal["online", "offline", "degraded", "unknown"]
    reason: ShortText | None = None
    place: Place | None = None


class VehiclePosition(Contract):
    """Where a unit, bus or other vehicle is. Speed in metres per second, course from true north."""

    vehicle: Identifier
    place: Place
    speed_mps: Annotated[float, Meta(ge=0, le=1000)] | None = None
    course_deg: Degrees | None = None
    unit: Identifier | None = None
    fleet: ShortText | None = None
    label: ShortText | None = None


class Correction(Contract):
    """The source says that an earlier event of its own was wrong in part.

    ``replaced`` has what should have stood there, by JSON Pointer (RFC 6901) into that event:
    ``{"/data/place/address": "100 MAIN ST"}``.
    """

    corrects: Identifier
    reason: ShortText
    replaced: Annotated[dict[Annotated[str, Meta(pattern="^/")], Any], Meta(min_length=1)]


class Retraction(Contract):
    """The source takes an earlier event of its own back whole."""

    retracts: Identifier
    reason: ShortText


def decode_event(raw: bytes) -> Event:
    """Read one event strictly. Raises ``msgspec.ValidationError`` with the failing path."""
    return msgspec.json.decode(raw, type=Event)
