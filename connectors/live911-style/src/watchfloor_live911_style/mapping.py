"""Messages to the state of a 911 call. Pure.

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

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from watchfloor_sdk import EmergencyCall, Media, Note, Place
from watchfloor_sdk.mapping import point

from .calls import Anything, Position, Remark, Stand
from .wire import CallerLocation, IncidentMetadata, Message, instant

AFTERWARDS = timedelta(minutes=10)
"""A caller's position is followed for so long after the call has ended, and no longer."""

SUMMARY = "insight_summary"


def said(message: Message) -> tuple[str, Anything]:
    """The call's id, and what the message says of it. Raises ``GiveUp``.

    Its key is a hash of what is read of it: what comes again is the same, and what is said anew
    under the same id is not.
    """
    key = hashlib.blake2b(msgspec.json.encode(message), digest_size=8).hexdigest()
    if isinstance(message, IncidentMetadata):
        return message.id, Stand(
            key=key,
            at=instant(message.updated_at),
            live=message.is_audio_live,
            started=instant(message.created_at),
            ended=instant(message.audio_call_ended_at) if message.audio_call_ended_at else None,
            number=message.caller_phone_number,
            audio=message.chatroom_url,
        )
    at = instant(message.created_at)
    if isinstance(message, CallerLocation):
        where = point(message.lng, message.lat)
        return message.incident_id, Position(
            key=key, at=at, point=where, service=message.class_of_service
        )
    text = message.note if message.subtype == SUMMARY else None
    number = message.cad_partner_incident_id
    return message.incident_id, Remark(
        key=key, at=at, call_number=number, text=text, author=message.subtype if text else None
    )


def too_late(position: Position, known: Sequence[Anything]) -> bool:
    """Whether the call had ended long before: then its caller is followed no more."""
    ended = [one.ended for one in known if isinstance(one, Stand) and one.ended]
    return bool(ended) and position.at > min(ended) + AFTERWARDS


def state(call: str, known: Sequence[Anything], owner: str) -> EmergencyCall:
    """The call as far as it is known, whatever the order in which that came."""
    in_order = sorted(known, key=lambda one: one.at)
    stands = [one for one in in_order if isinstance(one, Stand)]
    positions = [one for one in in_order if isinstance(one, Position)]
    remarks = [one for one in in_order if isinstance(one, Remark)]
    latest = stands[-1] if stands else None
    where = positions[-1] if positions else None
    answered = next((one.at for one in stands if one.live), None)
    ended = latest.ended if latest else None
    return EmergencyCall(
        call=call,
        state=_state(answered, ended),
        place=Place(point=where.point) if where and where.point else None,
        call_number=next((one.call_number for one in remarks if one.call_number), None),
        callback=latest.number if latest else None,
        class_of_service=where.service if where else None,
        started=latest.started if latest else None,
        answered=answered,
        ended=ended,
        notes=[Note(text=one.text, time=one.at, author=one.author) for one in remarks if one.text],
        media=[_audio(latest.audio, owner)] if latest and latest.audio else [],
    )


def _state(
    answered: datetime | None, ended: datetime | None
) -> Literal["ringing", "answered", "ended", "abandoned"]:
    if ended:
        return "ended" if answered else "abandoned"
    return "answered" if answered else "ringing"


def _audio(page: str, owner: str) -> Media:
    return Media(handle=page, kind="audio", owner=owner, retention_class="911-audio")
