"""A made-up day: repeatable, in order, and true to itself."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from random import Random

import pytest

from watchfloor_city import (
    CallChanged,
    CameraChanged,
    City,
    Happening,
    PlatePassed,
    Rates,
    ShotsDetected,
    UnitMoved,
    UnitStatusChanged,
    hot_list,
    simulate,
)
from watchfloor_city.geometry import distance_m
from watchfloor_city.network import StreetNetwork
from watchfloor_city.rhythm import CALLS, SHOTS, TRAFFIC
from watchfloor_city.simulation.vocabulary import TYPES, callback, story

BUSY = Rates(
    reads_per_second=2, units=60, positions_every_s=40, calls_per_hour=60, gunshots_per_day=120,
    camera_outages_per_day=200,
)  # fmt: skip


def hours(
    city: City, start: datetime, n: float, rates: Rates, seed: int = 1
) -> Iterator[Happening]:
    end = start + timedelta(hours=n)
    return takewhile(lambda happening: happening.at < end, simulate(city, seed, start, rates))


@pytest.fixture(scope="module")
def day(city: City, start: datetime) -> list[Happening]:
    """Ten busy hours."""
    return list(hours(city, start, 10, BUSY))


# --- Repeatable and in order -----------------------------------------------------------------


def test_same_seed_same_first_10000_happenings(city: City, start: datetime):
    one, two = (list(islice(simulate(city, 9, start, BUSY), 10_000)) for _ in range(2))
    assert one == two


def test_another_seed_is_another_day(city: City, start: datetime):
    one, two = (list(islice(simulate(city, seed, start, BUSY), 500)) for seed in (1, 2))
    assert one != two


def test_everything_comes_in_order_and_not_before_the_start(day: list[Happening], start: datetime):
    assert day[0].at == start
    assert all(one.at <= then.at for one, then in pairwise(day))
    assert {happening.at.tzinfo for happening in day} == {UTC}
    assert {happening.origin for happening in day} == {"synthetic"}


@pytest.mark.parametrize(
    ("off", "kept"),
    [
        ({"reads_per_second": 0}, CallChanged),
        ({"units": 0, "calls_per_hour": 0, "gunshots_per_day": 0}, PlatePassed),
        ({"reads_per_second": 0, "calls_per_hour": 0}, CameraChanged),
    ],
)
def test_switching_a_part_off_leaves_the_others_as_they_were(
    city: City, start: datetime, off: dict[str, int], kept: type[Happening]
):
    less = Rates(**{**asdict(BUSY), **off})
    runs = (list(hours(city, start, 1, rates)) for rates in (BUSY, less))
    one, two = ([h for h in run if isinstance(h, kept)] for run in runs)
    assert one == two
    assert one


def test_all_off_is_an_empty_day(city: City, start: datetime):
    nothing = Rates(
        reads_per_second=0, units=0, calls_per_hour=0, gunshots_per_day=0, camera_outages_per_day=0
    )
    assert list(simulate(city, 1, start, nothing)) == []


def test_a_start_without_zone_and_a_negative_rate_are_refused(city: City, start: datetime):
    with pytest.raises(ValueError, match="time zone"):
        simulate(city, 1, start.replace(tzinfo=None))
    with pytest.raises(ValueError, match="calls_per_hour"):
        Rates(calls_per_hour=-1)


# --- Calls and units -------------------------------------------------------------------------

NEXT_STATUS = {
    "Active": {"Active", "ResourcesAssigned", "Cancelled"},
    "ResourcesAssigned": {"ResourcesEnroute", "Cancelled"},
    "ResourcesEnroute": {"ResourcesOnscene", "Cancelled"},
    "ResourcesOnscene": {"ResourcesOnscene", "Closed"},
    "Closed": set[str](),
    "Cancelled": set[str](),
}


def by_call(day: list[Happening]) -> dict[str, list[CallChanged]]:
    calls: dict[str, list[CallChanged]] = defaultdict(list)
    for happening in day:
        if isinstance(happening, CallChanged):
            calls[happening.call_number].append(happening)
    return calls


def test_call_states_follow_one_another(day: list[Happening]):
    calls = by_call(day)
    assert len(calls) > 400
    for states in calls.values():
        for one, then in pairwise(states):
            assert then.status in NEXT_STATUS[one.status]
    assert {states[-1].status for states in calls.values()} >= {"Closed", "Cancelled"}


def test_a_call_keeps_what_it_was_and_its_times_are_in_order(day: list[Happening]):
    for states in by_call(day).values():
        for one, then in pairwise(states):
            assert (one.created, one.initial_type, one.address, one.point) == (
                then.created, then.initial_type, then.address, then.point
            )  # fmt: skip
            assert then.notes[: len(one.notes)] == one.notes
        for state in states:
            times = [state.created, state.dispatched, state.arrived, state.closed]
            known = [moment for moment in times if moment]
            assert known == sorted(known)
            assert known[-1] <= state.at
            assert (state.disposition is not None) == (state.status in ("Closed", "Cancelled"))
            assert (state.arrived is not None) == (state.status in ("ResourcesOnscene", "Closed"))


NEXT_UNIT = {
    "InService": {"Dispatched", "TrafficStop"},
    "Dispatched": {"EnRoute", "Cleared"},
    "EnRoute": {"OnScene", "Cleared"},
    "OnScene": {"Cleared"},
    "TrafficStop": {"Cleared"},
    "Cleared": {"InService"},
}


def test_unit_states_follow_one_another(day: list[Happening]):
    last: dict[str, str] = {}
    for happening in day:
        if isinstance(happening, UnitStatusChanged):
            if happening.unit in last:
                assert happening.status in NEXT_UNIT[last[happening.unit]]
            last[happening.unit] = happening.status
            assert (happening.call_number is None) == (happening.status == "InService")
    assert len(last) == BUSY.units


def test_a_unit_works_on_one_call_at_a_time_and_that_call_names_it(day: list[Happening]):
    calls = by_call(day)
    for happening in day:
        if isinstance(happening, UnitStatusChanged) and happening.call_number:
            assert any(happening.unit in state.units for state in calls[happening.call_number])


def test_units_that_arrive_are_where_the_call_is(day: list[Happening]):
    calls = by_call(day)
    arrivals = [h for h in day if isinstance(h, UnitStatusChanged) and h.status == "OnScene"]
    assert arrivals
    for arrival in arrivals:
        point = calls[arrival.call_number or ""][0].point
        assert point is not None
        assert distance_m(arrival.point, point) < 2


def test_units_drive_on_streets_at_street_speeds(city: City, day: list[Happening]):
    network = StreetNetwork(city)
    moves: dict[str, list[UnitMoved]] = defaultdict(list)
    for happening in day:
        if isinstance(happening, UnitMoved):
            moves[happening.unit].append(happening)
    assert len(moves) == BUSY.units
    for track in moves.values():
        for one, then in pairwise(track[:300]):
            assert network.nearest(then.point, 3.0)
            assert distance_m(one.point, then.point) <= 20 * (then.at - one.at).total_seconds() + 10
            assert (then.at - one.at).total_seconds() == pytest.approx(40, abs=0.01)
        assert len({move.point for move in track}) > 50


def test_calls_are_answered(day: list[Happening]):
    """With units enough, nine of ten calls get a unit on scene within half an hour."""
    waits = [
        (states[-1].arrived - states[-1].created).total_seconds()
        for states in by_call(day).values()
        if states[-1].arrived
    ]
    assert sorted(waits)[int(len(waits) * 0.9)] < 1800


def test_calls_without_units_stay_open(city: City, start: datetime):
    rates = Rates(units=0, reads_per_second=0, camera_outages_per_day=0, gunshots_per_day=0)
    states = [h for h in hours(city, start, 3, rates) if isinstance(h, CallChanged)]
    assert {state.status for state in states} <= {"Active", "Cancelled"}
    assert states


# --- Never real ------------------------------------------------------------------------------


def test_all_plates_are_zz_and_all_numbers_fictional(day: list[Happening]):
    reads = [h for h in day if isinstance(h, PlatePassed)]
    assert len(reads) > 10_000
    assert all(read.plate.startswith("ZZ") and len(read.plate) == 7 for read in reads)
    calls = [h for h in day if isinstance(h, CallChanged)]
    assert any(call.plates for call in calls)
    assert all(plate.startswith("ZZ") for call in calls for plate in call.plates)
    assert all(call.callback.startswith("555-01") for call in calls if call.callback)
    assert all(unit.startswith("Z") for call in calls for unit in call.units)


def test_every_story_of_every_type_can_be_told():
    for kind in TYPES:
        texts = {story(kind, Random(i))[0] for i in range(40)}
        assert all("{" not in text for text in texts)
        assert len(texts) >= len(kind.stories)
    assert {callback(Random(i))[:6] for i in range(50)} == {"555-01"}


# --- Reads and hits --------------------------------------------------------------------------


def test_reads_come_at_the_rate_asked_for(city: City, start: datetime):
    rates = Rates(reads_per_second=5, units=0, calls_per_hour=0, gunshots_per_day=0, flat=True)
    reads = [h for h in hours(city, start, 1, rates) if isinstance(h, PlatePassed)]
    assert len(reads) == pytest.approx(5 * 3600, rel=0.1)
    assert {read.reader for read in reads} == {reader.id for reader in city.readers}
    assert all(0.5 < read.confidence <= 1 for read in reads)


def test_the_first_minute_is_as_busy_as_any(city: City, start: datetime):
    rates = Rates(reads_per_second=20, units=0, calls_per_hour=0, gunshots_per_day=0, flat=True)
    reads = sum(isinstance(h, PlatePassed) for h in hours(city, start, 1 / 60, rates))
    assert reads == pytest.approx(20 * 60, rel=0.15)


def test_a_vehicle_needs_the_time_that_the_way_takes(city: City, day: list[Happening]):
    """No plate is read by two readers faster than 70 km/h allows."""
    points = {reader.id: reader.point for reader in city.readers}
    seen: dict[str, PlatePassed] = {}
    pairs = 0
    for read in (h for h in day if isinstance(h, PlatePassed)):
        before = seen.get(read.plate)
        if before and before.confidence > 0.8 and read.confidence > 0.8:
            way = distance_m(points[before.reader], points[read.reader])
            assert way <= 19.5 * ((read.at - before.at).total_seconds() + 2) + 60
            pairs += 1
        seen[read.plate] = read
    assert pairs > 1000


def test_hits_come_at_the_rate_asked_for_and_expired_entries_drive_too(city: City, start: datetime):
    entries = {entry.plate: entry for entry in hot_list(city, 1, 500, start)}
    rates = Rates(hits_per_hour=120, units=0, calls_per_hour=0, gunshots_per_day=0, flat=True)
    hits: Counter[bool] = Counter()
    for read in hours(city, start, 8, rates):
        if isinstance(read, PlatePassed) and read.plate in entries:
            hits[entries[read.plate].expires > start] += 1
    assert hits[True] == pytest.approx(120 * 8, rel=0.15)
    assert hits[False] > 50


def test_hot_list_is_repeatable_and_all_different(city: City, start: datetime):
    entries = hot_list(city, 5, 20_000, start)
    assert entries == hot_list(city, 5, 20_000, start)
    assert entries[:100] != hot_list(city, 6, 100, start)
    assert len({entry.plate for entry in entries}) == 20_000
    assert all(entry.plate.startswith("ZZ") and entry.added < entry.expires for entry in entries)
    assert 0.1 < sum(entry.expires < start for entry in entries) / 20_000 < 0.25


def test_hot_list_longer_than_there_are_plates_is_refused(city: City, start: datetime):
    with pytest.raises(ValueError, match="entries"):
        hot_list(city, 1, 2_000_000, start)


# --- Rhythm, gunshots, cameras ---------------------------------------------------------------


@pytest.mark.parametrize("curve", [CALLS, SHOTS, TRAFFIC])
def test_curves_have_mean_one(curve: tuple[float, ...]):
    assert sum(curve) / 24 == pytest.approx(1, abs=0.02)


def test_calls_rise_and_fall_with_the_local_hour(city: City):
    """Between 13 and 19 h local there are about 3.2 times as many as between 2 and 6 h."""
    midnight = datetime(2026, 5, 2, 5, 0, tzinfo=UTC)  # 0 h in America/Chicago
    rates = Rates(calls_per_hour=80, units=0, reads_per_second=0, gunshots_per_day=0)
    new = Counter(
        int((h.at - midnight).total_seconds() // 3600)
        for h in hours(city, midnight, 24, rates)
        if isinstance(h, CallChanged) and h.created == h.at
    )
    afternoon = sum(new[hour] for hour in range(13, 19)) / 6
    night = sum(new[hour] for hour in range(2, 6)) / 4
    assert 2.2 < afternoon / night < 4.5
    assert sum(new.values()) == pytest.approx(80 * 24 * 0.8, rel=0.1)  # no unit, no traffic stop


def test_flat_takes_the_hour_out(city: City):
    midnight = datetime(2026, 5, 2, 5, 0, tzinfo=UTC)
    rates = Rates(calls_per_hour=100, units=0, reads_per_second=0, gunshots_per_day=0, flat=True)
    new = sum(
        isinstance(h, CallChanged) and h.created == h.at
        for h in hours(city, midnight + timedelta(hours=3), 2, rates)
    )
    assert new == pytest.approx(160, rel=0.25)


def test_gunshots_are_reviewed_and_some_become_calls(day: list[Happening]):
    found: dict[str, list[ShotsDetected]] = defaultdict(list)
    for happening in day:
        if isinstance(happening, ShotsDetected):
            found[happening.incident].append(happening)
    assert found
    reviewed = [states for states in found.values() if len(states) > 1]
    for states in reviewed:
        assert states[0].state == "created"
        assert states[1].state in ("updated", "cancelled")
        assert states[1].reviewed
        assert states[0].occurred < states[0].at < states[1].at
        assert states[0].point == states[1].point
    assert {states[1].state for states in reviewed} == {"updated", "cancelled"}
    shots = [states[0] for states in by_call(day).values() if states[0].type.code == "SHOTS"]
    assert 0 < len(shots) < len(found)


def test_cameras_fail_and_come_back(day: list[Happening]):
    down: set[str] = set()
    for happening in day:
        if isinstance(happening, CameraChanged):
            assert (happening.status == "online") == (happening.camera in down)
            down ^= {happening.camera}
            assert (happening.reason is None) == (happening.status == "online")


# --- Throughput: printed, not asserted -------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "rates"),
    [
        (PlatePassed, Rates(reads_per_second=20_000, units=0, calls_per_hour=0, flat=True)),
        (UnitMoved, Rates(reads_per_second=0, units=2_000, positions_every_s=0.2, flat=True)),
    ],
)
def test_print_throughput(city: City, start: datetime, what: type[Happening], rates: Rates):
    day = simulate(city, 1, start, rates)
    next(h for h in day if isinstance(h, what))
    began = time.perf_counter()
    last = list(islice(day, 40_000))[-1]
    took = time.perf_counter() - began
    assert last.at > start
    print(f"{what.__name__}: {40_000 / took:,.0f} happenings/s made")
