"""What a subscription tells, what is answered and when, and how one that is lost is noticed."""

import asyncio
from contextlib import aclosing

import msgspec
import pytest

from watchfloor_eido_cad import EidoCad, Settings
from watchfloor_eido_cad.known import MOST_ENDED, VANISHED
from watchfloor_eido_cad_simulator import EidoCadSimulator
from watchfloor_sdk import AskAPerson, RetryLater
from watchfloor_sdk.eido import conveyance
from watchfloor_sdk.simulation import Fault
from watchfloor_sdk.simulation import eido as server
from watchfloor_sdk.testing import TestHub, context


class Listening:
    """One worker's stream: pages are taken in turn, and are durable when a test says so."""

    def __init__(self, setup):
        self.connector = EidoCad()
        self.hub = TestHub(setup.credentials)
        self.ctx = context(msgspec.convert(setup.config, Settings), hub=self.hub)
        self.checkpoint = None
        self.waiting = []
        self.rejected = []

    async def hear(self, until):
        """One connection, until ``until(told)``: ``[(subject, status)]``. Nothing is answered."""
        told = []
        async with aclosing(self.connector.stream(self.ctx, self.checkpoint)) as pages:
            async for page in pages:
                told += page.events
                self.rejected += [one.code for one in page.rejected]
                self.checkpoint = page.checkpoint
                self.waiting += [page.on_durable] if page.on_durable else []
                if until(told):
                    self.durable()
                    await asyncio.sleep(0.05)
                    break
        return [(event.subject, event.data.status) for event in told], told

    def durable(self):
        for tell in self.waiting:
            tell()
        self.waiting.clear()


def after(count):
    return lambda told: len(told) >= count


@pytest.fixture
async def dispatch(monkeypatch):
    monkeypatch.setattr(conveyance, "TICK_S", 0.05)
    simulator = EidoCadSimulator(way="subscription")
    simulator.setup_answer = await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def listening(dispatch):
    listening = Listening(dispatch.setup_answer)
    yield listening
    await listening.ctx.aclose()


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_what_is_active_comes_first_and_then_each_change(dispatch, listening, make):
    dispatch.feed(make.call(1))
    hearing = asyncio.create_task(listening.hear(after(3)))
    await until(lambda: listening.checkpoint)
    dispatch.feed(make.call(2))
    dispatch.feed(make.call(1, "Closed", 3))
    told, _ = await hearing
    assert told == [("call/Z-00001", "Active"), ("call/Z-00002", "Active"),
                    ("call/Z-00001", "Closed")]  # fmt: skip


async def test_an_event_is_answered_once_it_is_durable_and_not_before(dispatch, listening, make):
    dispatch.feed(make.call(1))
    hearing = asyncio.create_task(listening.hear(after(2)))
    await until(lambda: listening.waiting)
    await asyncio.sleep(0.1)
    assert dispatch.subscriptions.answered == 0
    listening.durable()
    await until(lambda: dispatch.subscriptions.answered == 1)
    dispatch.feed(make.call(2))
    await hearing
    assert dispatch.subscriptions.answered == 2


async def test_a_server_that_is_not_answered_ends_the_subscription(
    dispatch, listening, make, monkeypatch
):
    monkeypatch.setattr(server, "PATIENCE_S", 0.1)
    hearing = asyncio.create_task(listening.hear(lambda _: False))
    await until(lambda: listening.waiting)
    for number in range(3):
        dispatch.feed(make.call(number))
    assert len((await hearing)[0]) == 3  # the server says goodbye; the worker connects again


async def test_who_connects_again_hears_what_changed_meanwhile_and_nothing_twice(
    dispatch, listening, make
):
    dispatch.feed(make.call(1))
    dispatch.feed(make.call(2))
    await listening.hear(after(2))
    dispatch.feed(make.call(2, "ResourcesAssigned", 1))
    told, _ = await listening.hear(after(1))
    assert told == [("call/Z-00002", "ResourcesAssigned")]


async def test_the_end_that_came_while_nobody_listened_is_fetched(dispatch, listening, make):
    dispatch.feed(make.call(1))
    dispatch.feed(make.call(2))
    await listening.hear(after(2))
    dispatch.feed(make.call(1, "Closed", 5))
    told, _ = await listening.hear(after(1))
    assert told == [("call/Z-00001", "Closed")]
    assert len(listening.checkpoint) == 1


async def test_one_that_left_without_an_end_says_so(dispatch, listening, make):
    dispatch.feed(make.call(1))
    await listening.hear(after(1))
    dispatch.unlist("Z-00001")
    _, (event,) = await listening.hear(after(1))
    assert event.data.notes[-1].text == VANISHED


async def test_one_that_cannot_be_had_again_is_logged_and_forgotten(dispatch, listening, make):
    dispatch.feed(make.call(1))
    await listening.hear(after(1))
    dispatch.unlist("Z-00001", forget=True)
    hearing = asyncio.create_task(listening.hear(lambda _: False))
    await until(lambda: listening.hub.logged)
    assert listening.checkpoint == {}
    hearing.cancel()
    await asyncio.gather(hearing, return_exceptions=True)


async def test_a_subscription_that_was_dropped_without_a_word_is_noticed(
    dispatch, listening, make, monkeypatch
):
    monkeypatch.setattr(conveyance, "RENEW_S", 0.1)
    dispatch.feed(make.call(1))
    hearing = asyncio.create_task(listening.hear(lambda _: False))
    await until(lambda: listening.waiting)
    dispatch.subscriptions.drop()
    with pytest.raises(RetryLater) as caught:
        await hearing
    assert caught.value.code == "subscription_lost"
    dispatch.feed(make.call(2))
    assert (await listening.hear(after(1)))[0] == [("call/Z-00002", "Active")]


async def test_a_socket_on_which_nothing_comes_is_left(dispatch, listening, make, monkeypatch):
    monkeypatch.setattr(conveyance, "SILENT_S", 0.3)
    dispatch.joined = lambda listener: setattr(listener, "silent", True)
    with pytest.raises(RetryLater) as caught:
        await listening.hear(lambda _: False)
    assert caught.value.code == "feed_silent"


async def test_a_renewed_subscription_outlives_its_time(dispatch, listening, make, monkeypatch):
    monkeypatch.setattr(conveyance, "RENEW_S", 0.1)
    monkeypatch.setattr(server, "LEAST_S", 0.3)
    monkeypatch.setattr(server, "MOST_S", 0.3)
    hearing = asyncio.create_task(listening.hear(after(1)))
    await until(lambda: listening.waiting)
    await asyncio.sleep(1.0)
    dispatch.feed(make.call(1))
    assert (await hearing)[0] == [("call/Z-00001", "Active")]


async def test_a_terminated_subscription_is_answered_and_ends_in_good_order(
    dispatch, listening, make
):
    heard = []
    original = dispatch.subscriptions.heard
    dispatch.subscriptions.heard = lambda one, said: (heard.append(said), original(one, said))
    hearing = asyncio.create_task(listening.hear(lambda _: False))
    await until(lambda: listening.waiting)
    dispatch.subscriptions.terminate()
    await hearing
    await until(lambda: any("terminateResponse" in said for said in heard))


async def test_the_echo_of_what_we_sent_is_passed_over(dispatch, listening, make):
    dispatch.joined = lambda listener: setattr(listener, "echo", True)
    dispatch.feed(make.call(1))
    assert (await listening.hear(after(1)))[0] == [("call/Z-00001", "Active")]
    assert listening.rejected == []


async def test_heartbeats_assure_and_tell_nothing(dispatch, listening, make, monkeypatch):
    monkeypatch.setattr(conveyance, "MIN_RATE_S", 0.1)
    assured = []
    async with aclosing(listening.connector.stream(listening.ctx, None)) as pages:
        async for page in pages:
            assured.append(page.assured_until)
            if page.on_durable:
                page.on_durable()
            if len(assured) == 4:
                break
    assert assured == sorted(assured)
    assert len(set(assured)) == 4


async def test_one_document_that_cannot_be_read_holds_up_no_other(dispatch, listening, make):
    right = dispatch.subscriptions._active
    dispatch.subscriptions._active = lambda: [{"$id": "x", "incidentComponent": []}, {}, *right()]
    dispatch.feed(make.call(1))
    assert (await listening.hear(after(1)))[0] == [("call/Z-00001", "Active")]
    assert listening.rejected == ["bad_eido", "bad_eido"]


async def test_a_message_that_is_none_is_set_aside(dispatch, listening, make):
    dispatch.joined = lambda listener: listener.send("no JSON")
    dispatch.feed(make.call(1))
    await listening.hear(after(1))
    assert listening.rejected == ["bad_message"]


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (403, AskAPerson, "subscription_refused"),
        (406, AskAPerson, "subscription_refused"),
        (503, RetryLater, "subscription_lost"),
    ],
)
async def test_a_refusal_says_who_must_act(dispatch, listening, status, error, code):
    def refuse(listener, message):
        answer = {"requestId": message["subscribe"]["requestId"], "statusCode": status}
        listener.send({"subscribeResponse": answer})

    dispatch.subscriptions.heard = refuse
    with pytest.raises(error) as caught:
        await listening.hear(after(1))
    assert caught.value.code == code


async def test_a_wrong_token_asks_a_person_and_a_changed_one_is_tried(dispatch, listening, make):
    fresh = dispatch.rotate()
    with pytest.raises(AskAPerson) as caught:
        await listening.hear(after(1))
    assert caught.value.code == "vendor_refused"
    listening.hub.credentials |= fresh
    dispatch.feed(make.call(1))
    assert (await listening.hear(after(1)))[0]


async def test_ends_are_remembered_in_bounds(dispatch, listening, make):
    hearing = asyncio.create_task(listening.hear(after(2 * MOST_ENDED + 20)))
    await until(lambda: listening.waiting)
    for number in range(MOST_ENDED + 10):
        dispatch.feed(make.call(number))
        dispatch.feed(make.call(number, "Closed", 5))
    await hearing
    assert len(listening.checkpoint) == MOST_ENDED


async def test_check_subscribes_and_reads_one(dispatch, listening, make):
    dispatch.feed(make.call(1))
    (finding,) = await listening.connector.check(listening.ctx)
    assert (finding.ok, finding.detail) == (True, "1 are active.")


async def test_check_says_what_is_wrong(dispatch, listening):
    dispatch.faults.add(Fault.status(404), path=dispatch.path)
    (finding,) = await listening.connector.check(listening.ctx)
    assert not finding.ok
    assert finding.remedy
