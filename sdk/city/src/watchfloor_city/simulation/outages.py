"""Cameras that fail and come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Literal

from watchfloor_city.chance import stream
from watchfloor_city.city import Asset, City
from watchfloor_city.happenings import CameraChanged, Happening

DOWN_S = 1800.0
"""Mean length of an outage."""

Status = Literal["online", "offline", "degraded"]
_REASONS = ("no video", "network unreachable", "no power", "lens obstructed")


def outages(city: City, seed: int | str, start: datetime, per_day: float) -> Iterator[Happening]:
    """Endless; a camera that is down does not fail again before it is back."""
    cameras = city.cameras
    if per_day <= 0 or not cameras:
        return
    rng = stream(seed, "outages")
    back: list[tuple[float, int]] = []
    moment = 0.0
    while True:
        moment += rng.expovariate(per_day / 86400)
        while back and back[0][0] <= moment:
            until, camera = heappop(back)
            yield _changed(start, until, cameras[camera], "online", None)
        camera = rng.randrange(len(cameras))
        if any(camera == down for _, down in back):
            continue
        heappush(back, (moment + 60 + rng.expovariate(1 / DOWN_S), camera))
        status: Status = "degraded" if rng.random() < 0.2 else "offline"
        yield _changed(start, moment, cameras[camera], status, rng.choice(_REASONS))


def _changed(
    start: datetime, moment: float, camera: Asset, status: Status, reason: str | None
) -> CameraChanged:
    at = start + timedelta(seconds=round(moment, 3))
    return CameraChanged(at=at, camera=camera.id, status=status, point=camera.point, reason=reason)
