"""Topics of a broker: what is acknowledged is forgotten there, what is not comes again."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from watchfloor_sdk import AskAPerson, GiveUp, Refused, RetryLater
from watchfloor_sdk.simulation.mqtt import MqttBroker
from watchfloor_sdk.transports import mqtt


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
async def broker():
    running = MqttBroker()
    await running.start(free_port())
    yield running
    await running.stop()


@pytest.fixture
def listening(broker, reaching):
    """A connection that has subscribed, as an iterator of messages."""
    opened = []

    async def listen(topics=("cams/#",), **options):
        ctx = reaching(broker.port, broker=broker.credential)
        opened.append(mqtt.messages(ctx, f"mqtt://127.0.0.1:{broker.port}", topics, **options))
        first = asyncio.create_task(anext(opened[-1]))
        await asyncio.sleep(0.3)
        return SimpleNamespace(first=first, rest=opened[-1], ctx=ctx)

    return listen


async def take(feed, count=1):
    async with asyncio.timeout(5):
        return [await feed.first, *[await anext(feed.rest) for _ in range(count - 1)]]


async def leave(feed):
    feed.first.cancel()
    await asyncio.gather(feed.first, return_exceptions=True)
    await feed.rest.aclose()


async def test_messages_come_with_their_topic(broker, listening):
    feed = await listening()
    await broker.publish("cams/gate", b'{"a": 1}')
    await broker.publish("other", b"{}")
    await broker.publish("cams/yard/events", b"\xff")
    first, second = await take(feed, 2)
    assert (first.topic, first.json(), first.retained) == ("cams/gate", {"a": 1}, False)
    assert (second.topic, second.data) == ("cams/yard/events", b"\xff")
    with pytest.raises(GiveUp) as caught:
        second.json()
    assert caught.value.code == "broken_json"
    await leave(feed)


async def test_what_was_published_while_nobody_listened_waited(broker, listening):
    feed = await listening()
    await broker.publish("cams/gate", b"1")
    (message,) = await take(feed)
    message.acknowledge()
    await asyncio.sleep(0.1)
    await leave(feed)
    await asyncio.sleep(0.1)
    await broker.publish("cams/gate", b"2")
    again = await listening()
    assert [message.data for message in await take(again)] == [b"2"]
    await leave(again)


async def test_what_was_not_acknowledged_is_not_acknowledged_for_us(broker, listening):
    """Before ``acknowledge`` the broker has it in flight; afterwards it has not."""
    feed = await listening()
    await broker.publish("cams/gate", b"1")
    (message,) = await take(feed)
    (session, _) = next(iter(broker._broker._sessions.values()))
    assert len(session.inflight_out) == 1
    message.acknowledge()
    message.acknowledge()
    await asyncio.sleep(0.2)
    assert len(session.inflight_out) == 0
    await leave(feed)


async def test_a_reply_goes_to_another_topic(broker, listening):
    replies, feed = await listening(["replies"], client_id="other"), await listening()
    await broker.publish("cams/gate", b"1")
    (message,) = await take(feed)
    message.publish("replies", {"result": 0})
    (reply,) = await take(replies)
    assert reply.json() == {"result": 0}
    await leave(feed)
    await leave(replies)


async def test_many_messages_come_whole_and_in_order_though_few_may_wait(
    broker, listening, monkeypatch
):
    monkeypatch.setattr(mqtt, "WAITING", 10)
    feed = await listening(quality=0)
    for number in range(300):
        await broker.publish("cams/gate", b"%d" % number, 0)
    found = await take(feed, 300)
    assert [int(message.data) for message in found] == list(range(300))
    await leave(feed)


async def test_a_silent_feed_is_noticed(listening):
    feed = await listening(silent_s=0.5)
    with pytest.raises(RetryLater) as caught:
        await take(feed)
    assert caught.value.code == "feed_silent"


async def test_a_message_beyond_the_limit_is_left_out_and_said(broker, listening):
    feed = await listening(max_size=10)
    await broker.publish("cams/gate", b"x" * 11)
    await broker.publish("cams/gate", b"ok")
    assert [message.data for message in await take(feed)] == [b"ok"]
    assert "11 bytes" in feed.ctx._hub.logged[-1][1]
    await leave(feed)


async def test_a_broker_that_goes_passes(broker, listening):
    feed = await listening()
    await broker.stop()
    with pytest.raises(RetryLater) as caught:
        await take(feed)
    assert caught.value.code == "half_answer"
    await broker.start(broker.port)


async def test_a_broker_that_is_not_there_or_hangs_up_passes(reaching):
    async def hang_up(reader, writer):
        await reader.read(10)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for url, code in ((port, "half_answer"), (free_port(), "vendor_unreachable")):
            ctx = reaching(url, broker={})
            with pytest.raises(RetryLater) as caught:
                await anext(mqtt.messages(ctx, f"mqtt://127.0.0.1:{url}", ["a"]))
            assert caught.value.code == code


async def test_a_broker_that_refuses_the_user_is_for_a_person(broker, reaching):
    ctx = reaching(broker.port, broker={"username": "hub", "password": "no"})
    with pytest.raises(AskAPerson) as caught:
        await anext(mqtt.messages(ctx, f"mqtt://127.0.0.1:{broker.port}", ["a"]))
    assert caught.value.code == "vendor_refused"


async def test_an_address_that_cannot_be_is_refused(reaching):
    with pytest.raises(Refused) as caught:
        await anext(mqtt.messages(reaching(), "http://h", ["a"]))
    assert caught.value.code == "bad_url"
