"""Calls that EIDOs tell: pushed over the subscription of NENA-STA-024, message by message."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from watchfloor_live911_style.calls import Calls
from watchfloor_live911_style.connector import Live911Style
from watchfloor_live911_style.eido import heard
from watchfloor_live911_style.settings import Settings
from watchfloor_live911_style.subscription import Reader
from watchfloor_live911_style_simulator import Caller, Live911StyleSimulator
from watchfloor_live911_style_simulator.incidents import AGENCY, Told, incident_id
from watchfloor_sdk import AskAPerson, Delivery, GiveUp, RetryLater
from watchfloor_sdk.eido import conveyance, decode
from watchfloor_sdk.testing import TestHub, context

BEGAN = datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC)
CALLER = Caller("SIM-1", BEGAN, (-90.03, 29.98), "+15555550100")
CALL = f"urn:emergency:uid:callid:SIM-1:{AGENCY}"
GOLDEN = sorted(Path(__file__).parent.glob("eido/*.json"))
DATA = Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[4] / "shared/data"))
SAMPLE = DATA / "messages/eido/Sample_call_transfer_EIDO.json"


def after(seconds):
    return BEGAN + timedelta(seconds=seconds)


WHOLE = list(CALLER.whole([after(s) for s in (0, 3, 8, 10, 90, 45)], "Z-00001"))


class Reading:
    """Documents, one after the other, as one notification each."""

    def __init__(self, checkpoint=None):
        self.ctx = context(Settings(owner="Example Centre"), hub=TestHub())
        self.reader = Reader(self.ctx, Calls(checkpoint), set())
        self.told = Told(CALLER)
        self.page = None

    def read(self, *documents):
        """The events of the last page; ``page`` is that."""
        for one in documents:
            raw = one if isinstance(one, bytes) else json.dumps(one).encode()
            said = conveyance.Notification([msgspec.Raw(raw)], None, lambda: None)
            self.page = self.reader.page(said)
        return self.page.events

    def happen(self, *steps):
        """The events of a call's steps, each told with all before it."""
        events = []
        for step in steps:
            self.told.steps.append(step)
            events += self.read(self.told.document())
        return events

    def again(self):
        """A worker that starts with this one's checkpoint."""
        return Reading(json.loads(json.dumps(self.page.checkpoint)))


@pytest.fixture
def reading():
    return Reading()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_pairs_hold(reading, path):
    pair = json.loads(path.read_text())
    events = json.loads(msgspec.json.encode(reading.read(pair["eido"])))
    left_out = {"source", "observedtime"}
    assert [{k: v for k, v in one.items() if k not in left_out} for one in events] == pair["events"]
    assert reading.page.rejected == []


def test_every_field_of_a_call_is_in_a_golden_pair():
    told = [event for path in GOLDEN for event in json.loads(path.read_text())["events"]]
    assert {name for event in told for name in event["data"]} == set(
        type(Reading().happen(WHOLE[0])[0].data).__struct_fields__
    )


def test_a_call_from_the_ringing_to_its_call_for_service(reading):
    events = reading.happen(*WHOLE)
    said = [event.data for event in events]
    assert [one.state for one in said] == [
        "ringing", "ringing", "ringing", "answered", "ended", "ended",
    ]  # fmt: skip
    assert [one.place and one.place.point for one in said][:3] == [
        None, (-90.034, 29.984), (-90.03, 29.98),
    ]  # fmt: skip
    assert said[1].place.error_m > said[2].place.error_m
    last = said[-1]
    assert (last.started, last.answered, last.ended) == (BEGAN, after(10), after(90))
    assert (last.call_number, last.callback) == ("Z-00001", "+15555550100")
    assert {event.subject for event in events} == {f"911/{CALL}"}
    assert [event.time for event in events[:2]] == [BEGAN, after(3)]


def test_a_call_that_nobody_answered_is_abandoned_and_has_no_number(reading):
    *_, last = reading.happen(*CALLER.abandoned(timedelta(seconds=8)))
    assert (last.data.state, last.data.call_number) == ("abandoned", None)


def test_positions_end_ten_minutes_after_the_call(reading):
    reading.happen(*WHOLE)
    (still,) = reading.happen(CALLER.is_at(after(90 + 600), 3))
    assert still.data.state == "ended"
    elsewhere = Caller("SIM-1", BEGAN, (-90.9, 29.9), "+15555550100")
    assert reading.happen(elsewhere.is_at(after(90 + 601), 4)) == []
    assert "-90.9" not in json.dumps(reading.page.checkpoint)
    later = reading.again()
    later.told = reading.told
    (noted,) = later.happen(CALLER.stands(after(5000), ended=after(90)))
    assert (noted.data.place, noted.data.ended) == (still.data.place, after(90))


def test_what_was_told_is_told_once_also_after_a_restart(reading):
    first = reading.happen(*WHOLE)
    document = reading.told.document()
    assert reading.read(document) == []
    assert reading.again().read(document) == []
    lost = Reading().read(document)
    assert [event.id for event in lost] == [first[-1].id]
    assert lost[0].data == first[-1].data


def test_a_call_that_was_answered_without_a_date_is_known_to_have_been(reading):
    for step in WHOLE[:5]:
        reading.told.steps.append(step)
        document = reading.told.document()
        document["callComponent"][0].pop("answerDate", None)
        events = reading.read(document)
    assert (events[0].data.state, events[0].data.answered) == ("ended", after(10))


def test_documents_stay_out_of_the_page(reading):
    reading.happen(*WHOLE)
    assert reading.page.raw is None


def test_what_the_centre_dials_itself_is_no_911_call(reading):
    document = {**Told(CALLER, [WHOLE[0]]).document()}
    document["callComponent"][0]["direction"] = "outgoing"
    assert reading.read(document) == []


def test_two_calls_of_one_incident_are_two_calls_each_with_its_own(reading):
    document = Told(CALLER, WHOLE[:3]).document()
    other = Told(Caller("SIM-2", after(5), (-90.5, 29.5), "+15555550101"), [
        Caller("SIM-2", after(5), (-90.5, 29.5), "+15555550101").stands(after(5))
    ]).document()  # fmt: skip
    for name in ("callComponent", "callbackComponent"):
        document[name] += other[name]
    first, second = reading.read(document)
    assert (first.data.callback, second.data.callback) == ("+15555550100", "+15555550101")
    assert second.data.place is None


def test_a_part_that_cannot_be_read_leaves_the_call_and_is_shown_once(reading):
    document = Told(CALLER, WHOLE[:2]).document()
    document["locationComponent"][0]["locationByValue"] = "<presence"
    (event,) = reading.read(document)
    assert event.data.callback == "+15555550100"
    assert [one.code for one in reading.page.rejected] == ["bad_location"]
    reading.read(document)
    assert reading.page.rejected == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"<html>", "bad_eido"),
        ({"$id": "x", "callComponent": {}}, "bad_eido"),
        ({"$id": "x", "callComponent": [{"$id": "c", "direction": "incoming"}]}, "no_time"),
    ],
)
def test_what_is_no_eido_is_set_aside_once_and_without_a_word_of_it(reading, document, code):
    assert reading.read(document) == []
    (rejected,) = reading.page.rejected
    assert rejected.code == code
    reading.read(document)
    assert reading.page.rejected == []


@pytest.mark.data
@pytest.mark.skipif(
    not SAMPLE.exists() and not os.environ.get("CI"), reason="the open data is not here"
)
def test_the_published_sample_is_mapped(reading):
    (event,) = reading.read(SAMPLE.read_bytes())
    call = event.data
    assert call.state == "answered"
    assert call.started == datetime(2021, 4, 30, 18, 40, tzinfo=UTC)
    assert call.answered == datetime(2021, 4, 30, 18, 42, tzinfo=UTC)
    assert call.place.address == "42 W Cellular Street"
    assert call.class_of_service == "wireless"
    assert call.callback
    assert call.call_number is None
    assert reading.page.rejected == []


class Listening:
    """One worker's stream: each page is durable as soon as it is taken."""

    def __init__(self, setup):
        self.connector = Live911Style()
        self.hub = TestHub(setup.credentials)
        self.ctx = context(msgspec.convert(setup.config, Settings), hub=self.hub)
        self.checkpoint = None

    async def hear(self, count):
        """One connection, until so many events were told: their states."""
        told = []
        async with aclosing(self.connector.stream(self.ctx, self.checkpoint)) as pages:
            async for page in pages:
                told += page.events
                self.checkpoint = json.loads(json.dumps(page.checkpoint))
                page.on_durable()
                if len(told) >= count:
                    await asyncio.sleep(0.05)
                    return [(event.data.call, event.data.state) for event in told]
        raise AssertionError("it ended")


@pytest.fixture
async def centre():
    simulator = Live911StyleSimulator("eido")
    simulator.setup_answer = await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def listening(centre):
    listening = Listening(centre.setup_answer)
    yield listening
    await listening.ctx.aclose()


async def test_what_rings_comes_first_and_then_each_change(centre, listening):
    centre.feed(WHOLE[0])
    hearing = asyncio.create_task(listening.hear(3))
    async with asyncio.timeout(5):
        while not listening.checkpoint:
            await asyncio.sleep(0.01)
    centre.feed(WHOLE[1])
    centre.feed(WHOLE[3])
    assert await hearing == [(CALL, "ringing"), (CALL, "ringing"), (CALL, "answered")]
    assert centre.subscriptions.answered > 0


async def test_heartbeats_assure_and_tell_nothing(centre, listening, monkeypatch):
    monkeypatch.setattr(conveyance, "MIN_RATE_S", 0.1)
    assured = []
    async with aclosing(listening.connector.stream(listening.ctx, None)) as pages:
        async for page in pages:
            assert page.events == []
            assured.append(page.assured_until)
            page.on_durable()
            if len(assured) == 4:
                break
    assert assured == sorted(assured)
    assert len(set(assured)) == 4


async def test_an_end_that_came_while_nobody_listened_is_fetched(centre, listening):
    centre.feed(WHOLE[0])
    centre.feed(WHOLE[3])
    assert await listening.hear(1) == [(CALL, "answered")]
    centre.feed(WHOLE[4])
    assert await listening.hear(1) == [(CALL, "ended")]
    assert Calls(listening.checkpoint).incidents() == set()


async def test_a_subscription_that_ends_is_taken_up_again_and_not_after_the_cadence(
    centre, listening
):
    hearing = asyncio.create_task(listening.hear(1))
    async with asyncio.timeout(5):
        while listening.checkpoint != {}:
            await asyncio.sleep(0.01)
    centre.subscriptions.terminate()
    with pytest.raises(RetryLater) as caught:
        await hearing
    assert caught.value.code == "subscription_lost"


async def test_check_subscribes_and_says_what_is_wrong(centre, listening):
    centre.feed(WHOLE[0])
    (finding,) = await listening.connector.check(listening.ctx)
    assert (finding.ok, finding.detail) == (True, "1 are active.")
    listening.hub.credentials["token"] = {"token": "wrong"}
    again = Listening(centre.setup_answer)
    again.hub.credentials["token"] = {"token": "wrong"}
    with pytest.raises(AskAPerson) as caught:
        await again.connector.check(again.ctx)
    assert caught.value.code == "vendor_refused"
    await again.ctx.aclose()


async def test_who_subscribes_takes_no_webhooks(listening):
    with pytest.raises(GiveUp) as caught:
        await listening.connector.webhook(listening.ctx, Delivery(1, BEGAN, {}, b"{}"))
    assert caught.value.code == "unknown_message"


def test_the_simulator_tells_what_the_standard_asks_for():
    document = Told(CALLER, WHOLE).document()
    required = {
        "$id", "eidoVersion", "issuingElementIdentification", "agencyComponent",
        "lastUpdateTimeStamp", "updatedByAgencyReference",
    }  # fmt: skip
    assert required <= document.keys()
    assert document["$id"] == incident_id(CALLER)
    (call,) = document["callComponent"]
    assert {
        "standardPrimaryCallType", "direction", "callStartTimestamp", "callStateRegistryText",
    } <= call.keys()  # fmt: skip
    ids = {one["$id"] for many in document.values() if isinstance(many, list) for one in many}
    for name in ("locationReference", "notesReference", "mediaReferences"):
        assert {one["$ref"] for one in call[name]} <= ids
    (one,) = heard(decode(json.dumps(document).encode()))
    assert one.problem is None
