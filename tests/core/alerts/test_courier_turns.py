"""Each channel has its own turns, and nothing is lost or repeated over a restart."""

import asyncio
import contextlib
import json
import time
from collections import Counter

import pytest
from alert_hub import gunshot
from memory_store import Answer

from watchfloor.alerts.courier import MAX_REST_S, REST_S
from watchfloor.contracts import RetryLater
from watchfloor.ports.store import NewOutgoing


async def owe(hub, **counts):
    """An alert that so many messages are owed for, by channel."""
    for channel in counts:
        await hub.channel(channel)
    await hub.route(gunshot())
    body = b'{"type": "watchfloor.alert.raised", "data": {"number": %d}}'
    owed = [
        NewOutgoing(channel, body % number)
        for channel, count in counts.items()
        for number in range(count)
    ]
    await hub.store.alerts.change_alert(await hub.store.alerts.alert(1), owed)
    hub.alerts.desk.owed.set()


def posts(hub, channel):
    """The numbers of what a channel was sent, in order."""
    sent = [json.loads(p.body) for p in hub.receiver.posted if f"//{channel}." in p.url]
    return [body["data"]["number"] for body in sent]


class Hangs:
    """A receiver of which one channel never answers, until it is let ``go``."""

    def __init__(self, receiver, channel):
        self._channel, self._post = channel, receiver.post
        self.go = asyncio.Event()

    async def post(self, url, *rest):
        answer = await self._post(url, *rest)
        if f"//{self._channel}." in url:
            await self.go.wait()
        return answer


@contextlib.asynccontextmanager
async def running(hub):
    task = asyncio.create_task(hub.courier.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture
async def shots(hub):
    """A hub that raises gunshots and tells nobody by itself."""
    await hub.rule("{id: shots, title: Shots, severity: danger, kinds: [gunshot]}")
    return hub


async def test_a_channel_that_hangs_with_much_that_is_due_delays_no_other(shots):
    """2,000 deliveries to a receiver that does not answer are older than a healthy channel's."""
    await owe(shots, stuck=2000, well=3)
    shots.receiver.post = Hangs(shots.receiver, "stuck").post
    began = time.monotonic()
    async with running(shots):
        await until(lambda: len(posts(shots, "well")) == 3)
        assert time.monotonic() - began < 1
    assert posts(shots, "stuck") == [0], "one try at a time"
    fare = await states(shots)
    assert (fare["stuck", "waiting"], fare["well", "delivered"]) == (2000, 3)


async def states(hub):
    rows = await hub.alerts.channels.deliveries(limit=10_000)
    return Counter((row.channel, row.state) for row in rows)


async def test_all_that_is_due_is_delivered_in_order_and_once_over_many_turns(shots):
    await owe(shots, one=250, two=120)
    async with running(shots):
        await until(lambda: len(shots.receiver.posted) >= 370)
        await asyncio.sleep(0.05)
    assert posts(shots, "one") == list(range(250))
    assert posts(shots, "two") == list(range(120))
    assert await states(shots) == {("one", "delivered"): 250, ("two", "delivered"): 120}


async def test_a_courier_that_ends_and_begins_again_sends_the_rest_and_nothing_twice(shots):
    """What was under way may be repeated, under the same id; what was answered is not."""
    await owe(shots, stuck=3, well=30)
    plain = shots.receiver.post
    shots.receiver.post = Hangs(shots.receiver, "stuck").post
    async with running(shots):
        await until(lambda: len(posts(shots, "well")) >= 10 and posts(shots, "stuck"))
    answered = await states(shots)
    shots.restart()
    await shots.open()
    shots.receiver.post, shots.receiver.posted = plain, []
    async with running(shots):
        await until(lambda: len(shots.receiver.posted) >= 33 - answered["well", "delivered"])
        await asyncio.sleep(0.05)
    assert posts(shots, "stuck") == [0, 1, 2]
    assert posts(shots, "well") == list(range(answered["well", "delivered"], 30))
    assert await states(shots) == {("stuck", "delivered"): 3, ("well", "delivered"): 30}


async def test_an_answer_that_came_is_noted_though_the_hub_is_ending(shots):
    await owe(shots, well=1)
    settling, settle = asyncio.Event(), shots.alerts.desk.settle

    async def slow(outgoing):
        settling.set()
        await asyncio.sleep(0.05)
        await settle(outgoing)

    shots.alerts.desk.settle = slow
    async with running(shots):
        await settling.wait()
    assert await states(shots) == {("well", "delivered"): 1}


async def test_a_message_that_the_receiver_refuses_holds_up_the_next_for_seconds_only(shots):
    await owe(shots, partner=3)
    shots.receiver.answers = [Answer(400)]
    await shots.deliver()
    assert posts(shots, "partner") == [0]
    shots.clock.advance(REST_S)
    await shots.deliver()
    assert posts(shots, "partner")[:3] == [0, 1, 2]


async def test_a_channel_that_asked_for_time_gets_it_up_to_five_minutes(shots):
    await owe(shots, partner=2)
    shots.receiver.answers = [Answer(429, 86_400.0)]
    await shots.deliver()
    shots.clock.advance(MAX_REST_S - 1)
    await shots.deliver()
    assert posts(shots, "partner") == [0]
    shots.clock.advance(1)
    await shots.deliver()
    assert posts(shots, "partner") == [0, 1]


async def test_a_channel_switched_off_during_its_turn_is_sent_nothing_more(shots):
    await owe(shots, partner=3)
    post = shots.receiver.post

    async def remove(*args):
        await shots.alerts.channels.remove("partner")
        return await post(*args)

    shots.receiver.post = remove
    await shots.deliver()
    assert posts(shots, "partner") == [0]
    assert await states(shots) == {("partner", "delivered"): 1, ("partner", "given_up"): 2}


async def test_a_store_that_cannot_be_read_or_written_delays_and_loses_nothing(shots, caplog):
    await owe(shots, partner=1)
    book, due = shots.store.alerts, shots.store.alerts.due

    async def busy(*args):
        raise RetryLater("The store is busy.")

    book.due = busy
    await shots.deliver()
    assert "Deliveries to the channel partner wait: The store is busy." in caplog.text
    book.due = due
    shots.clock.advance(REST_S)
    await shots.deliver()
    assert await states(shots) == {("partner", "delivered"): 1}
