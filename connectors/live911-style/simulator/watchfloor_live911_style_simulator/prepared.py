"""Steps as the webhooks of Prepared's partner documentation.

Values of ``class_of_service`` and ``source`` are ours.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .script import IsAt, Noted, Stands, Step


def message(step: Step) -> dict[str, Any]:
    """One delivery."""
    match step:
        case Stands():
            return _incident_metadata(step)
        case IsAt():
            return _caller_location(step)
        case Noted():
            return _note_created(step)
    raise TypeError("no such step")


def _incident_metadata(step: Stands) -> dict[str, Any]:
    caller = step.caller
    return {
        "type": "incident_metadata", "id": caller.id, "caller_phone_number": caller.number,
        "is_audio_live": step.live, "audio_call_ended_at": step.ended and _time(step.ended),
        "created_at": _time(caller.began), "updated_at": _time(step.at),
        "chatroom_url": f"https://ui.example.org/chat/{caller.id}",
    }  # fmt: skip


def _caller_location(step: IsAt) -> dict[str, Any]:
    longitude, latitude = step.point
    call = step.caller.id
    return {
        "type": "caller_location", "id": f"{call}-loc-{step.number}", "incident_id": call,
        "lat": latitude, "lng": longitude,
        "class_of_service": "SIM", "created_at": _time(step.at), "source": "SIM",
    }  # fmt: skip


def _note_created(step: Noted) -> dict[str, Any]:
    call = step.caller.id
    return {
        "event_type": "note_created", "id": f"{call}-note", "incident_id": call,
        "cad_partner_incident_id": step.call_number, "created_at": _time(step.at),
        "subtype": "insight_summary", "note": "Exercise text only", "metadata": {},
    }  # fmt: skip


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
