"""Bad input at the push endpoint: the good events beside it are filed, the bad one is listed with
its bytes and its reason, or the whole request is refused and nothing of it is kept."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from made_up import call, push_source, read

pytestmark = pytest.mark.asyncio(loop_scope="module")

numbers = itertools.count(1000)
NOW = datetime.now(UTC)


def changed(event, path, value):
    """The event with one field set; ``...`` takes it away."""
    *parents, last = path.split(".")
    target = event
    for name in parents:
        target = target[name]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return event


def with_(path, value, make=read):
    """Makes an event that is wrong in one field."""
    return lambda number: changed(make(number), path, value)


DEAD = {
    "no object": (lambda _: 7, "unknown_type"),
    "null": (lambda _: None, "unknown_type"),
    "a list": (lambda _: [[]], "unknown_type"),
    "nested without end": (lambda _: json.loads("[" * 500 + "]" * 500), "unknown_type"),
    "unknown kind": (with_("type", "watchfloor.rumour.v1"), "unknown_type"),
    "a kind that is no text": (with_("type", {"a": 1}), "unknown_type"),
    "no kind": (with_("type", ...), "unknown_type"),
    "somebody else's source": (with_("source", "push-2"), "foreign_source"),
    "no source": (with_("source", ...), "foreign_source"),
    "no id": (with_("id", ...), "invalid"),
    "an empty id": (with_("id", ""), "invalid"),
    "control characters in the id": (with_("id", "a\x00b\n"), "invalid"),
    "an id that is a number": (with_("id", 7), "invalid"),
    "another version": (with_("specversion", "0.3"), "invalid"),
    "no data": (with_("data", ...), "invalid"),
    "data that is null": (with_("data", None), "invalid"),
    "a plate that is a number": (with_("data.plate", 1234567), "invalid"),
    "a plate with nothing in it": (with_("data.plate", "---"), "invalid"),
    "a plate without end": (with_("data.plate", "Z" * 33), "invalid"),
    "an unknown field": (with_("data.faces", [1]), "invalid"),
    "a status of no list": (with_("data.status", "Maybe", call), "invalid"),
    "a priority that is text": (with_("data.priority", "high", call), "invalid"),
    "an unknown handling": (with_("dataclassification", "secret"), "invalid"),
    "latitude out of range": (with_("data.place.point", [-90.0, 91.0]), "invalid"),
    "longitude out of range": (with_("data.place.point", [-181.0, 29.9]), "invalid"),
    "a point of one number": (with_("data.place.point", [-90.0]), "invalid"),
    "a point as text": (with_("data.place.point", "POINT (-90 30)"), "invalid"),
    "an error below zero": (with_("data.place.error_m", -1), "invalid"),
    "time without zone": (with_("time", "2026-05-02T21:14:07"), "invalid"),
    "time as a number": (with_("time", 1790000000), "invalid"),
    "no time": (with_("time", ...), "invalid"),
    "a day that is not": (with_("time", "2026-02-30T00:00:00Z"), "invalid"),
    "a time before all times": (with_("time", "0001-01-01T00:00:00+23:59"), "invalid"),
    "a time after all times": (with_("time", "9999-12-31T23:59:59-23:59"), "invalid"),
    "a field of 10 MB": (with_("data.reader", "x" * 10 * 1024 * 1024), "too_large"),
    "an event over the limit": (
        with_("data.notes", [{"text": "x" * 60_000}] * 20, call), "too_large",
    ),
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def source(api):
    return await push_source(api)


async def letters(api):
    found = await api.dead("push-1")
    return [await api.get(f"/dead-letters/{letter['id']}") for letter in found]


async def clear(api):
    if waiting := [letter["id"] for letter in await api.dead("push-1")]:
        await api.send("POST", "/dead-letters/drop", {"ids": waiting})


@pytest.mark.parametrize("what", DEAD)
async def test_a_bad_event_is_listed_and_its_neighbours_are_filed(api, what):
    make, code = DEAD[what]
    await clear(api)
    before, after = (call(next(numbers)) for _ in range(2))
    bad = make(next(numbers))
    counted = await api.push("push-1", [before, bad, after])
    assert counted == {"accepted": 2, "duplicates": 0, "dead": 1}
    [letter] = await letters(api)
    assert (letter["code"], letter["stage"]) == (code, "event")
    assert letter["detail"]
    assert letter["connector"] == "push/1"
    raw = json.dumps(bad).encode()
    assert letter["bytes"] == len(raw)
    assert letter["raw"] == raw[:1_000_000].decode()
    filed = {event["id"] for event in await api.events(source="push-1")}
    assert {before["id"], after["id"]} <= filed


async def test_a_letters_reason_names_the_field_and_not_its_value(api):
    await clear(api)
    await api.push("push-1", [changed(read(next(numbers)), "data.plate", "Z" * 40)])
    [letter] = await letters(api)
    assert "plate" in letter["detail"]
    assert "ZZZZ" not in letter["detail"]


WHOLE = {
    "nothing": b"",
    "half a document": b'[{"specversion": "1.0", "id"',
    "an object": json.dumps(read(1)).encode(),
    "html": b"<!doctype html><p>Log in, please",
    "bytes that are no text": b"\xff\xfe\x00",
    "text in another encoding": json.dumps([read(1)]).encode("utf-16"),
    "half a surrogate": b'[{"id": "\\ud800"}]',
    "not a number": json.dumps([changed(read(1), "data.place.point", [float("nan"), 1])]).encode(),
    "infinite": json.dumps([changed(read(1), "data.place.point", [1, float("inf")])]).encode(),
    "nested without end": b"[" * 1_000_000,
    "two documents": b"[][]",
}


@pytest.mark.parametrize("what", WHOLE)
async def test_a_request_that_cannot_be_read_is_refused_whole(api, what):
    await clear(api)
    before = (await api.get("/live"))["seq"]
    answer = await api.call("POST", "/events", WHOLE[what], source="push-1")
    assert (answer.status, answer.code) == (422, "bad_body")
    assert (await api.get("/live"))["seq"] == before
    assert await api.dead("push-1") == []


async def test_a_huge_request_is_refused_whole(api):
    answer = await api.call("POST", "/events", b" " * (16 * 1024 * 1024 + 1), source="push-1")
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400])
async def test_numbers_that_no_machine_holds_are_listed(api, number):
    await clear(api)
    text = json.dumps([call(next(numbers)), changed(read(next(numbers)), "data.confidence", 0.5)])
    counted = await api.send(
        "POST", "/events", text.replace("0.5", number).encode(), source="push-1"
    )
    assert (counted["accepted"], counted["dead"]) == (1, 1)


async def test_bytes_that_are_no_text_are_listed_as_they_came(api):
    await clear(api)
    bad = b'{"id": "\xff"}'
    good = json.dumps(call(next(numbers))).encode()
    counted = await api.send("POST", "/events", b"[" + bad + b"," + good + b"]", source="push-1")
    assert (counted["accepted"], counted["dead"]) == (1, 1)
    [letter] = await letters(api)
    assert (letter["code"], letter["bytes"]) == ("not_json", len(bad))
    assert letter["raw"] == '{"id": "\\xff"}'


async def kept(api, event):
    """An event as it was filed, with what was changed."""
    counted = await api.push("push-1", [event])
    assert counted == {"accepted": 1, "duplicates": 0, "dead": 0}, await letters(api)
    filed = {each["id"]: each["seq"] for each in await api.events(source="push-1")}
    whole = await api.get(f"/events/{filed[event['id']]}")
    return whole["event"], {each["path"]: each for each in whole["lineage"]["changes"]}


async def test_a_point_of_zeros_is_no_point(api):
    event, changes = await kept(api, changed(read(next(numbers)), "data.place.point", [0, 0]))
    assert "point" not in event["data"]["place"]
    assert event["data"]["place"]["precision"] == "masked"
    assert changes["data.place.point"]["from"] == [0, 0]


@pytest.mark.parametrize("point", [[29.95, -90.07], [29.95, -90.0]])
async def test_swapped_coordinates_are_put_right_and_it_is_said(api, point):
    event, changes = await kept(api, changed(read(next(numbers)), "data.place.point", point))
    assert event["data"]["place"]["point"] == point[::-1]
    assert changes["data.place.point"]["from"] == point
    assert changes["data.place.point"]["to"] == point[::-1]


async def test_a_point_elsewhere_is_left_alone(api):
    event, changes = await kept(api, changed(read(next(numbers)), "data.place.point", [2.35, 48.8]))
    assert event["data"]["place"]["point"] == [2.35, 48.8]
    assert not changes


@pytest.mark.parametrize("days", [1, 3, 400])
async def test_a_clock_that_is_ahead_is_kept_with_its_doubt(api, days):
    ahead = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    event, changes = await kept(api, read(next(numbers), time=ahead))
    assert event["time"] == ahead
    assert event["timeerror"] == pytest.approx(days * 86_400, abs=60)
    assert "timeerror" in changes


@pytest.mark.parametrize("days", [1, 3, 4000])
async def test_a_clock_that_is_behind_is_kept(api, days):
    behind = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    event, _ = await kept(api, read(next(numbers), time=behind))
    assert event["time"] == behind


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2026-03-08T02:30:00-06:00", "2026-03-08T08:30:00Z"),  # in the hour that is left out
        ("2026-11-01T01:30:00-05:00", "2026-11-01T06:30:00Z"),  # the hour that comes twice, first
        ("2026-11-01T01:30:00-06:00", "2026-11-01T07:30:00Z"),  # and second
    ],
)
async def test_an_offset_makes_every_time_one_moment(api, time, utc):
    number = next(numbers)
    await kept(api, read(number, time=time))
    [summary] = [e for e in await api.events(source="push-1") if e["id"] == f"read-{number}"]
    assert datetime.fromisoformat(summary["time"]) == datetime.fromisoformat(utc)


async def test_plates_are_put_into_one_form_and_it_is_said(api):
    event, changes = await kept(api, changed(read(next(numbers)), "data.plate", "zz-t 12.34"))
    assert event["data"]["plate"] == "ZZT1234"
    assert event["data"]["plate_as_read"] == "zz-t 12.34"
    assert changes["data.plate"]["to"] == "ZZT1234"


async def test_duplicates_count_once_wherever_they_come(api):
    event = call(next(numbers))
    assert (await api.push("push-1", [event, event]))["duplicates"] == 1
    assert await api.push("push-1", [event]) == {"accepted": 0, "duplicates": 1, "dead": 0}
    filed = [e["id"] for e in await api.events(source="push-1")]
    assert filed.count(event["id"]) == 1


async def test_out_of_order_events_are_found_in_the_order_of_their_times(api):
    first = next(numbers)
    times = {first + step: NOW - timedelta(hours=step) for step in (3, 1, 2, 0)}
    events = [call(number, time=time.isoformat()) for number, time in times.items()]
    for event in events:
        await api.push("push-1", [event])
    wanted = [f"call-{number}" for number in sorted(times)]
    found = [e["id"] for e in await api.events(source="push-1") if e["id"] in wanted]
    assert found == wanted


async def test_a_letter_that_was_tried_again_in_vain_is_updated_not_doubled(api):
    await clear(api)
    await api.push("push-1", [changed(read(next(numbers)), "data.plate", 7)])
    [letter] = await letters(api)
    tried = await api.send("POST", "/dead-letters/redrive", {"ids": [letter["id"]]})
    assert (tried["accepted"], tried["failed"]) == (0, 1)
    [again] = await letters(api)
    assert again["id"] == letter["id"]
    assert again["attempts"] == letter["attempts"] + 1


async def test_a_refused_source_takes_nothing(api):
    answer = await api.call("POST", "/events", [read(1)], source="nothing")
    assert (answer.status, answer.code) == (404, "no_such_source")
