"""Verkada's words to ours. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from watchfloor_sdk import (
    Asset,
    CameraStatus,
    Context,
    Detection,
    Event,
    FieldOfView,
    GiveUp,
    Media,
    Place,
    PlateRead,
    mapping,
)

from .settings import Settings
from .wire import Camera, Envelope, LprData, Notification, SeenPlate

T = TypeVar("T", bound=msgspec.Struct)
Ctx: TypeAlias = Context[Settings]
Places = Mapping[str, Place | None]
"""Camera id → where it stands, as the camera list says: webhooks do not carry it."""

_LONGEST_HANDLE = 4096
_MILLISECONDS_FROM = 100_000_000_000
_REGION = re.compile(r"[A-Za-z]{2}-[A-Za-z0-9]{1,3}")
_NOT_PLATE = re.compile(r"[^0-9A-Z]+")

_STATES: dict[str, Literal["online", "offline"]] = {
    "camera_online": "online",
    "camera_offline": "offline",
    "online": "online",
    "offline": "offline",
}
MOTION = "motion"
NOTICES = frozenset({*_STATES, MOTION})
"""Kinds of notifications that are read. Those about faces, people and crowds are not."""

_CAMERA_STATES: dict[str, Literal["online", "offline"]] = {
    "live": "online",
    "online": "online",
    "offline": "offline",
}


def opened(body: bytes) -> LprData | Notification | None:
    """What a webhook says; ``None`` for kinds that are not ours. Raises ``GiveUp``."""
    envelope = read(body, Envelope)
    if envelope.webhook_type == "lpr":
        return read(envelope.data, LprData)
    if envelope.webhook_type == "notification":
        note = read(envelope.data, Notification)
        return note if note.notification_type in NOTICES else None
    return None


def to_event(ctx: Ctx, said: LprData | Notification, places: Places) -> Event | None:
    """What an opened webhook says, as an event. Raises ``GiveUp``."""
    if isinstance(said, LprData):
        return from_webhook(ctx, said, places)
    return from_notification(ctx, said, places)


def from_webhook(ctx: Ctx, data: LprData, places: Places) -> Event:
    """A plate read. It occurred at ``detected``, in older messages at ``created``."""
    when = data.detected if data.detected is not None else data.created
    if when is None:
        raise GiveUp("The plate read says no time.", code="no_time")
    occurred = to_time(when)
    known = to_time(data.created) if data.created is not None else occurred
    return ctx.event(
        PlateRead(
            plate=data.license_plate_number,
            reader=data.camera_id,
            region=to_region(data.license_plate_state),
            confidence=data.confidence,
            place=places.get(data.camera_id),
            media=_media(ctx, "plate-reads", plate_picture=data.image_url),
        ),
        id=read_id(data.camera_id, known, data.license_plate_number),
        time=occurred,
    )


def from_history(ctx: Ctx, camera: str, seen: SeenPlate, places: Places) -> Event:
    """The same read out of the history, under the same id as the webhook's."""
    occurred = to_time(seen.timestamp)
    return ctx.event(
        PlateRead(
            plate=seen.license_plate,
            reader=camera,
            place=places.get(camera),
            media=_media(
                ctx,
                "plate-reads",
                plate_picture=seen.image_url,
                vehicle_picture=seen.vehicle_image_url,
            ),
        ),
        id=read_id(camera, occurred, seen.license_plate),
        time=occurred,
        time_error_s=1.0,
    )


def from_notification(ctx: Ctx, note: Notification, places: Places) -> Event | None:
    """A camera that went or came back, or saw something move; ``None`` for all other kinds."""
    at = to_time(note.created)
    if note.notification_type == MOTION:
        return _motion(ctx, note, at, places)
    status = _STATES.get(note.notification_type)
    if status is None:
        return None
    return ctx.event(
        CameraStatus(camera=note.camera_id, status=status, place=places.get(note.camera_id)),
        id=f"{note.camera_id}:{status}:{int(at.timestamp())}",
        time=at,
        subject=f"camera/{note.camera_id}",
        handling="agency",
    )


def _motion(ctx: Ctx, note: Notification, at: datetime, places: Places) -> Event:
    return ctx.event(
        Detection(
            device=note.camera_id,
            detected=MOTION,
            place=places.get(note.camera_id),
            media=_media(ctx, "camera-events", scene_picture=note.image_url),
        ),
        id=f"{note.camera_id}:{MOTION}:{int(at.timestamp())}",
        time=at,
        subject=f"camera/{note.camera_id}",
    )


def read_id(camera: str, created: datetime, plate: str) -> str:
    """The vendor gives a read no id: camera, second and plate are it.

    The plate is in it as a digest, because ids stand in logs and addresses, where plates may not.
    """
    letters = _NOT_PLATE.sub("", plate.upper())
    digest = blake2b(letters.encode(), digest_size=6).hexdigest()
    return f"{camera}:{int(created.timestamp())}:{digest}"


def to_time(value: float) -> datetime:
    """Seconds or milliseconds since the epoch, whichever it must be. Raises ``GiveUp``."""
    form = mapping.EPOCH_MS if value >= _MILLISECONDS_FROM else mapping.EPOCH_S
    return mapping.moment(value, formats=(form,)).time


def asked_for(at: Any, now: datetime) -> datetime:
    """The moment that a question is about: RFC 3339, or now. Raises ``GiveUp``."""
    return now if at is None else mapping.moment(at, formats=("iso",)).time


def to_region(state: str | None) -> str | None:
    """``us-ca`` is ``US-CA`` (ISO 3166-2); what is not of that form is left out."""
    return state.upper() if state and _REGION.fullmatch(state) else None


def to_asset(ctx: Ctx, camera: Camera, observed: datetime) -> Asset:
    """One camera. Raises ``GiveUp`` for a position that cannot be."""
    place = to_place(camera)
    point = place.point if place else None
    return Asset(
        id=camera.camera_id,
        source=ctx.source,
        kind="camera",
        name=camera.name or camera.camera_id,
        geometry={"type": "Point", "coordinates": list(point)} if point else None,
        owner=ctx.settings.owner,
        address=camera.location or None,
        field_of_view=_field_of_view(camera.location_angle),
        status=_CAMERA_STATES.get(camera.status.lower(), "unknown"),
        observed=observed,
        attributes=_without_none(site=camera.site, model=camera.model),
    )


def to_place(camera: Camera) -> Place | None:
    """Where a camera stands. Raises ``GiveUp`` for a position that cannot be."""
    point = mapping.point(camera.location_lon, camera.location_lat)
    return mapping.place(point, address=camera.location or None)


def read(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """Decode strictly. Raises ``GiveUp`` with the failing field, never its value."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as wrong:
        raise GiveUp(f"Not as Verkada documents it: {wrong}", code="unexpected_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise GiveUp("The body is not JSON.", code="not_json") from None


def _media(ctx: Ctx, retention_class: str, **urls: str | None) -> list[Media]:
    kinds: Sequence[Literal["plate_picture", "vehicle_picture", "scene_picture"]] = (
        "plate_picture",
        "vehicle_picture",
        "scene_picture",
    )
    return [
        Media(handle=url, kind=kind, owner=ctx.settings.owner, retention_class=retention_class)
        for kind in kinds
        if (url := urls.get(kind)) and len(url) <= _LONGEST_HANDLE
    ]


def _field_of_view(angle: float | None) -> FieldOfView | None:
    return None if angle is None else FieldOfView(heading_deg=angle % 360)


def _without_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
