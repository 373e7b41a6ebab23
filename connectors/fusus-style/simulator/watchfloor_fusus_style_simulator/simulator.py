"""Shared cameras, registrations and alerts. Every name in these documents is ours."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

from aiohttp import web

from watchfloor_city import Asset, CameraChanged
from watchfloor_sdk.auth import basic
from watchfloor_sdk.simulation import HttpSimulator, Setup, WebhookSender

_POINT = (-90.07, 29.95)
SHARES = ("registered", "conditional", "permanent")
STATES = {"offline": "new", "degraded": "seen", "online": "over"}
"""What a camera's status is as the state of the alert about it."""


class FususStyleSimulator(HttpSimulator):
    """``cameras`` are shared from the start; every third owner's registration is without one."""

    connector = "fusus-style"

    def __init__(self, cameras: Iterable[Asset] = (), *, retry_s: float = 0.2) -> None:
        super().__init__()
        shared = [asset for asset in cameras if asset.kind == "camera"]
        self.cameras = {one.id: _camera(one, number) for number, one in enumerate(shared)}
        self.registrations = [_registration(one) for one in shared[::3]]
        self._password = secrets.token_urlsafe(18)
        self._push_password = secrets.token_urlsafe(18)
        self._sender = WebhookSender(self._sign, retries=(retry_s,) * 30, twice_every=10)
        self._sending: asyncio.Task[None] | None = None

    def feed(self, happening: Any) -> None:
        """Cameras that went off or came back raise and clear alerts."""
        if not isinstance(happening, CameraChanged):
            return
        if happening.camera in self.cameras:
            self.cameras[happening.camera]["properties"]["status"] = happening.status
        alert = _alert(happening)
        said = {"new": "raised", "seen": "acknowledged", "over": "cleared"}
        self.handed_out[f"{alert['id']}:{said[alert['properties']['state']]}"] = alert
        self._sender.send(json.dumps(alert).encode())

    @classmethod
    def rehearsing(cls) -> Self:
        """A hundred and fifty cameras: two pages."""
        return cls(
            Asset(id=f"SIM-C-{number}", kind="camera", name=f"Camera {number}", point=_POINT,
                  heading_deg=90.0, angle_deg=70.0, range_m=50.0, address="030XX Example Ave")
            for number in range(150)
        )  # fmt: skip

    def rehearse(self, number: int, at: datetime) -> CameraChanged:
        """Trouble with a camera that raises an alert of its own."""
        camera = f"SIM-R-{number}"
        return CameraChanged(
            at=at, camera=camera, status="offline", point=_POINT, reason="No picture"
        )

    def demo(self) -> Iterable[CameraChanged]:
        """One trouble after the other."""
        return (self.rehearse(number, datetime.now(UTC)) for number in count())

    def lose_asset(self) -> str:
        """An owner shares a camera no longer."""
        lost = next(iter(self.cameras))
        del self.cameras[lost]
        return f"camera:{lost}"

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """A new password for asking."""
        self._password = secrets.token_urlsafe(18)
        return {"account": {"username": "hub", "password": self._password}}

    def push_to(self, url: str) -> None:
        """Where the agency takes the alerts; what waits goes first."""
        self._sending = asyncio.get_running_loop().create_task(self._sender.start(url))

    async def stop(self) -> None:
        """End pushes, then the listener."""
        if self._sending is not None:
            await self._sending
        await self._sender.stop()
        await super().stop()

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        accounts = {
            "account": {"username": "hub", "password": self._password},
            "push_account": {"username": "platform", "password": self._push_password},
        }
        return Setup(self.connector, {"base_url": base_url}, accounts)

    def routes(self) -> Iterable[web.RouteDef]:
        """The two lists."""
        return [
            web.get("/cameras", self._get_cameras),
            web.get("/registrations", self._get_registrations),
        ]

    async def _get_cameras(self, request: web.Request) -> web.Response:
        return self._page(request, list(self.cameras.values()))

    async def _get_registrations(self, request: web.Request) -> web.Response:
        return self._page(request, self.registrations)

    def _page(self, request: web.Request, features: list[dict[str, Any]]) -> web.Response:
        wanted = basic("hub", self._password)
        if not secrets.compare_digest(request.headers.get("authorization", ""), wanted):
            raise web.HTTPUnauthorized
        size, page = int(request.query["size"]), int(request.query["page"])
        document = {
            "type": "FeatureCollection",
            "numberMatched": len(features),
            "features": features[(page - 1) * size : page * size],
        }
        return web.json_response(document, content_type="application/geo+json")

    def _sign(self, _: bytes) -> Mapping[str, str]:
        return {"Authorization": basic("platform", self._push_password)}


def _camera(asset: Asset, number: int) -> dict[str, Any]:
    share = SHARES[number % len(SHARES)]
    return _feature(
        asset.id,
        asset.point,
        name=asset.name,
        owner=asset.owner or f"Example Business {number}",
        address=asset.address,
        status="online",
        share=share,
        heading=asset.heading_deg,
        angle=asset.angle_deg,
        range_ft=None if asset.range_m is None else round(asset.range_m / 0.3048, 1),
        stream=f"rtsp://stream.example.org/{asset.id}",
        contact_phone="504-555-0100",
    )


def _registration(asset: Asset) -> dict[str, Any]:
    return _feature(
        asset.id,
        asset.point,
        name=f"Registration {asset.id}",
        address=asset.address,
        cameras=2,
        site_kind="residence",
        contact_phone="504-555-0100",
    )


def _alert(happening: CameraChanged) -> dict[str, Any]:
    return _feature(
        f"SIM-{happening.camera}-{happening.at:%Y%m%dT%H%M%S}",
        happening.point,
        state=STATES[happening.status],
        kind="camera trouble",
        level="low",
        raised_at=happening.at.isoformat(),
        camera=happening.camera,
        note=happening.reason,
    )


def _feature(id_: str, point: tuple[float, float], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": id_,
        "geometry": {"type": "Point", "coordinates": list(point)},
        "properties": {name: value for name, value in properties.items() if value is not None},
    }
