"""The documents that the simulated vendor pushes.

Only the root name ``IALRT05`` and its children ``id`` and ``time`` are known to be the vendor's.
Every name that begins with ``sim`` is ours; so is the form of the heartbeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from watchfloor_city.happenings import ShotsDetected


def alert(happening: ShotsDetected, revision: int, audio_url: str) -> dict[str, str]:
    """The elements of an incident's document in their order."""
    longitude, latitude = happening.point or (None, None)
    elements = {
        "id": happening.incident,
        "time": _time(happening.occurred),
        "simRevision": revision,
        "simState": happening.state,
        "simType": happening.classification,
        "simRounds": happening.rounds,
        "simReviewed": str(happening.reviewed).lower(),
        "simLatitude": latitude,
        "simLongitude": longitude,
        "simErrorM": happening.error_m,
        "simAddress": happening.address,
        "simCoverageArea": happening.coverage_area,
        "simAudioUrl": audio_url,
    }
    return {name: str(value) for name, value in elements.items() if value is not None}


def heartbeat(now: datetime) -> bytes:
    """A sign of life. That there are heartbeats is documented, their form is not public."""
    return encode("simHeartbeat", {"time": _time(now)})


def encode(root: str, elements: Mapping[str, str]) -> bytes:
    """A flat document."""
    children = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><{root}>{children}</{root}>'.encode()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
