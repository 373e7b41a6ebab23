"""The real files: what their READMEs promise comes through, whole."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest

from watchfloor_city import (
    CITIES,
    DATASETS,
    CallChanged,
    City,
    PlatePassed,
    QuietSkipped,
    Rates,
    ReportFiled,
    ShotsDetected,
    VehicleMoved,
    load_city,
    replay,
    simulate,
)
from watchfloor_city.geometry import distance_m
from watchfloor_city.network import StreetNetwork
from watchfloor_city.opendata import read_dataset
from watchfloor_city.simulation.traffic import SNAP_M, posts_of

START = datetime(2026, 5, 2, 20, 0, tzinfo=UTC)
pytestmark = pytest.mark.data


@pytest.fixture(scope="module", params=CITIES)
def real_city(request: pytest.FixtureRequest, data_dir: Path) -> City:
    return load_city(request.param, data_dir)


@pytest.fixture(scope="module")
def network(real_city: City) -> StreetNetwork:
    return StreetNetwork(real_city)


CAMERAS = {"new-orleans": 432, "cincinnati": 161, "washington-dc": 1255}


def test_all_cameras_are_there(real_city: City):
    assert len(real_city.cameras) == CAMERAS[real_city.name]
    assert len({asset.id for asset in real_city.assets}) == len(real_city.assets)


def test_streets_are_one_network_with_names(network: StreetNetwork):
    kilometres = sum(edge.metres for edge in network.edges) / 1000
    assert kilometres > 300
    linked = sum(edge.metres for edge in network.edges if not edge.street.points) / 1000
    assert linked < 0.02 * kilometres
    named = sum(edge.metres for edge in network.edges if edge.street.name) / 1000
    assert named > 0.8 * kilometres


def test_readers_near_a_street_read_the_traffic_on_it(real_city: City, network: StreetNetwork):
    posts = posts_of(real_city, network)
    assert len(posts) > 15
    for post in posts:
        for hop in post.hops:
            assert (
                min(distance_m(post.asset.point, (leg.lon, leg.lat)) for leg in network.legs(hop))
                < SNAP_M + network.edges[hop >> 1].metres
            )


def test_openstreetmap_is_named(real_city: City):
    assert "OpenStreetMap contributors" in real_city.attribution


def test_made_up_days_run_on_real_streets(real_city: City):
    day = list(islice(simulate(real_city, 1, START, Rates(units=8)), 3000))
    assert all(one.at <= then.at for one, then in pairwise(day))
    assert any(isinstance(happening, PlatePassed) for happening in day)
    assert {happening.origin for happening in day} == {"synthetic"}


COUNTS = {
    "new-orleans-reports": 16_749,
    "cincinnati-gunshots": 11_781,
    "washington-dc-gunshots": 39_066,
    "washington-dc-buses": 20_777,
}


@pytest.mark.parametrize("name", COUNTS)
def test_every_row_is_played(data_dir: Path, name: str):
    assert len(read_dataset(name, data_dir)) == COUNTS[name]


@pytest.mark.parametrize("name", DATASETS)
def test_replays_are_in_order_and_begin_at_the_start(data_dir: Path, name: str):
    played = list(replay(name, data_dir, START, 3600))
    assert played[0].at == START
    assert all(one.at <= then.at for one, then in pairwise(played))


def test_all_6893_rows_are_calls_of_their_own_and_end(data_dir: Path):
    calls = [
        call
        for call in replay("new-orleans-calls", data_dir, START)
        if isinstance(call, CallChanged)
    ]
    last = {call.call_number: call for call in calls}
    assert len(last) == 6893
    assert {call.status for call in last.values()} == {"Closed", "Cancelled"}
    outcomes = Counter(call.centre_outcome for call in last.values())
    assert outcomes == {"Relevant video was found": 4369, "No relevant video was found": 2524}
    assert sum(call.point is None for call in last.values()) == 210
    assert all(call.centre_outcome is None for call in calls if call.closed is None)


def test_reports_join_to_calls(data_dir: Path):
    items = {
        h.item_number
        for h in read_dataset("new-orleans-reports", data_dir)
        if isinstance(h, ReportFiled)
    }
    calls = {
        h.call_number
        for h in read_dataset("new-orleans-calls", data_dir)
        if isinstance(h, CallChanged)
    }
    assert len(items & calls) == 619


def test_at_speed_60_with_quiet_skipped_there_is_something_every_half_minute(data_dir: Path):
    timeline = replay(
        "new-orleans-calls", data_dir, START, 60, skip_quiet_over=timedelta(minutes=30)
    )
    hour = [h for h in timeline if h.at < START + timedelta(hours=1)]
    gaps = [then.at - one.at for one, then in pairwise(hour)]
    assert max(gaps) <= timedelta(seconds=30)
    assert any(isinstance(each, QuietSkipped) for each in hour)


def test_the_bad_detection_of_washington_is_kept(data_dir: Path):
    bad = [
        h
        for h in replay("washington-dc-gunshots", data_dir, START)
        if isinstance(h, ShotsDetected) and h.point == (-0.002, 0.001)
    ]
    assert len(bad) == 1


def test_blocks_without_a_place_stay_without(data_dir: Path):
    shots = [
        h for h in read_dataset("cincinnati-gunshots", data_dir) if isinstance(h, ShotsDetected)
    ]
    assert sum(shot.point is None for shot in shots) == 710


def test_buses_are_where_washington_is(data_dir: Path):
    buses = [
        h for h in read_dataset("washington-dc-buses", data_dir) if isinstance(h, VehicleMoved)
    ]
    assert len({bus.vehicle for bus in buses}) == 31
    assert all(-77.2 < bus.point[0] < -76.8 and 38.7 < bus.point[1] < 39.1 for bus in buses)
    assert sum(bus.course_deg is None for bus in buses) == 8284
