"""The webhooks of Prepared's partner documentation, as far as their fields are documented there.

Two families with two discriminators: ``type`` (incident events) and ``event_type`` (CAD events).
A field that is documented and missing is an error, so that one that is renamed is noticed. Pure.

| EmergencyCall | message |
|---|---|
| call | incident_metadata: id; else incident_id |
| state | ringing until is_audio_live, then answered; audio_call_ended_at: ended, or abandoned when the audio never was live (this reading is ours) |
| place | the newest caller_location: lat, lng |
| class_of_service | caller_location: class_of_service |
| callback | incident_metadata: caller_phone_number |
| started, answered, ended | created_at; updated_at of the first that is live; audio_call_ended_at |
| call_number | note_created: cad_partner_incident_id |
| notes | note_created of the subtype insight_summary: note |
| media | incident_metadata: chatroom_url, a page where the audio can be heard |

Notes of other subtypes are links that open media without a log-in of their own: not read.
"""  # noqa: E501 - a table's row is one line

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import Struct

from watchfloor_sdk import GiveUp, Place
from watchfloor_sdk.mapping import point

from .calls import Anything, Position, Remark, Stand, keyed

T = TypeVar("T")

NOT_READ = frozenset({"media", "location_updated"})
"""Messages that are documented to exist; their fields are not known to us."""

SUMMARY = "insight_summary"


class Kind(Struct):
    """Which message it is."""

    type: str | None = None
    event_type: str | None = None


class IncidentMetadata(Struct):
    """``incident_metadata``: the call as it stands."""

    id: str
    caller_phone_number: str | None
    is_audio_live: bool
    audio_call_ended_at: str | None
    created_at: str
    updated_at: str
    chatroom_url: str | None


class CallerLocation(Struct):
    """``caller_location``: where the caller is, WGS 84 in degrees."""

    incident_id: str
    lat: float
    lng: float
    class_of_service: str | None
    created_at: str


class NoteCreated(Struct):
    """``note_created``: something for the call for service that dispatch has made."""

    incident_id: str
    cad_partner_incident_id: str | None
    created_at: str
    subtype: str
    note: str | None


Message = IncidentMetadata | CallerLocation | NoteCreated

_MESSAGES: dict[str, type[Message]] = {
    "incident_metadata": IncidentMetadata,
    "caller_location": CallerLocation,
    "note_created": NoteCreated,
}


def read(body: bytes) -> Message | None:
    """One delivery; ``None`` for a message whose fields are not known to us.

    Raises ``GiveUp``: ``not_json``, ``unexpected_shape``, ``unknown_message``.
    """
    kind = _decoded(body, Kind)
    name = kind.type or kind.event_type or ""
    if name in NOT_READ:
        return None
    if name not in _MESSAGES:
        raise GiveUp("Neither type nor event_type is one that is known.", code="unknown_message")
    found: Message = _decoded(body, _MESSAGES[name])
    return found


def said(message: Message) -> tuple[str, Anything]:
    """The call's id, and what the message says of it. Raises ``GiveUp``."""
    if isinstance(message, IncidentMetadata):
        return message.id, keyed(_stand(message))
    at = instant(message.created_at)
    if isinstance(message, CallerLocation):
        where = point(message.lng, message.lat)
        place = Place(point=where) if where else None
        position = Position(at=at, place=place, service=message.class_of_service)
        return message.incident_id, keyed(position)
    text = message.note if message.subtype == SUMMARY else None
    number = message.cad_partner_incident_id
    remark = Remark(at=at, call_number=number, text=text, author=message.subtype if text else None)
    return message.incident_id, keyed(remark)


def _stand(message: IncidentMetadata) -> Stand:
    at = instant(message.updated_at)
    return Stand(
        at=at,
        started=instant(message.created_at),
        answered=at if message.is_audio_live else None,
        ended=instant(message.audio_call_ended_at) if message.audio_call_ended_at else None,
        number=message.caller_phone_number,
        audio=message.chatroom_url,
    )


def instant(text: str) -> datetime:
    """``2026-01-15 03:04:05 UTC``: a space and the word, so not ISO 8601."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        raise GiveUp(
            "A time is not of the form 2026-01-15 03:04:05 UTC.", code="bad_time"
        ) from None


def _decoded(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as error:
        raise GiveUp(f"Not as documented: {error}", code="unexpected_shape") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GiveUp("The delivery is not JSON.", code="not_json") from None
