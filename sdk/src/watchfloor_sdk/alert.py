"""An alert's message, as the action ``deliver-alert`` is told it, and as people read it.

The message is that of ``docs/alerts.md``, "Deliveries": kind, severity, time, place and link; the
alert's own words (a plate among them) only where the agency configured the channel so. Connectors
that take alerts to people say it alike, with these words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import ActionRequest, GiveUp, Point

DELIVER_ALERT = "deliver-alert"
"""The action's name: the hub asks for it by that."""

# The words are the console's (ui/app/src/lib/words.ts).
_NEWS = {
    "raised": "New alert",
    "verified": "Verified by a person",
    "marked_wrong": "Marked wrong by a person",
    "updated": "Updated",
    "corrected": "Corrected by its source",
    "withdrawn": "Withdrawn by its source",
}
_KINDS = {
    "call": "Call for service",
    "unit": "Unit status",
    "read": "Plate read",
    "hit": "Hot-list hit",
    "gunshot": "Gunshot",
    "camera": "Camera status",
    "vehicle": "Vehicle position",
    "911": "911 call",
    "report": "Incident report",
    "alarm": "Alarm",
    "detection": "Detection",
}
_SEVERITIES = {"danger": "Danger to life", "high": "High", "medium": "Medium", "low": "Low"}


class Where(Struct):
    """Where it happened, as far as that is known."""

    point: Point | None = None
    address: str | None = None


class AlertData(Struct):
    """What the message says. ``title`` and ``reason`` are there only where the channel carries
    details; ``marking`` stands for "no person has checked this" or "this was wrong"."""

    kind: str
    severity: str
    occurred: datetime
    verification: str
    place: Where
    alert: int
    link: str
    marking: str | None = None
    title: str | None = None
    reason: str | None = None


class Message(Struct):
    """One message. ``type`` is ``watchfloor.alert.<news>``."""

    type: str
    timestamp: datetime
    data: AlertData

    @property
    def news(self) -> str:
        """What happened to the alert, in words."""
        return _worded(_NEWS, self.type.rpartition(".")[2])

    @property
    def kind(self) -> str:
        """What the alert is about, in words."""
        return _worded(_KINDS, self.data.kind)

    @property
    def severity(self) -> str:
        """How grave it is, in words."""
        return _worded(_SEVERITIES, self.data.severity)


def read_alert(request: ActionRequest) -> Message:
    """The message of a request for ``deliver-alert``.

    Raises ``GiveUp``: ``unknown_action``, or ``bad_parameters`` for what is no such message.
    """
    if request.action != DELIVER_ALERT:
        raise GiveUp("There is no such action.", code="unknown_action")
    try:
        return msgspec.convert(request.parameters, Message)
    except msgspec.ValidationError as wrong:
        raise GiveUp(f"The message does not fit: {wrong}", code="bad_parameters") from None


def headline(message: Message) -> str:
    """In one line, without plate, name or place: fit for a subject or a locked screen."""
    marking = f"{message.data.marking}: " if message.data.marking else ""
    said = f"{marking}{message.kind}, {message.severity.lower()} (alert {message.data.alert})"
    return one_line(said)


def particulars(message: Message) -> Sequence[tuple[str, str]]:
    """The rest, line by line: what it is, and its words. Each is one line, whatever came in."""
    data = message.data
    said: list[tuple[str, Any]] = [
        ("What", data.title),
        ("Why", data.reason),
        ("News", message.news),
        ("Checked", _checked(data)),
        ("Severity", message.severity),
        ("Occurred", f"{data.occurred.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("Place", _place(data.place)),
        ("Alert", data.link),
    ]
    return [(name, one_line(text)) for name, text in said if text]


def one_line(text: str) -> str:
    """Without line breaks and control characters: words from outside must not look like ours."""
    plain = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join("".join(plain).split())


def _checked(data: AlertData) -> str | None:
    if data.marking == "UNVERIFIED":
        return "UNVERIFIED: no person has checked this yet"
    return f"{data.marking}: do not act on it" if data.marking else None


def _place(place: Where) -> str | None:
    if place.address or place.point is None:
        return place.address
    longitude, latitude = place.point
    return f"{latitude:.5f}, {longitude:.5f} (latitude, longitude)"


def _worded(words: dict[str, str], word: str) -> str:
    return words.get(word) or one_line(word.replace("_", " ")).capitalize()
