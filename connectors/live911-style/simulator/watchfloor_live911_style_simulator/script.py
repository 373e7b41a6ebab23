"""What a call-taking system says of one call, message by message.

Written from the partner documentation; values of ``class_of_service`` and ``source`` are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Point = tuple[float, float]
COARSE_DEG = 0.004
"""By how much the first position of a mobile caller is off: some 400 m."""


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery, as the vendor sends it at ``at``."""

    at: datetime
    document: dict[str, Any]

    @property
    def body(self) -> bytes:
        """As it is sent, and sent again."""
        return json.dumps(self.document).encode()


@dataclass(frozen=True, slots=True)
class Caller:
    """One call: its id, when it began, where from and from which number."""

    id: str
    began: datetime
    point: Point
    number: str

    def stands(self, at: datetime, *, live: bool = False, ended: datetime | None = None) -> Message:
        """``incident_metadata``."""
        return Message(at, {
            "type": "incident_metadata", "id": self.id, "caller_phone_number": self.number,
            "is_audio_live": live, "audio_call_ended_at": ended and _time(ended),
            "created_at": _time(self.began), "updated_at": _time(at),
            "chatroom_url": f"https://ui.example.org/chat/{self.id}",
        })  # fmt: skip

    def is_at(self, at: datetime, number: int, *, off_deg: float = 0.0) -> Message:
        """``caller_location``."""
        return Message(at, {
            "type": "caller_location", "id": f"{self.id}-loc-{number}", "incident_id": self.id,
            "lat": self.point[1] + off_deg, "lng": self.point[0] - off_deg,
            "class_of_service": "SIM", "created_at": _time(at), "source": "SIM",
        })  # fmt: skip

    def noted(self, at: datetime, call_number: str) -> Message:
        """``note_created``: dispatch has made a call for service of it."""
        return Message(at, {
            "event_type": "note_created", "id": f"{self.id}-note", "incident_id": self.id,
            "cad_partner_incident_id": call_number, "created_at": _time(at),
            "subtype": "insight_summary", "note": "Exercise text only", "metadata": {},
        })  # fmt: skip

    def whole(self, times: list[datetime], call_number: str) -> Iterator[Message]:
        """Begin, coarse and fine position, answer, end, and the number that dispatch gave it."""
        began, coarse, fine, answered, ended, noted = times
        yield self.stands(began)
        yield self.is_at(coarse, 1, off_deg=COARSE_DEG)
        yield self.is_at(fine, 2)
        yield self.stands(answered, live=True)
        yield self.stands(ended, ended=ended)
        yield self.noted(noted, call_number)

    def abandoned(self, after: timedelta) -> Iterator[Message]:
        """Nobody answers in time, and dispatch hears nothing of it."""
        yield self.stands(self.began)
        yield self.is_at(self.began + after / 2, 1, off_deg=COARSE_DEG)
        yield self.stands(self.began + after, ended=self.began + after)


STEPS = 6
"""Messages of a whole call."""


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
