"""A subscription that is kept, resumed, acknowledged; and one that was lost in silence."""

import asyncio
from urllib.parse import urlsplit

import pytest

from watchfloor_sdk import AskAPerson, GiveUp, Refused, RetryLater
from watchfloor_sdk.simulation import Fault, Setup
from watchfloor_sdk.simulation.websocket import WebSocketSimulator
from watchfloor_sdk.transports import websocket


class Numbers(WebSocketSimulator):
    """Sends each number until it was acknowledged, from the one that was asked for."""

    connector = "numbers"
    subprotocols = ("numbers1",)

    def __init__(self):
        super().__init__()
        self.said = []
        self.last = 3

    def setup(self, base_url):
        return Setup(self.connector, {"url": base_url.replace("http", "ws") + self.path})

    def feed(self, happening):
        for listener in self.listeners:
            listener.send(happening)

    async def heard(self, listener, message):
        self.said.append(message)
        if "after" in message:
            for number in range(message["after"] + 1, self.last + 1):
                listener.send({"number": number})


@pytest.fixture
async def numbers():
    simulator = Numbers()
    simulator.url = (await simulator.start()).config["url"]
    simulator.port = urlsplit(simulator.url).port
    yield simulator
    await simulator.stop()


@pytest.fixture
def listen(numbers, reaching):
    """Takes so many messages of one connection."""

    async def take(count=3, after=0, **options):
        async def subscribe(link):
            await link.send({"after": after})

        options = {"subscribe": subscribe, **options}
        taken = []
        found = websocket.messages(reaching(numbers.port), numbers.url, **options)
        try:
            async for message in found:
                taken.append(message.json())
                message.reply({"ack": taken[-1].get("number")})
                if len(taken) == count:
                    break
        finally:
            await found.aclose()
        return [each.get("number", each) for each in taken]

    return take


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_who_connects_again_subscribes_where_it_stopped(numbers, listen):
    assert await listen(3) == [1, 2, 3]
    numbers.last = 5
    assert await listen(2, after=3) == [4, 5]


async def test_every_message_is_acknowledged(numbers, listen):
    await listen(4, after=-1)
    await until(lambda: len(numbers.said) >= 4)
    assert {"ack": 2} in numbers.said


async def test_it_ends_when_the_vendor_says_goodbye(numbers, listen):
    listening = asyncio.create_task(listen(99))
    await until(lambda: {"ack": 3} in numbers.said)
    await numbers.listeners[0].close()
    assert await listening == [1, 2, 3]


async def test_our_own_echo_is_left_out(numbers, listen):
    numbers.joined = lambda listener: setattr(listener, "echo", True)
    own = lambda message: "ack" in message.json() or "after" in message.json()  # noqa: E731
    assert await listen(3, own=own) == [1, 2, 3]


async def test_a_subscription_that_was_dropped_in_silence_is_noticed(numbers, listen):
    numbers.joined = lambda listener: setattr(listener, "silent", True)
    with pytest.raises(RetryLater) as caught:
        await listen(silent_s=0.2, ping_s=0.05)
    assert caught.value.code == "feed_silent"


async def test_a_slow_feed_is_not_a_lost_one(numbers, listen):
    numbers.joined = lambda listener: setattr(listener, "slow_s", 0.1)
    assert await listen(3, silent_s=5) == [1, 2, 3]


async def test_a_subscription_is_renewed_in_time_and_its_answer_breaks_the_silence(numbers, listen):
    async def renew(link):
        numbers.last += 1
        await link.send({"after": numbers.last - 1})

    assert await listen(6, silent_s=1.0, renew=(0.1, renew)) == [1, 2, 3, 4, 5, 6]


async def test_a_vendor_that_does_not_answer_the_subscription_passes(numbers, listen, monkeypatch):
    monkeypatch.setattr(websocket, "CONNECT_S", 0.3)

    async def subscribe(link):
        await link.receive()

    with pytest.raises(RetryLater) as caught:
        await listen(subscribe=subscribe)
    assert caught.value.code == "vendor_timeout"


@pytest.mark.parametrize("half", [b"", b'{"number": 4'])
async def test_a_connection_that_is_cut_passes_and_half_a_message_is_none(numbers, listen, half):
    listening = asyncio.create_task(listen(99))
    await until(lambda: {"ack": 3} in numbers.said)
    numbers.listeners[0].cut(half)
    with pytest.raises(RetryLater) as caught:
        await listening
    assert caught.value.code == "half_answer"


async def test_a_message_beyond_the_limit_is_not_kept(numbers, listen):
    numbers.joined = lambda listener: listener.send("x" * 200_000)
    with pytest.raises(RetryLater) as caught:
        await listen(max_size=100_000)
    assert caught.value.code == "message_too_large"


async def test_a_message_that_is_no_json_is_for_the_dead_letters(numbers, listen):
    numbers.joined = lambda listener: listener.send("ZZT1234")
    with pytest.raises(GiveUp) as caught:
        await listen()
    assert caught.value.code == "broken_json"
    assert "ZZT1234" not in caught.value.detail


@pytest.mark.parametrize(
    ("close", "kind", "code"),
    [
        (1008, AskAPerson, "vendor_refused"),
        (3000, AskAPerson, "vendor_refused"),
        (1013, RetryLater, "vendor_unavailable"),
        (1011, RetryLater, "half_answer"),
    ],
)
async def test_a_goodbye_is_sorted_by_what_to_do_next(numbers, listen, close, kind, code):
    listening = asyncio.create_task(listen(99))
    await until(lambda: {"ack": 3} in numbers.said)
    await numbers.listeners[0].close(close)
    with pytest.raises(kind) as caught:
        await listening
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault.status(401), AskAPerson, "vendor_refused"),
        (Fault.status(429, retry_after=7), RetryLater, "rate_limited"),
        (Fault.status(503), RetryLater, "vendor_unavailable"),
        (Fault.html(), RetryLater, "half_answer"),
        (Fault.redirect("ws://127.0.0.1:1/"), Refused, "redirect_refused"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_handshake_that_fails_is_sorted_too(numbers, listen, fault, kind, code):
    numbers.faults.add(fault)
    with pytest.raises(kind) as caught:
        await listen()
    assert caught.value.code == code
    assert await listen(3) == [1, 2, 3]


async def test_headers_and_subprotocol_reach_the_vendor(numbers, listen):
    await listen(1, headers={"X-Key": "k"}, subprotocols=["numbers1"])


@pytest.mark.parametrize("url", ["http://h/", "ws:///x", "wss://h:x/"])
async def test_an_address_that_cannot_be_is_refused(url, reaching):
    with pytest.raises(Refused) as caught:
        await anext(websocket.messages(reaching(), url))
    assert caught.value.code == "bad_url"


async def test_a_certificate_that_nobody_trusts_is_not_taken(numbers, reaching):
    """A plain server on a wss:// address: no TLS, no connection."""
    with pytest.raises((RetryLater, AskAPerson)):
        url = numbers.url.replace("ws://", "wss://")
        await anext(websocket.messages(reaching(numbers.port), url))
