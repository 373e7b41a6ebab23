"""The registry over HTTP: a list as GeoJSON or as CSV, or the registration desk."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal, Self

from aiohttp import web

from watchfloor_camera_registry_desk import Desk, Pages
from watchfloor_city import SYNTHETIC, Asset, CameraChanged, Point
from watchfloor_sdk import ActionRequest, LookupRequest, Purpose
from watchfloor_sdk.simulation import Setup
from watchfloor_sdk.testing import HttpSimulator

from .desk import ASKED, CASE, CityHubSide, ask_first, city_desk, last_hour, reference_of

Form = Literal["geojson", "csv", "desk"]

COLUMNS = (
    "camera_id", "lat", "lon", "label", "site_name", "address", "heading_deg", "fov_deg",
    "range_m", "status", "status_since", "indoor", "level", "conditions", "expires_at",
    "withdrawn_at", "stream_url", "contact_name", "phone",
)  # fmt: skip

_POINT = (-90.03, 29.98)
"""Where the cameras of a rehearsal are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One camera in the registry. The contact is what a registry knows and must keep."""

    id: str
    point: Point
    name: str
    owner: str | None = None
    address: str | None = None
    heading_deg: float | None = None
    angle_deg: float | None = None
    range_m: float | None = None
    level: str | None = None
    stream: str | None = None
    status: str = "online"
    since: datetime | None = None
    withdrawn: datetime | None = None

    @property
    def event_id(self) -> str:
        """Of the event that the connector makes of this status."""
        return f"{self.id}#{self.status}@{self.since:%Y%m%dT%H%M%S.%fZ}"


class CameraRegistrySimulator(HttpSimulator):
    """``cameras`` are listed from the start, others when they first change. Made-up ones are
    online; of real ones nothing is said until they change.

    A registry says how things stand: a status that was overtaken between two answers is never
    handed out. As a desk it is the real one, form, letters and all.
    """

    connector = "camera-registry"
    records_path = "/hub/cameras"

    def __init__(self, cameras: Iterable[Asset] = (), *, form: Form = "geojson") -> None:
        super().__init__()
        self._form = form
        self._cameras = [one for one in cameras if one.kind == "camera"]
        self._entries = {one.id: _entry(one) for one in self._cameras}
        self._desk: Desk | None = None
        self._hub_side: CityHubSide | None = None
        self._opened = AsyncExitStack()
        self._served: dict[str, str] = {}

    def feed(self, happening: Any) -> None:
        """Cameras that went off or came back."""
        if isinstance(happening, CameraChanged):
            known = self._entries.get(
                happening.camera, Entry(happening.camera, happening.point, happening.camera)
            )
            changed = replace(known, status=happening.status, since=happening.at)
            self._entries[known.id] = changed

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen; a desk is opened first."""
        if self._form == "desk":
            self._desk = await self._opened.enter_async_context(city_desk(self._cameras))
            self._hub_side = CityHubSide(self._desk, self._features)
        setup = await super().start(host, port)
        if self._desk:
            self._desk.answers_at(setup.config["desk"])
            await asyncio.to_thread(ask_first, self._desk)
        return setup

    async def stop(self) -> None:
        """Close the listener, and the desk."""
        await super().stop()
        await self._opened.aclose()

    @classmethod
    def rehearsing(cls) -> Self:
        """A desk with two cameras that nothing happens to."""
        cameras = [
            Asset(
                id=f"kept-{number}", kind="camera", name=f"Camera {number}", point=_POINT,
                heading_deg=90.0, angle_deg=70.0, range_m=50.0, owner="Example Hardware",
                access="request",
            )
            for number in range(2)
        ]  # fmt: skip
        return cls(cameras, form="desk")

    def rehearse(self, number: int, at: datetime) -> CameraChanged:
        """A camera of its own goes off."""
        return CameraChanged(at=at, camera=f"cam-{number}", status="offline", point=_POINT)

    def demo_requests(self) -> Iterable[LookupRequest | ActionRequest]:
        """Footage of a camera's last hour; whether anybody has answered; and that what was asked
        for before is not needed any more."""
        start, end = (moment.isoformat() for moment in last_hour())
        yield _order("request-footage", "demo-1", camera="kept-0", start=start, end=end,
                     case_number=CASE, reason="A car was stolen nearby.")  # fmt: skip
        yield LookupRequest(
            id="q-1", offer="footage-requests", subject_kind="case", subject=CASE, deadline_s=10,
            purpose=Purpose(code="investigation", requester="Casey Analyst", case_number=CASE),
        )  # fmt: skip
        yield _order("take-back-request", "demo-2", reference=reference_of(ASKED))

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """The desk has another token."""
        assert self._hub_side is not None, "a list has no token"
        self._hub_side.token = secrets.token_urlsafe(32)
        return self._credentials()

    def lose_asset(self) -> str:
        """An owner takes an entry out."""
        lost = next(iter(self._entries))
        self.remove(lost)
        return lost

    def remove(self, camera: str) -> None:
        """The owner took the entry out."""
        del self._entries[camera]

    def withdraw(self, camera: str, at: datetime) -> None:
        """The owner took consent back."""
        self._entries[camera] = replace(self._entries[camera], withdrawn=at)

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        if self._form == "desk":
            return Setup(self.connector, {"desk": base_url}, self._credentials())
        config = {"mapping": f"registry-{self._form}", "url": f"{base_url}/cameras.{self._form}"}
        return Setup(self.connector, config)

    def routes(self) -> Iterable[web.RouteDef]:
        """The list, or the whole desk."""
        if self._desk and self._hub_side:
            return [*Pages(self._desk).routes(), *self._hub_side.routes()]
        return [web.get(f"/cameras.{self._form}", self._get)]

    async def _get(self, request: web.Request) -> web.Response:
        text = self._geojson() if self._form == "geojson" else self._csv()
        etag = blake2b(text.encode(), digest_size=8).hexdigest()
        if f'"{etag}"' == request.headers.get("if-none-match"):
            return web.Response(status=304, headers={"etag": f'"{etag}"'})
        self._hand_out()
        kind = "application/geo+json" if self._form == "geojson" else "text/csv"
        answer = web.Response(text=text, content_type=kind)
        answer.etag = etag
        return answer

    def _hand_out(self) -> None:
        """What becomes news with this answer: statuses that differ from the last one's."""
        for entry in filter(lambda one: one.since, self._entries.values()):
            if self._served.get(entry.id, "online") != entry.status:
                self.handed_out[entry.event_id] = _cells(entry)
            self._served[entry.id] = entry.status

    def _credentials(self) -> Mapping[str, Mapping[str, str]]:
        return {"token": {"token": self._hub_side.token}} if self._hub_side else {}

    def _features(self) -> list[dict[str, Any]]:
        """For the desk's list: said as soon as they are asked for."""
        self._hand_out()
        return [_feature(entry) for entry in list(self._entries.values())]

    def _geojson(self) -> str:
        features = [_feature(entry) for entry in self._entries.values()]
        return json.dumps({"type": "FeatureCollection", "features": features})

    def _csv(self) -> str:
        out = io.StringIO()
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(_cells(entry) for entry in self._entries.values())
        return out.getvalue()


def _order(action: str, key: str, **parameters: Any) -> ActionRequest:
    return ActionRequest(
        idempotency_key=key, action=action, requested_by="Casey Analyst", parameters=parameters
    )


def _entry(asset: Asset) -> Entry:
    made_up = asset.origin == SYNTHETIC
    return Entry(
        asset.id, asset.point, asset.name, asset.owner, asset.address, asset.heading_deg,
        asset.angle_deg, asset.range_m, asset.access,
        f"rtsp://cameras.example.org/{asset.id}" if made_up else None,
        "online" if made_up else "unknown",
    )  # fmt: skip


def _cells(entry: Entry) -> dict[str, Any]:
    longitude, latitude = entry.point
    return {
        "camera_id": entry.id,
        "lat": latitude,
        "lon": longitude,
        "label": entry.name,
        "site_name": entry.owner,
        "address": entry.address,
        "heading_deg": entry.heading_deg,
        "fov_deg": entry.angle_deg,
        "range_m": entry.range_m,
        "status": entry.status,
        "status_since": entry.since and entry.since.isoformat(),
        "indoor": "no",
        "level": entry.level,
        "withdrawn_at": entry.withdrawn and entry.withdrawn.isoformat(),
        "stream_url": entry.stream,
        "contact_name": "Zed Example",
        "phone": "555-0100",
    }


def _feature(entry: Entry) -> dict[str, Any]:
    cells = _cells(entry)
    consent = {"level": entry.level, "withdrawn_at": cells["withdrawn_at"], "given_by": "Zed"}
    longitude, latitude = cells.pop("lon"), cells.pop("lat")
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": {**cells, "covers": ["street"], "consent": consent},
    }
