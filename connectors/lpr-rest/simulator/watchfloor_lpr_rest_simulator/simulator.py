"""The interface over HTTP: reads with a cursor, readers, pictures. Bearer token."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aiohttp import web

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_sdk.simulation import HttpSimulator, Setup

from .kept import PAGE_SIZE, CursorExpired, KeptReads, whole
from .picture import draw

_CORNER = (-90.07, 29.95)
"""Where the readers of a rehearsal stand."""


class LprRestSimulator(HttpSimulator):
    """``readers`` are the vendor's plate readers; reads by others it does not know of. Without
    any it takes every reader as its own.

    At least ``keep`` reads are kept; an older cursor is answered with 410. Pictures are kept for
    ``pictures_for``. Reads are numbered from ``first``: a vendor that comes back goes on counting.
    """

    connector = "lpr-rest"
    records_path = "/reads"

    def __init__(
        self,
        readers: Iterable[Asset] = (),
        *,
        keep: int = 300_000,
        pictures_for: timedelta = timedelta(days=1),
        first: int = 0,
    ) -> None:
        super().__init__()
        self._readers = {asset.id: asset for asset in readers if asset.kind == "plate_reader"}
        self._kept = KeptReads(keep, pictures_for, first)
        self._token = secrets.token_urlsafe(24)

    def feed(self, happening: Any) -> None:
        """Plates that passed one of the vendor's readers; all else it does not know of."""
        if isinstance(happening, PlatePassed) and self._knows(happening.reader):
            self._kept.add(happening)

    @property
    def ledger(self) -> Mapping[str, Any]:
        """Every read that is kept: each is handed out to whoever asks long enough."""
        return self._kept

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        config = {"base_url": base_url, "owner": "Example Police Department"}
        return Setup(self.connector, config, {"token": {"token": self._token}})

    @classmethod
    def rehearsing(cls) -> Self:
        """Three readers."""
        return cls(
            Asset(
                id=f"lpr-{number}", kind="plate_reader", name=f"Reader {number}",
                point=_CORNER, heading_deg=90.0, angle_deg=40.0, range_m=30.0,
                owner="Example Police Department", address="Example St & Sample Ave",
            )
            for number in range(3)
        )  # fmt: skip

    def rehearse(self, number: int, at: datetime) -> PlatePassed:
        """A plate that passes one of the readers."""
        return PlatePassed(
            at=at, reader=f"lpr-{number % 3}", plate=f"ZZT{number:04}", region="US-LA",
            confidence=0.5 + number % 50 / 100, heading_deg=90.0, point=_CORNER,
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )  # fmt: skip

    def lose_asset(self) -> str:
        """The reader that was listed last."""
        return self._readers.popitem()[0]

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """A new token; the old one is worth nothing any more."""
        self._token = secrets.token_urlsafe(24)
        return {"token": {"token": self._token}}

    def routes(self) -> Iterable[web.RouteDef]:
        """The three requests of the interface."""
        return [
            web.get("/reads", self._get_reads),
            web.get("/readers", self._get_readers),
            web.get("/pictures/{region}/{plate}/{until:[0-9]+}", self._get_picture),
        ]

    async def _get_reads(self, request: web.Request) -> web.Response:
        self._authorised(request)
        limit = min(whole(request.query.get("limit")) or PAGE_SIZE, PAGE_SIZE)
        as_of = datetime.now(UTC).isoformat()
        try:
            rows, following, more = self._kept.page(whole(request.query.get("after")), limit)
        except CursorExpired:
            return web.json_response({"error": "cursor_expired"}, status=410)
        frame = f'],"next":"{following}","more":{str(more).lower()},"as_of":"{as_of}"}}'
        body = b'{"reads":[' + rows + frame.encode()
        return web.Response(body=body, content_type="application/json")

    async def _get_readers(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return web.json_response({"readers": [_reader(one) for one in self._readers.values()]})

    async def _get_picture(self, request: web.Request) -> web.Response:
        self._authorised(request)
        asked = request.match_info
        if int(asked["until"]) < datetime.now(UTC).timestamp():
            return web.json_response({"error": "expired"}, status=410)
        picture = draw(asked["plate"], asked["region"])
        return web.Response(body=picture, content_type="image/svg+xml")

    def _knows(self, reader: str) -> bool:
        return not self._readers or reader in self._readers

    def _authorised(self, request: web.Request) -> None:
        expected = f"Bearer {self._token}"
        if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
            raise web.HTTPUnauthorized(text='{"error": "unauthorised"}')


def _reader(asset: Asset) -> dict[str, Any]:
    longitude, latitude = asset.point
    return {
        "id": asset.id,
        "name": asset.name,
        "longitude": longitude,
        "latitude": latitude,
        "heading_deg": asset.heading_deg,
        "angle_deg": asset.angle_deg or 40.0,
        "range_m": asset.range_m,
        "owner": asset.owner,
        "address": asset.address,
        "status": "online",
    }
