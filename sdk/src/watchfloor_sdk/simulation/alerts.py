"""A made-up alert, as the hub asks a connector to deliver it."""

from __future__ import annotations

from typing import Any

from watchfloor.contracts import ActionRequest
from watchfloor_sdk.alert import DELIVER_ALERT


def made_up_alert(number: int, *, news: str = "raised", **more: Any) -> ActionRequest:
    """The message of ``docs/alerts.md``, "Deliveries". ``more`` is laid over its data."""
    data = {
        "kind": "gunshot",
        "severity": "danger",
        "occurred": "2026-05-02T21:14:07.000Z",
        "verification": "not_needed",
        "place": {"point": [-90.07, 29.95], "address": "500 EXAMPLE ST"},
        "alert": number,
        "link": f"https://hub.example.org/alerts/{number}",
    }
    return ActionRequest(
        idempotency_key=f"msg_{number}_1777756448000000",
        action=DELIVER_ALERT,
        requested_by="alerts",
        parameters={
            "type": f"watchfloor.alert.{news}",
            "timestamp": "2026-05-02T21:14:08.000Z",
            "data": {**data, **more},
        },
    )
