"""What a call becomes, message by message, over restarts and out of order."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_city import CallChanged, Code
from watchfloor_live911_style import calls
from watchfloor_live911_style.connector import Live911Style
from watchfloor_live911_style.settings import Settings
from watchfloor_live911_style_simulator import Caller, Live911StyleSimulator
from watchfloor_live911_style_simulator.prepared import message
from watchfloor_sdk import Delivery, GiveUp, Refused
from watchfloor_sdk.testing import TestHub, context

BEGAN = datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC)
CALLER = Caller("SIM-1", BEGAN, (-90.03, 29.98), "+15555550100")


def after(seconds):
    return BEGAN + timedelta(seconds=seconds)


class Desk:
    """One source at work: its checkpoint outlives its worker."""

    def __init__(self):
        self.ctx = context(Settings(owner="Example Centre"), hub=TestHub())
        self.checkpoint = None
        self.working = None

    async def start(self):
        await self.stop()
        self.connector = Live911Style()
        self.working = asyncio.create_task(self._stream())

    async def stop(self):
        if self.working:
            self.working.cancel()
            await asyncio.gather(self.working, return_exceptions=True)

    async def _stream(self):
        async for page in self.connector.stream(self.ctx, self.checkpoint):
            self.checkpoint = json.loads(json.dumps(page.checkpoint))
            page.on_durable()

    async def hear(self, *messages):
        """The events of deliveries, one after the other."""
        return [event for one in messages
                for event in await self.deliver(json.dumps(message(one)).encode())]  # fmt: skip

    async def deliver(self, body):
        return await self.connector.webhook(self.ctx, Delivery(1, BEGAN, {}, body))

    async def states(self, *messages):
        return [event.data.state for event in await self.hear(*messages)]


@pytest.fixture
async def desk():
    desk = Desk()
    await desk.start()
    yield desk
    await desk.stop()


WHOLE = list(CALLER.whole([after(s) for s in (0, 3, 8, 10, 90, 45)], "Z-00001"))


async def test_a_call_from_the_ringing_to_its_call_for_service(desk):
    events = await desk.hear(*WHOLE)
    said = [event.data for event in events]
    assert [one.state for one in said] == [
        "ringing", "ringing", "ringing", "answered", "ended", "ended",
    ]  # fmt: skip
    assert [one.place and one.place.point for one in said][:3] == [
        None, (-90.034, 29.984), (-90.03, 29.98),
    ]  # fmt: skip
    last = said[-1]
    assert (last.started, last.answered, last.ended) == (BEGAN, after(10), after(90))
    assert (last.call_number, last.callback) == ("Z-00001", "+15555550100")
    assert {event.subject for event in events} == {"911/SIM-1"}
    assert [event.time for event in events[:2]] == [BEGAN, after(3)]


async def test_a_call_that_nobody_answered_is_abandoned_and_has_no_number(desk):
    *_, last = await desk.hear(*CALLER.abandoned(timedelta(seconds=8)))
    assert (last.data.state, last.data.call_number) == ("abandoned", None)


async def test_positions_end_ten_minutes_after_the_call(desk):
    await desk.hear(*WHOLE)
    (still,) = await desk.hear(CALLER.is_at(after(90 + 600), 3))
    assert still.data.state == "ended"
    elsewhere = Caller("SIM-1", BEGAN, (-90.9, 29.9), "+15555550100")
    assert await desk.hear(elsewhere.is_at(after(90 + 601), 4)) == []
    assert "-90.9" not in json.dumps(desk.checkpoint)
    await desk.start()
    assert await desk.hear(CALLER.is_at(after(90 + 7200), 5)) == []
    (noted,) = await desk.hear(CALLER.noted(after(7300), "Z-00002"))
    assert noted.data.place == still.data.place


async def test_an_older_position_that_comes_late_moves_nobody_back(desk):
    begin, coarse, fine, *_ = WHOLE
    *_, last = await desk.hear(begin, fine, coarse)
    assert last.data.place.point == (-90.03, 29.98)


async def test_an_older_stand_that_comes_late_opens_no_call_again(desk):
    begin, _, _, answered, ended, _ = WHOLE
    assert await desk.states(ended, answered, begin) == ["abandoned", "ended", "ended"]


async def test_a_delivery_that_comes_again_is_the_same_event(desk):
    first = await desk.hear(*WHOLE)
    assert await desk.hear(*WHOLE) == first
    await desk.start()
    assert await desk.hear(*WHOLE) == first


async def test_what_was_said_before_a_restart_is_known_after_it(desk):
    begin, *_ = WHOLE
    await desk.hear(begin)
    await desk.start()
    (event,) = await desk.hear(CALLER.is_at(after(9), 1))
    assert (event.data.callback, event.data.started) == ("+15555550100", BEGAN)


async def test_a_delivery_waits_until_what_it_said_is_kept(desk):
    await desk.stop()
    desk.connector = Live911Style()
    mapping = asyncio.create_task(desk.hear(WHOLE[0]))
    pages = desk.connector.stream(desk.ctx, None)
    page = await anext(pages)
    await asyncio.sleep(0.05)
    assert not mapping.done()
    page.on_durable()
    assert len(await mapping) == 1
    await pages.aclose()


async def test_audio_is_a_reference_and_never_fetched(desk):
    (event,) = await desk.hear(WHOLE[0])
    (audio,) = event.data.media
    assert (audio.kind, audio.handle) == ("audio", "https://ui.example.org/chat/SIM-1")
    with pytest.raises(Refused) as caught:
        await desk.connector.media(desk.ctx, audio.handle)
    assert caught.value.code == "audio_by_reference"


async def test_links_that_open_without_a_log_in_are_no_notes(desk):
    note = message(CALLER.noted(after(45), "Z-00001"))
    body = json.dumps({**note, "subtype": "responder_link", "note": "https://x.example/1"})
    (event,) = await desk.deliver(body.encode())
    assert (event.data.call_number, event.data.notes) == ("Z-00001", [])


@pytest.mark.parametrize("document", [{"type": "media"}, {"event_type": "location_updated"}])
async def test_what_is_documented_to_exist_only_is_passed_over(desk, document):
    assert await desk.deliver(json.dumps(document).encode()) == []


STANDS = message(WHOLE[0])
MOVED = message(WHOLE[1])


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({**STANDS, "type": "incident_deleted"}, "unknown_message"),
        ({}, "unknown_message"),
        ([], "unexpected_shape"),
        ({**STANDS, "is_audio_live": "yes"}, "unexpected_shape"),
        ({k: v for k, v in STANDS.items() if k != "caller_phone_number"}, "unexpected_shape"),
        ({**STANDS, "updated_at": "2026-05-02T21:14:07Z"}, "bad_time"),
        ({**MOVED, "lat": 95.0}, "bad_point"),
    ],
)
async def test_what_is_not_as_documented_is_given_up_without_a_word_of_it(desk, document, code):
    with pytest.raises(GiveUp) as caught:
        await desk.deliver(json.dumps(document).encode())
    assert caught.value.code == code
    assert "0100" not in caught.value.detail


@pytest.mark.parametrize("body", [b"<html>", b"\xff"])
async def test_what_is_no_json_is_given_up(desk, body):
    with pytest.raises(GiveUp) as caught:
        await desk.deliver(body)
    assert caught.value.code == "not_json"


async def test_no_position_is_none(desk):
    (event,) = await desk.deliver(json.dumps({**MOVED, "lat": 0.0, "lng": 0.0}).encode())
    assert event.data.place is None


async def test_what_is_kept_is_bounded(desk, monkeypatch):
    monkeypatch.setattr(calls, "MOST_CALLS", 3)
    monkeypatch.setattr(calls, "MOST_SAID", 5)
    await desk.hear(*WHOLE[:1], *(CALLER.is_at(after(n), n) for n in range(1, 20)))
    assert len(desk.checkpoint["SIM-1"]) == 5
    assert desk.checkpoint["SIM-1"][0]["type"] == "stand"
    await desk.hear(
        *(Caller(f"SIM-{n}", BEGAN, (-90.0, 30.0), "+1").stands(BEGAN) for n in range(2, 6))
    )
    assert list(desk.checkpoint) == ["SIM-3", "SIM-4", "SIM-5"]
    tomorrow = BEGAN + timedelta(hours=25)
    await desk.hear(Caller("SIM-9", tomorrow, (-90.0, 30.0), "+1").stands(tomorrow))
    assert list(desk.checkpoint) == ["SIM-9"]


async def test_a_city_calls_before_dispatch_has_the_call(desk):
    vendor = Live911StyleSimulator(talk_s=0.0)
    called = {"type": Code("94", "FIREARM"), "initial_type": Code("94", "FIREARM")}
    for number in range(7):
        vendor.feed(CallChanged(at=BEGAN, call_number=f"Z-{number}", status="Active",
                                created=BEGAN, point=(-90.03, 29.98), **called))  # fmt: skip
    own = CallChanged(at=BEGAN, call_number="Z-own", status="Active", created=BEGAN,
                      point=(-90.03, 29.98), self_initiated=True, **called)  # fmt: skip
    vendor.feed(own)
    await asyncio.sleep(0.1)
    await vendor.stop()
    began = [one for one in vendor.ledger.values() if one.get("type") == "incident_metadata"
             and one["created_at"] == one["updated_at"]]  # fmt: skip
    ahead = [
        BEGAN - datetime.fromisoformat(one["created_at"].replace(" UTC", "+00:00")) for one in began
    ]
    assert sum(20 <= gap.total_seconds() <= 61 for gap in ahead) == 7
    assert len(ahead) == 8  # one was given up
    assert {
        one["cad_partner_incident_id"] for one in vendor.ledger.values() if "event_type" in one
    } == {f"Z-{number}" for number in range(7)}
