"""The Command API over HTTP: token exchange, devices, alerts, plate history, pictures."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Self

from aiohttp import web

from watchfloor_city import Asset, CameraChanged, Look, PlatePassed
from watchfloor_sdk import LookupRequest, Purpose
from watchfloor_sdk.simulation import HttpSimulator, Setup, WebhookSender
from watchfloor_verkada.mapping import read_id, to_time

from .limit import Limit
from .organisation import Motion, Organisation, Record
from .picture import draw
from .webhooks import DEADLINE_S, RETRIES, envelope, sign

MOST_ROWS = 200
_POINT = (-90.07, 29.95)
"""Where the cameras of a rehearsal are."""


class VerkadaSimulator(HttpSimulator):
    """``assets`` are the organisation's cameras (plate readers among them read plates).

    Tokens live ``token_life_s``; pictures ``pictures_for_s`` (the vendor does not say how long);
    ``per_minute`` requests are let by. The ledger has every read and camera state that can be had,
    by webhook or from the history.
    """

    connector = "verkada"
    records_path = "/cameras/v1/alerts"

    def __init__(
        self,
        assets: Iterable[Asset] = (),
        *,
        token_life_s: float = 1800.0,
        pictures_for_s: float = 86_400.0,
        per_minute: int = 300,
    ) -> None:
        super().__init__()
        self._organisation = Organisation(assets)
        self._token_life_s = token_life_s
        self._pictures_for_s = pictures_for_s
        self._limit = Limit(per_minute)
        self._key = secrets.token_urlsafe(24)
        self._secret = secrets.token_urlsafe(24)
        self._sender = WebhookSender(
            partial(sign, self._secret), retries=RETRIES, deadline_s=DEADLINE_S
        )
        self._base_url = ""
        self._keeps_reads = True
        self._pushing: asyncio.Task[None] | None = None
        self._tokens: dict[str, float] = {}

    @classmethod
    def rehearsing(cls) -> Self:
        """Two plate readers and a camera. They keep no history of reads: it says less of each than
        the webhook does, so that the same read would be told in two ways."""
        rehearsing = cls(
            [
                Asset(
                    id="gate-1",
                    kind="plate_reader",
                    name="Gate 1",
                    point=_POINT,
                    address="100 Example St",
                    heading_deg=90.0,
                ),
                Asset(id="gate-2", kind="plate_reader", name="Gate 2", point=_POINT),
                Asset(id="lobby", kind="camera", name="Lobby", point=_POINT),
            ],
            per_minute=100_000,
        )
        rehearsing._keeps_reads = False
        return rehearsing

    def rehearse(self, number: int, at: datetime) -> PlatePassed:
        """A plate that passes a gate."""
        return PlatePassed(
            at=at, reader=f"gate-{number % 2 + 1}", plate=f"ZZT{number:04}", region="US-LA",
            confidence=0.9, heading_deg=90.0, point=_POINT,
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )  # fmt: skip

    def demo_requests(self) -> Iterable[LookupRequest]:
        """Somebody looks through one camera after the other."""
        purpose = Purpose("exercise", requester="analyst-1", case_number="SIM-1")
        for number, camera in enumerate(self._organisation.cameras):
            yield LookupRequest(
                id=f"q-{number}", offer="footage-link", subject_kind="device", subject=camera,
                purpose=purpose, deadline_s=10.0,
            )  # fmt: skip

    def lose_asset(self) -> str:
        """The camera that was listed last is taken down."""
        return self._organisation.cameras.popitem()[0]

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """Another key; the old one, and every token that was had for it, is worth nothing."""
        self._key = secrets.token_urlsafe(24)
        self._tokens.clear()
        return {"api_key": {"api_key": self._key}}

    async def stop(self) -> None:
        """End the webhooks, then the listener."""
        await self._sender.stop()
        await super().stop()

    def push_to(self, url: str) -> None:
        """Where webhooks go from now on; what happened before is in the history alone."""
        self._pushing = asyncio.get_running_loop().create_task(self._sender.start(url))

    def feed(self, happening: Any) -> None:
        """Plates, motion and camera states; all else the organisation does not see."""
        if isinstance(happening, PlatePassed):
            self._plate(happening)
        elif isinstance(happening, CameraChanged):
            self._camera_state(happening)
        elif isinstance(happening, Motion):
            self._motion(happening)

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        self._base_url = base_url
        config = {
            "base_url": base_url,
            "pictures_url": base_url,
            "owner": "Example Property Management",
        }
        credentials = {
            "api_key": {"api_key": self._key},
            "webhook_secret": {"secret": self._secret},
        }
        return Setup(self.connector, config, credentials)

    def routes(self) -> Iterable[web.RouteDef]:
        """What of the Command API a hub needs."""
        return [
            web.post("/token", self._post_token),
            web.get("/cameras/v1/devices", self._get_devices),
            web.get("/cameras/v1/alerts", self._get_alerts),
            web.get("/cameras/v1/analytics/lpr/images", self._get_plates),
            web.get("/cameras/v1/footage/link", self._get_link),
            web.get("/pictures/{detected:[0-9]+}/{plate}", self._get_picture),
        ]

    def _plate(self, happening: PlatePassed) -> None:
        data = self._organisation.plate(happening, self._base_url)
        if data is not None:
            created = to_time(data["created"])
            name = read_id(data["camera_id"], created, data["license_plate_number"])
            self.handed_out[name] = data
            self._send("lpr", data)

    def _camera_state(self, happening: CameraChanged) -> None:
        alert = self._organisation.camera_state(happening)
        if alert is not None:
            name = f"{alert['camera_id']}:{happening.status}:{alert['created']}"
            self.handed_out[name] = alert
            self._send("notification", alert)

    def _motion(self, happening: Motion) -> None:
        alert = self._organisation.motion(happening, self._base_url)
        if alert is not None:
            self.handed_out[f"{alert['camera_id']}:motion:{alert['created']}"] = alert
            self._send("notification", alert)

    def _send(self, kind: str, data: Record) -> None:
        if self._pushing is not None:
            self._sender.send(envelope(kind, data))

    async def _post_token(self, request: web.Request) -> web.Response:
        self._let_by()
        if not secrets.compare_digest(request.headers.get("x-api-key", ""), self._key):
            raise _error(web.HTTPUnauthorized, "4e01", "Invalid API key")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + self._token_life_s
        return web.json_response({"token": token})

    async def _get_devices(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return _page(request, "cameras", list(self._organisation.cameras.values()))

    async def _get_alerts(self, request: web.Request) -> web.Response:
        self._authorised(request)
        kinds = [kind for kind in request.query.get("notification_type", "").split(",") if kind]
        return _page(request, "notifications", self._organisation.alerts(*_window(request), kinds))

    async def _get_plates(self, request: web.Request) -> web.Response:
        self._authorised(request)
        camera = request.query.get("camera_id", "")
        if camera not in self._organisation.cameras:
            raise _error(web.HTTPNotFound, "4c04", "Camera not found")
        if camera not in self._organisation.readers or not self._keeps_reads:
            raise _error(web.HTTPPreconditionFailed, "4c12", "Camera does not support LPR")
        seen = self._organisation.seen(camera, *_window(request))
        return _page(request, "detections", [_detection(one) for one in seen], camera_id=camera)

    async def _get_link(self, request: web.Request) -> web.Response:
        self._authorised(request)
        camera, at = request.query.get("camera_id", ""), int(request.query["timestamp"])
        if camera not in self._organisation.cameras:
            raise _error(web.HTTPNotFound, "4c04", "Camera not found")
        url = f"https://command.example.org/cameras/{camera}/history/{at}"
        return web.json_response({"url": url})

    async def _get_picture(self, request: web.Request) -> web.Response:
        """The address says all that is drawn: pictures outlive a restart, as the vendor's do."""
        detected = int(request.match_info["detected"])
        if time.time() - detected / 1000 > self._pictures_for_s:
            raise web.HTTPForbidden  # as a signed address that has run out
        picture = draw(request.match_info["plate"])
        return web.Response(body=picture, content_type="image/svg+xml")

    def _let_by(self) -> None:
        if not self._limit.admits():
            raise _error(web.HTTPTooManyRequests, "4290", "Too many requests")

    def _authorised(self, request: web.Request) -> None:
        self._let_by()
        until = self._tokens.get(request.headers.get("x-verkada-auth", ""))
        if until is None:
            raise _error(web.HTTPUnauthorized, "4e01", "Invalid token")
        if until < time.monotonic():
            raise _error(web.HTTPUnauthorized, "0e2d", "Token expired")


def _error(kind: type[web.HTTPClientError], id_: str, message: str) -> web.HTTPClientError:
    """The vendor's error body. Of the ids only ``0e2d`` is documented; the others are ours."""
    text = f'{{"id":"{id_}","message":"{message}","data":null}}'
    return kind(text=text, content_type="application/json")


def _window(request: web.Request) -> tuple[float, float]:
    query = request.query
    return float(query.get("start_time", 0)), float(query.get("end_time", time.time()))


def _page(request: web.Request, field: str, rows: Sequence[Record], **beside: str) -> web.Response:
    size = min(int(request.query.get("page_size", 100)), MOST_ROWS)
    start = int(request.query.get("page_token", 0))
    following = start + size if start + size < len(rows) else None
    page = {**beside, field: rows[start : start + size], "next_page_token": following}
    return web.json_response(page)


def _detection(data: Record) -> Record:
    return {
        "license_plate": data["license_plate_number"],
        "timestamp": data["created"],
        "image_url": data["image_url"],
        "vehicle_image_url": None,
    }
