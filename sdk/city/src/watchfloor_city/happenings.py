"""What happens in a city, in words of the field and of no vendor.

A simulator of a vendor's system turns happenings into that vendor's messages. Every happening has
``at`` (an aware time in UTC: when it becomes known) and ``origin``: ``synthetic`` for what
was made up, else the data set it comes from, such as ``new-orleans-2022``.

Points are (longitude, latitude) in degrees WGS 84, the order of GeoJSON (RFC 7946, section 3.1.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal, Self

Point = tuple[float, float]

SYNTHETIC = "synthetic"

CallStatus = Literal[
    "Active", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene", "Closed", "Cancelled"
]
"""NENA-STA-021.1b (EIDO), registry IncidentStatus-Common: the values that a call takes here."""

UnitState = Literal["InService", "Dispatched", "EnRoute", "OnScene", "TrafficStop", "Cleared"]
"""NENA-STA-021.1b (EIDO), registry SecondaryUnitStatus: the values that a unit takes here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that became known at a moment."""

    at: datetime
    origin: str = SYNTHETIC

    def moved(self, move: Callable[[datetime], datetime]) -> Self:
        """The same with every time in it put through ``move``; texts and rows stay as they are."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        moved: dict[str, Any] = {
            name: move(value) for name, value in values.items() if isinstance(value, datetime)
        }
        return replace(self, **moved)


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the agency's own list and its words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of a call's narrative."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChanged(Happening):
    """The whole state of a call for service as of ``at``, never the difference.

    ``point_error_m`` is the radius that holds the true place with about 68 % certainty. ``point``
    is ``None`` where the agency masks the place. ``priority`` counts from 0 or 1, the most urgent.
    ``row`` (real data only) holds the columns of the original row as far as they were known at
    ``at``: later ones are empty, and times in it are those of the file, not shifted.
    """

    call_number: str
    status: CallStatus
    type: Code
    initial_type: Code
    created: datetime
    priority: int | None = None
    priority_text: str | None = None
    point: Point | None = None
    point_error_m: float | None = None
    address: str | None = None
    beat: str | None = None
    district: str | None = None
    dispatched: datetime | None = None
    arrived: datetime | None = None
    closed: datetime | None = None
    disposition: Code | None = None
    units: tuple[str, ...] = ()
    notes: tuple[Remark, ...] = ()
    callback: str | None = None
    plates: tuple[str, ...] = ()
    self_initiated: bool = False
    centre_outcome: str | None = None
    row: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMoved(Happening):
    """Where a police unit is. Metres per second; course in degrees from true north."""

    unit: str
    point: Point
    speed_mps: float
    course_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatusChanged(Happening):
    """What a unit is doing from now on, and for which call."""

    unit: str
    status: UnitState
    point: Point
    call_number: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a vehicle looks like."""

    make: str
    model: str
    colour: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatePassed(Happening):
    """A plate reader read a plate. ``reader`` is the id of one of the city's assets.

    ``region`` is ISO 3166-2; ``confidence`` is 0 to 1; ``heading_deg`` is where the vehicle goes.
    """

    reader: str
    plate: str
    region: str
    confidence: float
    heading_deg: float
    point: Point
    vehicle: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotsDetected(Happening):
    """An acoustic detection as of ``at``: found, reviewed, or taken back after review.

    ``occurred`` is when the sensors heard it. ``point`` is given as the source gives it, even where
    that cannot be true.
    """

    incident: str
    state: Literal["created", "updated", "cancelled"]
    classification: str
    occurred: datetime
    rounds: int | None = None
    reviewed: bool = False
    point: Point | None = None
    error_m: float | None = None
    address: str | None = None
    coverage_area: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraChanged(Happening):
    """A camera can be seen, or no longer. ``camera`` is the id of one of the city's assets."""

    camera: str
    status: Literal["online", "offline", "degraded"]
    point: Point
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMoved(Happening):
    """Where a vehicle of a public fleet (a bus) is; speed and course where they were sent."""

    vehicle: str
    point: Point
    label: str | None = None
    route: str | None = None
    trip: str | None = None
    speed_mps: float | None = None
    course_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiled(Happening):
    """A police report, at the moment when what it tells of occurred. It names no person.

    ``item_number`` is that of the call for service where the report came from one.
    """

    item_number: str
    signal: Code
    report_type: str
    address: str | None = None
    district: str | None = None
    charge: Code | None = None
    disposition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSkipped(Happening):
    """A replay leapt over a stretch in which the data has nothing; the two times are the data's."""

    data_from: datetime
    data_to: datetime

    def moved(self, move: Callable[[datetime], datetime]) -> Self:
        """Only ``at`` moves: the other two times belong to the data."""
        return replace(self, at=move(self.at))
