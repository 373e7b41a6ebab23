"""Times in the bodies of requests, and in what people read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from watchfloor.contracts import GiveUp, micros, on_clocks
from watchfloor.ports.store import Micros

Instant = Annotated[datetime, Meta(tz=True)]
"""RFC 3339, with an offset."""


def micros_of(moment: datetime) -> Micros:
    """As the store keeps it. Raises ``GiveUp`` (code ``bad_body``) for one that is no time in
    UTC."""
    try:
        return micros(moment.isoformat())
    except ValueError:
        raise GiveUp("The body does not fit: no such time.", code="bad_body") from None


def clock_time(moment: Micros, zone: ZoneInfo) -> str:
    """As people say it who sit there: ``2 May 2026 21:14``."""
    return f"{on_clocks(moment, zone):%-d %B %Y %H:%M}"
