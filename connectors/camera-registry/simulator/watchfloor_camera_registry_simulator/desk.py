"""The real registration desk, with the cameras of a city on its list."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from watchfloor_camera_registry_desk import Desk, HubSide, Settings, opened
from watchfloor_camera_registry_desk.book import Book
from watchfloor_camera_registry_desk.footage import Asked
from watchfloor_camera_registry_desk.hub_side import Feature
from watchfloor_city import Asset

SETTINGS = Settings(
    agency="Example Police Department",
    contact="cameras@police.example.org",
    evidence="Bring it to any station, on a disk that you do not need back.",
    sender="cameras@police.example.org",
    time_zone="America/Chicago",
)

CASE = "SIM-2026-000001"
ASKED = "demo-0"
"""The key of the request that was made first."""
_SEED = "simulated"
"""The version of the words that nobody has read."""


class CityHubSide(HubSide):
    """A desk whose list has the city's cameras as they are now, and those that were registered."""

    def __init__(self, desk: Desk, city: Callable[[], Sequence[Feature]]) -> None:
        super().__init__(desk, secrets.token_urlsafe(32))
        self._city = city

    def features(self) -> Sequence[Feature]:
        """The city's first. Of those that the desk began with, only what the city says counts."""
        registered = (one for one in super().features() if not _is_seed(one))
        return [*self._city(), *registered]


@asynccontextmanager
async def city_desk(cameras: Iterable[Asset]) -> AsyncIterator[Desk]:
    """A desk in a folder of its own. The owners of cameras with consent can be asked; they are made
    up, and so are their addresses."""
    with TemporaryDirectory(prefix="camera-registry-") as name:
        _seed(Path(name), cameras)
        async with opened(Path(name), SETTINGS) as desk:
            yield desk


def reference_of(key: str) -> str:
    """What the connector calls a request that was asked for under this key."""
    return f"FR-{sha256(key.encode()).hexdigest()[:12].upper()}"


def last_hour() -> tuple[datetime, datetime]:
    """What is asked for."""
    now = datetime.now(UTC)
    return now - timedelta(hours=1), now


def ask_first(desk: Desk) -> None:
    """The first owner who can be asked has been, before anybody came."""
    askable = [camera.id for camera in desk.registry.cameras() if camera.level == "request"]
    start, end = last_hour()
    for camera in askable[:1]:
        asked = Asked(
            camera=camera, start=start, end=end, case_number=CASE, requested_by="Casey Analyst",
            reason="Somebody was hurt in the street.",
        )  # fmt: skip
        desk.footage.ask(reference_of(ASKED), asked)


def _seed(folder: Path, cameras: Iterable[Asset]) -> None:
    book = Book(folder / "registry.sqlite3")
    with book.change() as change:
        for one in cameras:
            if one.access in ("request", "listed"):
                longitude, latitude = one.point
                change.add(
                    "registrations", id=one.id, submission=f"seed-{one.id}", name="Zed Example",
                    email="zed@example.org", site_kind="business",
                    address=one.address or one.name, latitude=latitude, longitude=longitude,
                    looks_at="street", heading_deg=one.heading_deg, level=one.access,
                    text_version=_SEED, given=change.now, confirmed=change.now,
                )  # fmt: skip
    book.close()


def _is_seed(feature: Feature) -> bool:
    version: str = feature["properties"]["consent"]["text_version"]
    return version == _SEED
