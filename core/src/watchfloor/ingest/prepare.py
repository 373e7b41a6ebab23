"""From an event's bytes to what the store files: decode, validate, mend, normalise.

Pure and synchronous, so that it can run in a thread. The hot path makes no object per event beyond
the row itself; only what differs is written anew.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from watchfloor.contracts import BY_TYPE, Kind, micros
from watchfloor.contracts.normal import normal_plate
from watchfloor.contracts.protocol import RawPage as RawPageParams
from watchfloor.ports.store import Box, Micros, NewDeadLetter, NewEvent, RawPage

from .validation import Validators

MAX_EVENT = 1024 * 1024
"""Bytes of one event. Pictures and recordings go by reference."""

FUTURE_TOLERANCE = 60_000_000
"""Microseconds by which a source's clock may lead ours before the event's time is in doubt."""

Change = tuple[str, Any, Any]
"""(path, as it came, as it is kept)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who hands events over, and what it may hand over."""

    source: str
    """The configured source's id: what the log files it under."""
    uri: str
    """What its events must carry as CloudEvents ``source``."""
    connector: str
    """``id/version`` of the connector, for lineage."""
    types: frozenset[str] | None = None
    """The event types that its manifest declares; ``None``: all known ones."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event cannot be accepted."""

    code: str
    detail: str


Keeps = Callable[[NewEvent, str], bool]
"""Whether an event of a source is one that this agency keeps at all."""


def everything(_event: NewEvent, _source: str) -> bool:
    """Keeps all."""
    return True


Earliest = Callable[[str, str, str], Micros]
"""By event type, source and handling class: the oldest moment of which data may be kept."""


def ever(_type: str, _source: str, _handling: str) -> Micros:
    """Keeps what is as old as may be."""
    return -(1 << 62)


class Preparer:
    """Prepares events of one hub. ``bounds`` is where the agency's world is, when it is known.

    What ``keeps`` leaves out (plate reads in a sensitive zone), and what is older than its
    ``earliest`` (its time is up already), is dropped before anything of it is kept: as a dead
    letter it would lie here for a while longer."""

    def __init__(
        self,
        validators: Validators,
        bounds: Box | None = None,
        keeps: Keeps = everything,
        earliest: Earliest = ever,
    ) -> None:
        self._validators = validators
        self._bounds = bounds
        self._keeps = keeps
        self._earliest = earliest

    def event(
        self, origin: Origin, raw: bytes, now: int, pointer: str | None = None
    ) -> NewEvent | Refusal | None:
        """One event, ready to be filed, or why not; ``None`` for one that is not kept."""
        if len(raw) > MAX_EVENT:
            return Refusal(
                "too_large", f"The event has {len(raw)} bytes; {MAX_EVENT} is the limit."
            )
        try:
            document = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            return Refusal("not_json", f"Not JSON: {error.msg} at byte {error.pos}.")
        type_ = document.get("type") if isinstance(document, dict) else None
        kind = BY_TYPE.get(type_) if isinstance(type_, str) else None
        if kind is None:
            return Refusal("unknown_type", "Its type is not one that this hub knows.")
        if origin.types is not None and kind.type not in origin.types:
            return Refusal("undeclared_type", f"The connector did not declare {kind.type}.")
        if document.get("source") != origin.uri:
            return Refusal("foreign_source", f"Events of this source must carry {origin.uri}.")
        changes: list[Change] = []
        reason = self._validate(document, kind, changes)
        if reason is not None:
            return Refusal("invalid", reason)
        try:
            row = self._row(document, kind, raw, now, pointer, changes)
        except ValueError as error:
            return Refusal("bad_time", f"A time is not a moment in UTC: {_first_words(error)}.")
        in_time = row.time >= self._earliest(row.type, origin.source, row.handling)
        return row if in_time and self._keeps(row, origin.source) else None

    def _validate(self, document: dict[str, Any], kind: Kind, changes: list[Change]) -> str | None:
        validator = self._validators.for_type(kind.type)
        assert validator is not None, "every kind has a schema"
        if validator.is_valid(document):
            return None
        if self._swap(document, changes) and validator.is_valid(document):
            return None
        return self._validators.explain("event", document)

    def _row(
        self,
        document: dict[str, Any],
        kind: Kind,
        raw: bytes,
        now: int,
        pointer: str | None,
        changes: list[Change],
    ) -> NewEvent:
        data: dict[str, Any] = document["data"]
        self._normalise(document, data, changes)
        time = micros(document["time"])
        if time > now + FUTURE_TOLERANCE:
            _doubt_time(document, (time - now) / 1e6, changes)
        expires = document.get("expirytime")
        observed = document.get("observedtime")
        place = data.get("place")
        point = place.get("point") if place else None
        return NewEvent(
            id=document["id"],
            type=kind.type,
            subject=document.get("subject"),
            time=time,
            observed=micros(observed) if observed else None,
            expires=micros(expires) if expires else None,
            point=(point[0], point[1]) if point else None,
            handling=document["dataclassification"],
            keys=tuple(kind.keys(data)),
            text=kind.text(data) if kind.text else None,
            body=orjson.dumps(document) if changes else raw,
            pointer=pointer,
            changes=orjson.dumps(changes).decode() if changes else None,
        )

    def _normalise(
        self, document: dict[str, Any], data: dict[str, Any], changes: list[Change]
    ) -> None:
        plate = data.get("plate")
        if plate is not None:
            normal = normal_plate(plate)
            if normal != plate and normal:
                data["plate"] = normal
                if "reader" in data and document["type"] == "watchfloor.lpr.read.v1":
                    data.setdefault("plate_as_read", plate)
                changes.append(("data.plate", plate, normal))
        place = data.get("place")
        if place and place.get("point"):
            self._normalise_point(document, place, changes)

    def _normalise_point(
        self, document: dict[str, Any], place: dict[str, Any], changes: list[Change]
    ) -> None:
        longitude, latitude = place["point"]
        if longitude == 0 and latitude == 0:
            changes.append(("data.place.point", place.pop("point"), None))
            place["precision"] = "masked"
        elif self._bounds and not _inside(self._bounds, longitude, latitude):
            self._swap(document, changes)

    def _swap(self, document: dict[str, Any], changes: list[Change]) -> bool:
        """Latitude and longitude exchanged: mended only where that lands in the agency's world."""
        if self._bounds is None:
            return False
        data = document.get("data")
        place = data.get("place") if isinstance(data, dict) else None
        if not isinstance(place, dict):
            return False
        point = place.get("point")
        if not (isinstance(point, list) and len(point) == 2):
            return False
        first, second = point
        if not (isinstance(first, int | float) and isinstance(second, int | float)):
            return False
        if not _inside(self._bounds, second, first):
            return False
        changes.append(("data.place.point", [first, second], [second, first]))
        place["point"] = [second, first]
        return True


def _inside(box: Box, longitude: float, latitude: float) -> bool:
    return box.west <= longitude <= box.east and box.south <= latitude <= box.north


def _doubt_time(document: dict[str, Any], lead_s: float, changes: list[Change]) -> None:
    """A time in the future is kept, and its error says how far it can be off."""
    stated = document.get("timeerror")
    document["timeerror"] = max(round(lead_s, 3), stated or 0)
    changes.append(("timeerror", stated, document["timeerror"]))


def _first_words(error: ValueError) -> str:
    return str(error)[:80]


def as_bytes(text: str, encoding: str) -> bytes:
    """What the protocol carries as text or as base64."""
    return base64.b64decode(text) if encoding == "base64" else text.encode()


def raw_page(params: RawPageParams | None) -> RawPage | None:
    """A vendor's answer as the worker sent it, ready to be kept by its hash."""
    if params is None:
        return None
    body = as_bytes(params.body, params.encoding)
    return RawPage(body, params.content_type, hashlib.sha256(body).hexdigest())


@dataclass(slots=True)
class Prepared:
    """Many events: those to file, those refused with their reasons, how many are not kept."""

    good: list[NewEvent] = field(default_factory=list)
    bad: list[tuple[bytes, Refusal]] = field(default_factory=list)
    dropped: int = 0


def prepare_all(
    preparer: Preparer,
    origin: Origin,
    raws: Sequence[bytes],
    pointers: Sequence[str],
    now: int,
) -> Prepared:
    """Prepare many events."""
    done = Prepared()
    for index, raw in enumerate(raws):
        pointer = pointers[index] if index < len(pointers) else None
        outcome = preparer.event(origin, raw, now, pointer)
        if isinstance(outcome, NewEvent):
            done.good.append(outcome)
        elif outcome is None:
            done.dropped += 1
        else:
            done.bad.append((raw, outcome))
    return done


def letters(
    origin: Origin, hub_version: str, refused: Iterable[tuple[bytes, Refusal]]
) -> list[NewDeadLetter]:
    """Dead letters for events that the hub refused."""
    return [
        NewDeadLetter(
            origin.source, "event", raw, why.code, why.detail, origin.connector, hub_version
        )
        for raw, why in refused
    ]
