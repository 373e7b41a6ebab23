"""Replay over small files of the same shape as the real ones, written here."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchfloor_city import CallChanged, QuietSkipped, Replay, ShotsDetected, replay

START = datetime(2026, 5, 2, 20, 0, tzinfo=UTC)

CALL = {
    "item_number": "A0000122",
    "rtcc_signal_code": "94",
    "rtcc_research_outcome": "Relevant video was found",
    "Type": "94",
    "TypeText": "DISCHARGING FIREARM",
    "Priority": "2C",
    "InitialType": "21",
    "InitialTypeText": "COMPLAINT OTHER",
    "InitialPriority": "1J",
    "TimeCreate": "1/1/2022 12:00",
    "TimeDispatch": "1/1/2022 12:10",
    "TimeArrive": "1/1/2022 12:20",
    "TimeClosed": "1/1/2022 13:00",
    "Disposition": "RTF",
    "DispositionText": "REPORT TO FOLLOW",
    "SelfInitiated": "N",
    "Beat": "8D05",
    "PoliceDistrict": "8",
    "BLOCK_ADDRESS": "001XX Sample St",
    "longitude": "-90.07",
    "latitude": "29.95",
}


def calls_file(folder: Path, *changes: dict[str, str]) -> Path:
    path = folder / "new_orleans" / "cfs_rtcc_2022.csv.gz"
    path.parent.mkdir()
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, CALL)
        writer.writeheader()
        writer.writerows({**CALL, **change} for change in changes)
    return folder


def states(timeline: Replay) -> list[CallChanged]:
    return [happening for happening in timeline if isinstance(happening, CallChanged)]


def test_a_call_grows_as_it_did(tmp_path: Path):
    played = states(replay("new-orleans-calls", calls_file(tmp_path, {}), START))
    assert [state.status for state in played] == [
        "Active", "ResourcesAssigned", "ResourcesOnscene", "Closed"
    ]  # fmt: skip
    assert [state.type.code for state in played] == ["21", "21", "94", "94"]
    assert [state.priority for state in played] == [3, 3, 2, 2]
    assert [state.centre_outcome for state in played][2:] == [None, "Relevant video was found"]
    assert [state.disposition for state in played][2] is None
    assert {state.origin for state in played} == {"new-orleans-2022"}


def test_the_row_tells_nothing_that_was_not_yet_known(tmp_path: Path):
    first, *_, last = states(replay("new-orleans-calls", calls_file(tmp_path, {}), START))
    hidden = {"TimeDispatch", "TimeArrive", "TimeClosed", "Disposition", "rtcc_research_outcome"}
    assert {first.row[column] for column in hidden} == {""}
    assert first.row["Type"] == "21"
    assert dict(last.row) == CALL


def test_times_move_as_a_whole_and_run_at_the_speed(tmp_path: Path):
    """The first moment falls on the start; an hour of data takes a minute at speed 60."""
    timeline = replay("new-orleans-calls", calls_file(tmp_path, {}), START, 60)
    played = states(timeline)
    assert [state.at - START for state in played] == [
        timedelta(seconds=seconds) for seconds in (0, 10, 20, 60)
    ]
    closed = played[-1]
    assert (closed.created, closed.dispatched, closed.arrived, closed.closed) == tuple(
        state.at for state in played
    )
    noon = datetime(2022, 1, 1, 18, 0, tzinfo=UTC)  # 12:00 in America/Chicago
    assert timeline.clock.data_time(START) == noon
    assert timeline.clock.data_time(START + timedelta(seconds=30)) == noon + timedelta(minutes=30)
    assert timeline.clock.wall_time(noon + timedelta(hours=2)) == START + timedelta(minutes=2)


def test_since_falls_on_the_start_and_until_ends_it(tmp_path: Path):
    since = datetime(2022, 1, 1, 18, 5, tzinfo=UTC)
    timeline = replay(
        "new-orleans-calls", calls_file(tmp_path, {}), START, 60,
        since=since, until=since + timedelta(minutes=50),
    )  # fmt: skip
    played = states(timeline)
    assert [state.at - START for state in played] == [timedelta(seconds=5), timedelta(seconds=15)]
    assert played[0].created == START - timedelta(seconds=5)


def test_long_quiet_is_leapt_over_and_said(tmp_path: Path):
    folder = calls_file(
        tmp_path, {}, {"item_number": "A0000222", "TimeCreate": "1/1/2022 18:00",
                       "TimeDispatch": "", "TimeArrive": "", "TimeClosed": "1/1/2022 18:30"},
    )  # fmt: skip
    timeline = replay("new-orleans-calls", folder, START, 60, skip_quiet_over=timedelta(minutes=45))
    *_, closed, leap, created, done = timeline
    assert isinstance(leap, QuietSkipped)
    assert leap.data_from == datetime(2022, 1, 1, 19, 45, tzinfo=UTC)
    assert leap.data_to == datetime(2022, 1, 2, 0, 0, tzinfo=UTC)
    assert closed.at - START == timedelta(seconds=60)
    assert leap.at - closed.at == timedelta(seconds=45)
    assert created.at == leap.at
    assert done.at - created.at == timedelta(seconds=30)
    clock = timeline.clock
    assert clock.data_time(leap.at - timedelta(seconds=1)) < leap.data_from
    assert clock.data_time(leap.at) == leap.data_to
    assert clock.wall_time(datetime(2022, 1, 1, 22, 0, tzinfo=UTC)) == leap.at


def test_a_timeline_can_be_played_twice(tmp_path: Path):
    timeline = replay("new-orleans-calls", calls_file(tmp_path, {}), START, 60)
    assert list(timeline) == list(timeline)


def test_rows_of_one_item_become_calls_of_their_own(tmp_path: Path):
    folder = calls_file(tmp_path, {}, {"rtcc_signal_code": "27"}, {"rtcc_signal_code": "34"})
    numbers = {state.call_number for state in states(replay("new-orleans-calls", folder, START))}
    assert numbers == {"A0000122", "A0000122-2", "A0000122-3"}


def test_what_falls_into_one_minute_is_one_state(tmp_path: Path):
    at_once = dict.fromkeys(("TimeDispatch", "TimeArrive"), CALL["TimeCreate"])
    played = states(replay("new-orleans-calls", calls_file(tmp_path, at_once), START))
    assert [state.status for state in played] == ["ResourcesOnscene", "Closed"]


def test_a_call_that_was_never_dispatched_arrives_all_the_same(tmp_path: Path):
    folder = calls_file(tmp_path, {"TimeDispatch": "", "Disposition": "VOI"})
    played = states(replay("new-orleans-calls", folder, START))
    assert [state.status for state in played] == ["Active", "ResourcesOnscene", "Cancelled"]


def test_a_masked_place_is_no_place(tmp_path: Path):
    folder = calls_file(tmp_path, {"longitude": "0.0", "latitude": "0.0"})
    assert {s.point for s in states(replay("new-orleans-calls", folder, START))} == {None}


def test_a_call_in_the_spring_gap_keeps_its_order(tmp_path: Path):
    """02:30 does not exist on 13 March; it comes before 03:40 all the same."""
    folder = calls_file(
        tmp_path, {"TimeCreate": "3/13/2022 2:30", "TimeDispatch": "", "TimeArrive": "",
                   "TimeClosed": "3/13/2022 3:40"},
    )  # fmt: skip
    created, closed = states(replay("new-orleans-calls", folder, START))
    assert closed.at - created.at == timedelta(minutes=10)


def test_a_place_that_cannot_be_true_is_given_as_it_stands(tmp_path: Path):
    path = tmp_path / "washington_dc" / "gunshots_2006_2013.csv.gz"
    path.parent.mkdir()
    with gzip.open(path, "wt") as file:
        file.write("coverage_area,incident_id,datetime_local,type,longitude,latitude\n")
        file.write("Area1D,1-1,2012-07-04 21:00:00,Single Gunshot,-0.002,0.001\n")
    (shot,) = replay("washington-dc-gunshots", tmp_path, START)
    assert isinstance(shot, ShotsDetected)
    assert shot.point == (-0.002, 0.001)
    assert shot.at == shot.occurred == START


def test_mistakes_are_named(tmp_path: Path):
    folder = calls_file(tmp_path, {})
    with pytest.raises(KeyError, match="new-orleans-calls"):
        replay("nowhere", folder, START)
    with pytest.raises(FileNotFoundError, match="gunshot_calls_2017_2023"):
        replay("cincinnati-gunshots", folder, START)
    with pytest.raises(ValueError, match="speed"):
        replay("new-orleans-calls", folder, START, 0)
    with pytest.raises(ValueError, match="time zone"):
        replay("new-orleans-calls", folder, START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="nothing"):
        replay("new-orleans-calls", folder, START, since=datetime(2023, 1, 1, tzinfo=UTC))
