"""Times in the bodies of requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from watchfloor.contracts import GiveUp, micros
from watchfloor.ports.store import Micros

Instant = Annotated[datetime, Meta(tz=True)]
"""RFC 3339, with an offset."""


def micros_of(moment: datetime) -> Micros:
    """As the store keeps it. Raises ``GiveUp`` (code ``bad_body``) for one that is no time in UTC:
    the last hours of the year 9999, west of Greenwich."""
    try:
        return micros(moment.astimezone(UTC).isoformat())
    except OverflowError:
        raise GiveUp("The body does not fit: no such time.", code="bad_body") from None
