"""One VehiclePositions feed over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from watchfloor_city import UnitMoved, VehicleMoved
from watchfloor_sdk.simulation import HttpSimulator, Setup

from .fleet import Fleet


class GtfsRealtimeSimulator(HttpSimulator):
    """Serves the buses of a city; with ``units`` its police units instead.

    An agency's own vehicle location rarely speaks this standard; where it does, each unit's name
    is its vehicle's label.
    """

    connector = "gtfs-realtime"

    def __init__(self, *, units: bool = False) -> None:
        super().__init__()
        self._units = units
        self._fleet = Fleet()

    def feed(self, happening: Any) -> None:
        """Vehicles that moved; with ``units`` police units that did."""
        if isinstance(happening, UnitMoved if self._units else VehicleMoved):
            self._fleet.moved(happening)

    @property
    def ledger(self) -> Mapping[str, Any]:
        """Every position that has been served (within bounds) or is the vehicle's newest."""
        return self._fleet.ledger

    def rehearse(self, number: int, at: datetime) -> VehicleMoved:
        """A bus of its own."""
        return VehicleMoved(
            at=at, vehicle=f"{4000 + number}", label=f"Bus {4000 + number}", route="D96",
            trip="30095100", point=(-77.08, 38.93), speed_mps=8.84, course_deg=133.0,
        )  # fmt: skip

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        fleet = "Example Police Department" if self._units else "Example Transit"
        config = {
            "feed_url": f"{base_url}/vehicle-positions.pb",
            "fleet": fleet,
            "units": self._units,
        }
        return Setup(self.connector, config)

    def routes(self) -> Iterable[web.RouteDef]:
        """The feed."""
        return [web.get("/vehicle-positions.pb", self._get_feed)]

    async def _get_feed(self, _: web.Request) -> web.Response:
        body = self._fleet.feed(datetime.now(UTC))
        return web.Response(body=body, content_type="application/x-protobuf")
