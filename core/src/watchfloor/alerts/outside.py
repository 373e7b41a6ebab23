"""What leaves the hub about an alert: kind, place and link. No plate and no name, unless the agency
configured the channel to carry the alert's own words (``include_details``).

A message is written in the transaction of what it tells about, before the alert's number is known;
``complete`` adds the number and the link when it is sent. Both are the same at every try.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Alert, Channel, HotList, NewOutgoing, Outgoing

from .rules import SEVERITIES

News = Literal["raised", "verified", "marked_wrong", "updated", "corrected", "withdrawn"]
"""What a message says. ``raised`` of an unverified hit is marked UNVERIFIED."""

MARKINGS = {"unverified": "UNVERIFIED", "wrong": "WRONG"}

_encode = msgspec.json.Encoder().encode

_TELLS = ("watchfloor.alert.raised", "watchfloor.alert.updated")
"""What tells somebody of an alert as it stands, looked at or not."""
_BECAME = (
    "watchfloor.alert.corrected", "watchfloor.alert.withdrawn", "watchfloor.alert.marked_wrong",
)  # fmt: skip
"""What says to those who were told what became of it."""


def may_leave(alert: Alert, hot_list: HotList | None, *, confirmed_first: bool) -> bool:
    """Whether anybody outside may be told of an alert as it stands: of an unverified hit where its
    list's owner allows that, and policy does not want it ``confirmed_first``."""
    if alert.verification != "unverified":
        return True
    return hot_list is not None and hot_list.share_unverified and not confirmed_first


def tells(outgoing: Outgoing) -> bool:
    """Whether a message tells of an alert as it stands."""
    return _type(outgoing) in _TELLS


def tells_what_became(outgoing: Outgoing) -> bool:
    """Whether a message is for those alone who were told of the alert before."""
    return _type(outgoing) in _BECAME


def _type(outgoing: Outgoing) -> str:
    kind: str = msgspec.json.decode(outgoing.body, type=dict[str, Any])["type"]
    return kind


def messages(
    news: News, alert: Alert, channels: Iterable[Channel], address: str | None = None
) -> list[NewOutgoing]:
    """One message for each channel that wants alerts of this gravity."""
    return [
        NewOutgoing(channel.id, _encode(_body(news, alert, channel, address)), alert.id or None)
        for channel in channels
        if channel.enabled and _grave_enough(alert, channel)
    ]


def _grave_enough(alert: Alert, channel: Channel) -> bool:
    at_least = channel.min_severity
    gravest = SEVERITIES[: SEVERITIES.index(at_least) + 1] if at_least in SEVERITIES else SEVERITIES
    return alert.severity in gravest


def _body(news: News, alert: Alert, channel: Channel, address: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": alert.kind,
        "severity": alert.severity,
        "occurred": rfc3339(alert.occurred),
        "verification": alert.verification,
        "place": {"point": alert.point, "address": address},
    }
    if alert.verification in MARKINGS:
        data["marking"] = MARKINGS[alert.verification]
    if channel.include_details:
        data |= {"title": alert.title, "reason": alert.reason}
    return {"type": f"watchfloor.alert.{news}", "timestamp": rfc3339(alert.raised), "data": data}


def complete(outgoing: Outgoing, base_url: str) -> bytes:
    """The message as it is sent: with the alert's number and the link to it."""
    body = msgspec.json.decode(outgoing.body, type=dict[str, Any])
    body["data"] |= {"alert": outgoing.alert, "link": f"{base_url}/alerts/{outgoing.alert}"}
    return _encode(body)
