"""What the simulated organisation knows: its cameras, plates seen by each, and camera alerts."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from watchfloor_city import Asset, CameraChanged, PlatePassed, Point

ORG_ID = "11111111-2222-4333-8444-555555555555"
_CAMERAS = UUID("99999999-8888-4777-8666-000000000000")
SEEN_PER_CAMERA = 20_000
ALERTS = 10_000

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Motion:
    """One of the city's cameras saw something move: its own vendor alone hears of it."""

    at: datetime
    camera: str
    point: Point


def camera_id(asset: str) -> str:
    """The vendor's id of one of the city's cameras or readers."""
    return str(uuid5(_CAMERAS, asset))


class Organisation:
    """``assets`` are its cameras; without any, every camera that is heard of becomes one."""

    def __init__(self, assets: Iterable[Asset] = ()) -> None:
        self.cameras: dict[str, Record] = {}
        self.readers: set[str] = set()
        self._seen: dict[str, deque[Record]] = defaultdict(lambda: deque(maxlen=SEEN_PER_CAMERA))
        self._alerts: deque[Record] = deque(maxlen=ALERTS)
        for asset in assets:
            self.cameras[camera_id(asset.id)] = _camera(asset)
            if asset.kind == "plate_reader":
                self.readers.add(camera_id(asset.id))
        self._open = not self.cameras

    def plate(self, happening: PlatePassed, base_url: str) -> Record | None:
        """A plate seen, as the webhook's ``data``; ``None`` when the camera is not ours."""
        camera = camera_id(happening.reader)
        if not self._knows(camera, happening.reader, happening.point):
            return None
        self.readers.add(camera)
        detected_ms = round(happening.at.timestamp() * 1000)
        data = {
            "camera_id": camera,
            "created": detected_ms // 1000,
            "detected": detected_ms,
            "license_plate_number": happening.plate,
            "confidence": happening.confidence,
            "crop": [0.31, 0.44, 0.52, 0.57],
            "image_url": f"{base_url}/pictures/{detected_ms}/{happening.plate}",
            "license_plate_state": happening.region.lower(),
        }
        self._seen[camera].append(data)
        return data

    def camera_state(self, happening: CameraChanged) -> Record | None:
        """A camera that went or came back, as an alert; ``None`` for anything else."""
        camera = camera_id(happening.camera)
        if happening.status == "degraded":
            return None
        if not self._knows(camera, happening.camera, happening.point):
            return None
        self.cameras[camera]["status"] = "Live" if happening.status == "online" else "Offline"
        return self._alert(camera, happening.at, f"camera_{happening.status}")

    def motion(self, happening: Motion, base_url: str) -> Record | None:
        """Something moved, as an alert with its picture; ``None`` when the camera is not ours."""
        camera = camera_id(happening.camera)
        if not self._knows(camera, happening.camera, happening.point):
            return None
        picture = f"{base_url}/pictures/{round(happening.at.timestamp() * 1000)}/MOTION"
        return self._alert(camera, happening.at, "motion", image_url=picture)

    def _alert(self, camera: str, at: datetime, kind: str, **beside: Any) -> Record:
        alert = {
            "camera_id": camera,
            "created": int(at.timestamp()),
            "notification_type": kind,
            "objects": [],
            **beside,
        }
        self._alerts.append(alert)
        return alert

    def seen(self, camera: str, since: float, until: float) -> Sequence[Record]:
        """Plates of one camera between two epoch seconds, as webhook ``data``."""
        return [one for one in self._seen[camera] if since <= one["created"] <= until]

    def alerts(self, since: float, until: float, kinds: Sequence[str]) -> Sequence[Record]:
        """Alerts between two epoch seconds; of all kinds when none is named."""
        return [
            one
            for one in self._alerts
            if since <= one["created"] <= until and (not kinds or one["notification_type"] in kinds)
        ]

    def _knows(self, camera: str, name: str, point: Point) -> bool:
        if camera not in self.cameras and self._open:
            self.cameras[camera] = _record(camera, name, point)
        return camera in self.cameras


def _camera(asset: Asset) -> Record:
    return {
        **_record(camera_id(asset.id), asset.name, asset.point),
        "location": asset.address or "",
        "location_angle": asset.heading_deg,
    }


def _record(camera: str, name: str, point: Point) -> Record:
    return {
        "camera_id": camera,
        "name": name,
        "site": "Example Site",
        "location": "",
        "location_lat": point[1],
        "location_lon": point[0],
        "location_angle": None,
        "model": "SIM-1",
        "status": "Live",
        "timezone": "America/Chicago",
        "device_retention": 30,
    }
