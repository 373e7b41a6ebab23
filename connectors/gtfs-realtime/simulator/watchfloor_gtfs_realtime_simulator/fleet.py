"""Where the vehicles of the simulated fleet are, each encoded once when it moves.

Protobuf messages may be joined end to end (protobuf.dev, "Encoding", "Last One Wins"): the feed is
its header followed by one entity after another, so serving it costs no encoding.
"""

from __future__ import annotations

from collections import ChainMap, OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from google.transit import gtfs_realtime_pb2 as gtfs

from watchfloor_city.happenings import UnitMoved, VehicleMoved

LEDGER = 200_000
"""Positions that the ledger holds; the oldest are forgotten."""


class Seen(NamedTuple):
    """A vehicle's newest position."""

    stamp: int
    said: Mapping[str, Any]
    encoded: bytes


class Fleet:
    """The newest position of each vehicle, and which have been served."""

    def __init__(self) -> None:
        self._newest: dict[str, Seen] = {}
        self._handed_out: OrderedDict[str, Mapping[str, Any]] = OrderedDict()

    def moved(self, happening: VehicleMoved | UnitMoved) -> None:
        """Take note of where a vehicle is now."""
        said = _said(happening)
        stamp = int(happening.at.timestamp())
        self._newest[said["id"]] = Seen(stamp, said, _entity(said, stamp))

    def feed(self, now: datetime) -> bytes:
        """The whole feed as of ``now``."""
        header = gtfs.FeedHeader(
            gtfs_realtime_version="2.0",
            incrementality=gtfs.FeedHeader.FULL_DATASET,
            timestamp=int(now.timestamp()),
        )
        for name, seen in self._newest.items():
            self._hand_out(f"{name}:{seen.stamp}", seen.said)
        parts = [seen.encoded for seen in self._newest.values()]
        return gtfs.FeedMessage(header=header).SerializeToString() + b"".join(parts)

    @property
    def ledger(self) -> Mapping[str, Mapping[str, Any]]:
        """Event id → position: what has been served, and what will be at the next request."""
        newest = {f"{name}:{seen.stamp}": seen.said for name, seen in self._newest.items()}
        return ChainMap(newest, self._handed_out)

    def _hand_out(self, event_id: str, said: Mapping[str, Any]) -> None:
        self._handed_out[event_id] = said
        if len(self._handed_out) > LEDGER:
            self._handed_out.popitem(last=False)


def _said(happening: VehicleMoved | UnitMoved) -> dict[str, Any]:
    longitude, latitude = happening.point
    about = {
        "longitude": longitude,
        "latitude": latitude,
        "bearing": happening.course_deg,
        "speed": happening.speed_mps,
    }
    if isinstance(happening, UnitMoved):
        return {"id": f"veh-{happening.unit}", "label": happening.unit, **about}
    return {
        "id": happening.vehicle,
        "label": happening.label,
        "route": happening.route,
        "trip": happening.trip,
        **about,
    }


def _entity(said: Mapping[str, Any], stamp: int) -> bytes:
    vehicle = gtfs.VehiclePosition(
        trip=_trip(said),
        vehicle=gtfs.VehicleDescriptor(id=said["id"], label=said["label"]),
        position=gtfs.Position(
            latitude=said["latitude"],
            longitude=said["longitude"],
            bearing=said["bearing"],
            speed=said["speed"],
        ),
        timestamp=stamp,
    )
    entity = gtfs.FeedEntity(id=said["id"], vehicle=vehicle)
    return gtfs.FeedMessage(entity=[entity]).SerializePartialToString()


def _trip(said: Mapping[str, Any]) -> gtfs.TripDescriptor | None:
    if not said.get("trip") and not said.get("route"):
        return None
    return gtfs.TripDescriptor(trip_id=said.get("trip"), route_id=said.get("route"))
