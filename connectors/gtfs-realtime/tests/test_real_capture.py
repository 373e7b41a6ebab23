"""A real capture (WMATA, 16 February 2026) put back into protobuf and read as it was sent."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs

from watchfloor_gtfs_realtime.mapping import parse, to_batch
from watchfloor_gtfs_realtime.settings import Settings
from watchfloor_sdk.testing import context

WORKSPACE = Path(__file__).parents[3]
DATA = Path(os.environ.get("WATCHFLOOR_OPEN_DATA", WORKSPACE.parent / "shared" / "data"))
CAPTURE = DATA / "washington_dc" / "wmata_gtfsrt_vehicles_2026-02-16.csv.gz"
EVERY_S = 30


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    if not CAPTURE.is_file():
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain(f"the open data file {CAPTURE.name} is not in {DATA}")
    with gzip.open(CAPTURE, "rt", newline="") as file:
        return list(csv.DictReader(file))


def stamp_of(row: dict[str, str]) -> int:
    return int(float(row["vehicle.timestamp"]))


def position_of(row: dict[str, str]) -> gtfs.Position:
    about = {
        "latitude": "latitude",
        "longitude": "longitude",
        "bearing": "bearing",
        "speed": "speed",
    }
    said = {ours: row[f"vehicle.position.{theirs}"] for ours, theirs in about.items()}
    return gtfs.Position(**{name: float(text) for name, text in said.items() if text})


def entity_of(row: dict[str, str]) -> gtfs.FeedEntity:
    vehicle = gtfs.VehiclePosition(
        trip=gtfs.TripDescriptor(
            trip_id=row["vehicle.trip.trip_id"], route_id=row["vehicle.trip.route_id"]
        ),
        vehicle=gtfs.VehicleDescriptor(
            id=row["vehicle.vehicle.id"], label=row["vehicle.vehicle.label"]
        ),
        position=position_of(row),
        timestamp=stamp_of(row),
    )
    return gtfs.FeedEntity(id=row["id"], vehicle=vehicle)


def feeds(rows: list[dict[str, str]]) -> Iterator[bytes]:
    """The capture as an agency serves it: every vehicle's newest position, each half minute."""
    newest: dict[str, gtfs.FeedEntity] = {}
    for slot, group in groupby(sorted(rows, key=stamp_of), lambda row: stamp_of(row) // EVERY_S):
        newest |= {row["vehicle.vehicle.id"]: entity_of(row) for row in group}
        header = gtfs.FeedHeader(gtfs_realtime_version="2.0", timestamp=(slot + 1) * EVERY_S)
        yield gtfs.FeedMessage(header=header, entity=newest.values()).SerializeToString()


@pytest.mark.data
def test_every_served_position_of_the_capture_becomes_one_event(rows: list[dict[str, str]]):
    settings = Settings(feed_url="http://127.0.0.1/feed", fleet="WMATA")
    known: dict[str, int] = {}
    ids: list[str] = []
    served: set[str] = set()
    for body in feeds(rows):
        feed = parse(body)
        now = datetime.fromtimestamp(feed.header.timestamp, UTC)
        batch = to_batch(context(settings, now=now), feed, known, now)
        assert batch.rejected == []
        known = batch.seen
        ids += [event.id for event in batch.events]
        served |= {f"{e.vehicle.vehicle.id}:{e.vehicle.timestamp}" for e in feed.entity}
    assert len(ids) == len(set(ids))
    assert set(ids) == served
    assert len(ids) > 10_000


@pytest.mark.data
def test_places_and_speeds_of_the_capture_are_plausible(rows: list[dict[str, str]]):
    settings = Settings(feed_url="http://127.0.0.1/feed", fleet="WMATA", stale_after_s=86_400)
    header = gtfs.FeedHeader(gtfs_realtime_version="2.0", timestamp=max(map(stamp_of, rows)))
    feed = gtfs.FeedMessage(header=header, entity=map(entity_of, rows))
    now = datetime.fromtimestamp(header.timestamp, UTC)
    events = to_batch(context(settings, now=now), feed, {}, now).events
    assert len(events) == len(rows)
    for event in events:
        longitude, latitude = event.data.place.point
        assert -77.6 < longitude < -76.6
        assert 38.6 < latitude < 39.3
        assert (event.data.speed_mps or 0) < 45
    without_bearing = sum(event.data.course_deg is None for event in events)
    assert without_bearing == sum(not row["vehicle.position.bearing"] for row in rows)
