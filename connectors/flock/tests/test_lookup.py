"""The look-up ``plate-reads``: what goes to Flock, what comes back, and what is said instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watchfloor_city import Asset, PlatePassed
from watchfloor_flock.lookup import Window, to_plate, to_questions, to_window
from watchfloor_flock_simulator import FlockSimulator
from watchfloor_sdk import LookupRequest, Place, Refused
from watchfloor_sdk.testing import Fault, run_lookups

NOW = datetime(2026, 5, 2, 21, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=1), NOW)
Asked = Callable[..., LookupRequest]
Passed = Callable[..., PlatePassed]


def test_the_purpose_and_the_case_go_to_flock(asked: Asked):
    [question] = to_questions(asked("zzt-1234", filters={"state": "US-KS"}), WINDOW)
    assert question == {
        "plate": "ZZT1234",
        "startDate": "2026-05-01T21:00:00Z",
        "endDate": "2026-05-02T21:00:00Z",
        "reason": "exercise (nibrs 240): Exercise vehicle; by analyst-1, Ann Example, "
        "Example City PD, ORI ZZ0000000; R-26-000123, wf:0123456789abcdef0123456789abcdef",
        "caseNumber": "SIM-0001",
        "sort": [{"field": "capturedAt", "order": "desc"}],
        "state": "kansas",
    }


@pytest.mark.parametrize(
    ("plate", "wanted"),
    [("ZZT1234", ["ZZT1234"]), ("ZZO1O0", ["ZZO1O0", "ZZ0100"]), ("ZZ0100", ["ZZ0100"])],
)
def test_a_letter_o_is_asked_for_as_a_zero_too_and_a_zero_never_as_a_letter(
    asked: Asked, plate: str, wanted: list[str]
):
    assert [question["plate"] for question in to_questions(asked(plate), WINDOW)] == wanted


@pytest.mark.parametrize("plate", ["ZZ*", "ZZ?1", "ZZ%", "ZZÄ1", "", " ", "ZZ\n1"])
def test_wild_cards_and_odd_letters_are_refused(plate: str):
    with pytest.raises(Refused) as caught:
        to_plate(plate)
    assert caught.value.code == "full_plate_only"
    assert "ZZ" not in caught.value.detail


def test_without_a_window_it_is_the_last_week():
    assert to_window({}, NOW) == (NOW - timedelta(days=7), NOW)


def test_a_window_with_another_zone_is_the_same_time():
    window = to_window({"start": "2026-05-02T15:00:00-05:00"}, NOW)
    assert window == (datetime(2026, 5, 2, 20, 0, tzinfo=UTC), NOW)


@pytest.mark.parametrize(
    "filters",
    [
        {"start": "2026-05-03T00:00:00Z"},
        {"start": "2026-05-02T00:00:00Z", "end": "2026-05-02T00:00:00Z"},
        {"start": "yesterday"},
        {"end": "2026-05-02T00:00:00"},
    ],
)
def test_a_window_that_cannot_be_is_refused(filters: dict[str, Any]):
    with pytest.raises(Refused) as caught:
        to_window(filters, NOW)
    assert caught.value.code == "bad_window"


async def test_contract(assets: list[Asset], passed: Passed, asked: Asked):
    """Over three pages, in the time that was asked about; of another plate nothing, and that is
    an answer; a plate with an O is found as zeros."""
    happenings = [passed("ZZT0001", minutes) for minutes in range(1, 121)]
    happenings += [passed("ZZT0001", 60 * 24 * 8), passed("ZZT0002"), passed("ZZ0007")]
    hour = {"start": (datetime.now(UTC) - timedelta(minutes=60.5)).isoformat()}
    questions = [
        asked("ZZT0001"),
        asked("ZZT0001", filters=hour),
        asked("ZZT0001", filters={"state": "US-NY"}),
        asked("ZZT9999"),
        asked("ZZO007"),
    ]
    answers = await run_lookups("flock", FlockSimulator(assets), questions, happenings=happenings)
    assert [answer.status for answer in answers] == ["ok"] * 5
    assert [len(answer.results) for answer in answers] == [120, 60, 0, 0, 1]
    assert len({result.id for result in answers[0].results}) == 120


async def test_each_field_of_a_result(assets: list[Asset], passed: Passed, asked: Asked):
    vendor = FlockSimulator(assets)
    [answer] = await run_lookups("flock", vendor, [asked("ZZO007")], happenings=[passed("ZZ0007")])
    [result] = answer.results
    [read] = vendor.organisation.reads
    captured = read["capturedAt"][:19]
    assert result.title == f"ZZ0007 (US-KS) read by Gate 1, {captured.replace('T', ' ')} UTC"
    assert (result.confidence, result.handling) == (0.9, "le-sensitive")
    assert result.place == Place(point=(-100.0, 40.0), address="100 Example St")
    assert result.device == read["device"]["id"]
    assert result.data == {
        "plate": "ZZ0007",
        "asked": "ZZ0007",
        "captured": f"{captured}Z",
        "region": "US-KS",
        "region_confidence": 0.71,
        "device": read["device"]["id"],
        "device_name": "Gate 1",
        "network": "Example Agency SIM",
        "point": [-100.0, 40.0],
        "address": "100 Example St",
        "link": "https://ui.example.org/read/SIM",
    }


async def test_a_time_before_what_flock_keeps_is_a_gap_and_not_nothing(
    assets: list[Asset], passed: Passed, asked: Asked
):
    long_ago = {"start": (datetime.now(UTC) - timedelta(days=40)).isoformat()}
    [answer] = await run_lookups(
        "flock", FlockSimulator(assets), [asked("ZZT0001", filters=long_ago)],
        happenings=[passed("ZZT0001")],
    )  # fmt: skip
    assert (answer.status, len(answer.results)) == ("gap", 1)
    assert "keeps no reads from before" in (answer.detail or "")


FAULTS = {
    "503": (Fault.status(503), "unavailable"),
    "422": (Fault.status(422), "unavailable"),
    "a web page": (Fault.html(), "unavailable"),
    "another shape": (Fault.instead(b'{"results": 7}'), "unavailable"),
    "fewer than it says": (Fault.instead(b'{"results": [], "totalItems": 3}'), "partial"),
    "no read": (Fault.instead(b'{"results": [{"id": "SIM"}], "totalItems": 1}'), "partial"),
}


async def test_what_could_not_be_had_is_no_empty_answer(assets: list[Asset], asked: Asked):
    vendor = FlockSimulator(assets)
    vendor.faults.queue((fault for fault, _ in FAULTS.values()), path="/api/v3/reads/lookup")
    answers = await run_lookups("flock", vendor, [asked("ZZT0001", id=name) for name in FAULTS])
    told = {answer.request: answer.status for answer in answers}
    assert told == {name: status for name, (_, status) in FAULTS.items()}
    assert not any(answer.results or "ZZT" in str(answer.detail) for answer in answers)


async def test_an_answer_that_breaks_off_says_so_after_what_was_found(
    assets: list[Asset], passed: Passed, asked: Asked
):
    vendor = FlockSimulator(assets)
    vendor.faults.always(Fault.status(500), path="/api/v3/reads/lookup/page")
    happenings = [passed("ZZT0001", minutes) for minutes in range(1, 80)]
    [answer] = await run_lookups("flock", vendor, [asked("ZZT0001")], happenings=happenings)
    assert (answer.status, len(answer.results)) == ("partial", 50)


async def test_without_the_scope_it_is_said_and_nothing_looks_empty(
    assets: list[Asset], asked: Asked
):
    vendor = FlockSimulator(assets, scopes=frozenset())
    [answer] = await run_lookups("flock", vendor, [asked("ZZT0001")])
    assert answer.status == "unavailable"
    assert "403" in (answer.detail or "")


async def test_a_question_that_flock_would_not_take_is_denied_and_never_asked(
    assets: list[Asset], asked: Asked
):
    vendor = FlockSimulator(assets)
    [answer] = await run_lookups("flock", vendor, [asked("ZZ*")])
    assert answer.status == "denied"
    assert "/api/v3/reads/lookup" not in vendor.requests
