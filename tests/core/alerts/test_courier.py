"""Deliveries to the outside: signed as the standard says, tried for days, stopped when settled."""

import asyncio
import contextlib
import hmac
import json
import random
import time
from base64 import b64decode, b64encode
from collections import Counter
from hashlib import sha256
from itertools import pairwise

import pytest
from alert_hub import NOON, gunshot, read, retraction
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import UNREACHABLE, Answer

from watchfloor.alerts.courier import MAX_REST_S, REST_S, SCHEDULE_S
from watchfloor.alerts.signing import new_secret, signed_headers, signing_key
from watchfloor.contracts import AskAPerson, GiveUp, NotFound, Refused, RetryLater
from watchfloor.ports.store import Channel, HotListEntry, NewOutgoing

ANN = "Ann Analyst"
SHOTS = "{id: shots, title: Shots, severity: danger, kinds: [gunshot], notify: [partner], %s}"
BY_INCIDENT = "dedupe: {by: [data.incident]}"


@pytest.fixture
async def out(hub):
    """A hub that tells one partner of gunshots and of hits."""
    hub.secret = await hub.channel("partner")
    await hub.rule(SHOTS % BY_INCIDENT)
    await hub.rule("{id: listed, title: Hit, kinds: [read], hot_list: any, notify: [partner]}")
    return hub


async def listed(hub, **terms):
    await hub.hot_list("stolen", HotListEntry("ZZT1234", None, None, None), **terms)


def bodies(hub):
    return [json.loads(posted.body) for posted in hub.receiver.posted]


# --- Standard Webhooks ------------------------------------------------------------------------


def test_the_signature_is_that_of_the_standards_own_libraries():
    """Secret, id, timestamp, payload and signature from the test of the reference libraries
    (standard-webhooks/standard-webhooks, libraries/python)."""
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(
        key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"


async def test_what_is_posted_verifies_with_the_secret_that_was_shown_once(out):
    await out.route(gunshot())
    await out.deliver()
    [posted] = out.receiver.posted
    assert out.secret.startswith("whsec_")
    signed = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}.".encode()
    key = b64decode(out.secret.removeprefix("whsec_"))
    expected = b64encode(hmac.digest(key, signed + posted.body, sha256)).decode()
    assert posted.headers["webhook-signature"] == f"v1,{expected}"
    assert posted.headers["content-type"] == "application/json"
    assert "." not in posted.headers["webhook-id"]
    assert await out.channel("partner") is None


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all !", None])
async def test_a_secret_that_is_none_asks_a_person(memory_hub, secret):
    if secret is not None:
        await memory_hub.secrets.put("channel:partner", "signing", {"secret": secret})
    with pytest.raises(AskAPerson):
        await signing_key(memory_hub.secrets, "partner")


def test_every_secret_is_another():
    assert len({new_secret() for _ in range(100)}) == 100


# --- What leaves the hub ----------------------------------------------------------------------


async def test_a_message_carries_kind_place_and_link_and_nothing_of_the_title(out):
    await out.route(gunshot(rounds=3))
    await out.deliver()
    assert bodies(out) == [
        {
            "type": "watchfloor.alert.raised",
            "timestamp": "2026-05-02T12:00:00.000Z",
            "data": {
                "kind": "gunshot",
                "severity": "danger",
                "occurred": "2026-05-02T12:00:00.000Z",
                "verification": "not_needed",
                "place": {"point": [-90.07, 29.95], "address": "500 Canal St"},
                "alert": 1,
                "link": "https://hub.example.org/alerts/1",
            },
        }
    ]


async def test_a_plate_leaves_the_hub_only_when_the_channel_is_configured_so(out):
    await listed(out, share_unverified=True)
    await out.route(read())
    await out.deliver()
    assert b"ZZT" not in out.receiver.posted[0].body
    await out.channel("partner", include_details=True)
    await out.route(read(at=7200))
    await out.deliver()
    assert "ZZT1234" in bodies(out)[1]["data"]["title"]


@pytest.mark.parametrize(("least", "told"), [("danger", 1), ("high", 1), ("low", 1)])
async def test_a_channel_hears_of_what_is_grave_enough(memory_hub, least, told):
    await memory_hub.channel("partner", min_severity=least)
    await memory_hub.rule(SHOTS % BY_INCIDENT)
    await memory_hub.rule(
        "{id: minor, title: M, severity: medium, kinds: [call], notify: [partner]}"
    )
    from alert_hub import call

    await memory_hub.route(gunshot(), call())
    await memory_hub.deliver()
    assert len(bodies(memory_hub)) == told + (least == "low")


async def test_an_unverified_hit_stays_inside_until_it_is_verified(out):
    await listed(out)
    [alert] = await out.route(read())
    await out.deliver()
    assert out.receiver.posted == []
    await out.alerts.act(alert.id, "verify", ANN, confirmed=("plate",))
    await out.deliver()
    [body] = bodies(out)
    assert (body["type"], body["data"]["verification"]) == (
        "watchfloor.alert.verified", "confirmed",
    )  # fmt: skip
    assert "marking" not in body["data"]


async def test_where_the_owner_allows_it_an_unverified_hit_leaves_marked(out):
    await listed(out, share_unverified=True)
    [alert] = await out.route(read())
    await out.deliver()
    out.clock.advance(60)
    await out.alerts.act(alert.id, "mark-wrong", ANN)
    await out.deliver()
    assert [(b["type"], b["data"]["marking"]) for b in bodies(out)] == [
        ("watchfloor.alert.raised", "UNVERIFIED"), ("watchfloor.alert.marked_wrong", "WRONG"),
    ]  # fmt: skip


async def test_a_withdrawal_reaches_every_channel_that_was_told(out):
    await out.channel("other")
    await out.route(gunshot(id="g-1"))
    await out.deliver()
    out.clock.advance(60)
    await out.route(retraction("g-1"))
    await out.deliver()
    assert [(p.url, json.loads(p.body)["type"]) for p in out.receiver.posted] == [
        ("https://partner.example.org/hook", "watchfloor.alert.raised"),
        ("https://partner.example.org/hook", "watchfloor.alert.withdrawn"),
    ]


async def test_a_cancelled_gunshot_reaches_the_channels_too(memory_hub):
    await memory_hub.channel("partner")
    await memory_hub.rule(SHOTS % (BY_INCIDENT + ", when: data.state != 'cancelled'"))
    await memory_hub.route(gunshot(), gunshot(state="cancelled", at=30))
    await memory_hub.deliver()
    assert [b["type"] for b in bodies(memory_hub)] == [
        "watchfloor.alert.raised", "watchfloor.alert.updated",
    ]  # fmt: skip


# --- Failing receivers ------------------------------------------------------------------------


async def test_a_receiver_that_always_fails_is_tried_for_three_days_and_given_up_visibly(out):
    out.receiver.answers = [UNREACHABLE, *[Answer(500)] * 20]
    [alert] = await out.route(gunshot())
    for wait in (0, *SCHEDULE_S, 90_000):
        out.clock.advance(wait * 1.1)
        await out.deliver()
    times = [(posted.at - NOON) / 1e6 for posted in out.receiver.posted]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 10
    assert all(
        stated <= wait <= stated * 1.1 + 1 for stated, wait in zip(SCHEDULE_S, waits, strict=True)
    )
    assert len({posted.headers["webhook-id"] for posted in out.receiver.posted}) == 1
    assert len({posted.headers["webhook-timestamp"] for posted in out.receiver.posted}) == 10
    assert len({posted.body for posted in out.receiver.posted}) == 1
    alert = await out.alerts.get(alert.id)
    assert alert.deliveries.given_up == 1
    [delivery] = await out.alerts.channels.deliveries(alert.id)
    assert delivery.error == "Given up after 10 tries. The receiver answered 500."


async def test_what_can_never_pass_is_given_up_at_once_with_its_remedy(out):
    """A rule or a setting that says no is another matter: somebody may change that."""
    out.receiver.answers = [
        GiveUp("The message is too long.", code="too_long", remedy="Shorten the rule's title."),
        NotFound("There is no source chat."),
    ]
    await out.route(gunshot(), gunshot(incident="2"))
    await out.deliver()
    out.clock.advance(REST_S)
    await out.deliver()
    second, first = await out.alerts.channels.deliveries()
    assert (first.state, first.attempts) == ("given_up", 1)
    assert first.error == "Not tried again. The message is too long. Shorten the rule's title."
    assert (second.state, second.attempts) == ("waiting", 1)


async def test_what_was_given_up_is_tried_once_more_by_hand_under_the_same_id(out):
    out.receiver.answers = [GiveUp("No."), Answer(200)]
    [alert] = await out.route(gunshot())
    await out.deliver()
    [given_up] = await out.alerts.channels.deliveries()
    owed = await out.alerts.channels.deliver_again(given_up.id, ANN)
    assert (owed.state, owed.attempts, owed.error) == ("waiting", 0, None)
    await out.deliver()
    assert (await out.alerts.get(alert.id)).deliveries.delivered == 1
    assert len({posted.headers["webhook-id"] for posted in out.receiver.posted}) == 1
    [note] = await out.store.ledger.notes("delivered_again", 10)
    assert (note["who"], note["what"]["delivery"]) == (ANN, given_up.id)
    with pytest.raises(Refused) as refused:
        await out.alerts.channels.deliver_again(given_up.id, ANN)
    assert refused.value.code == "delivery_not_given_up"
    with pytest.raises(NotFound):
        await out.alerts.channels.deliver_again(99, ANN)


async def test_what_was_stopped_is_not_sent_by_hand_either(out):
    out.receiver.answers = [UNREACHABLE]
    await out.route(gunshot())
    await out.deliver()
    out.clock.advance(1)
    await out.alerts.act(1, "acknowledge", ANN)
    [stopped] = await out.alerts.channels.deliveries()
    with pytest.raises(Refused) as refused:
        await out.alerts.channels.deliver_again(stopped.id, ANN)
    assert refused.value.code == "delivery_superseded"
    assert (await out.alerts.channels.deliveries())[0].state == "given_up"


async def test_no_try_comes_before_its_time(out):
    out.receiver.answers = [Answer(503)] * 3
    await out.route(gunshot())
    await out.deliver()
    out.clock.advance(4.9)
    await out.deliver()
    assert len(out.receiver.posted) == 1
    out.clock.advance(0.7)
    await out.deliver()
    assert len(out.receiver.posted) == 2


async def test_retry_after_is_honoured(out):
    out.receiver.answers = [Answer(429, 600.0)]
    await out.route(gunshot())
    await out.deliver()
    out.clock.advance(599)
    await out.deliver()
    assert len(out.receiver.posted) == 1
    out.clock.advance(2)
    await out.deliver()
    assert (await out.alerts.get(1)).deliveries.delivered == 1


async def test_gone_switches_the_channel_off_and_gives_up_what_waits(out):
    out.receiver.answers = [Answer(410)]
    await out.route(gunshot("G-1"), gunshot("G-2"))
    await out.deliver()
    await out.deliver()
    assert len(out.receiver.posted) == 1
    [channel] = await out.alerts.channels.all()
    assert channel.enabled is False
    errors = [each.error for each in await out.alerts.channels.deliveries()]
    assert "switched off" in errors[0]
    assert "410" in errors[1]
    await out.route(gunshot("G-3"))
    assert len(await out.alerts.channels.deliveries()) == 2


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500])
async def test_whatever_is_no_2xx_is_tried_again(memory_hub, status):
    await memory_hub.channel("partner")
    await memory_hub.rule(SHOTS % BY_INCIDENT)
    memory_hub.receiver.answers = [Answer(status)]
    await memory_hub.route(gunshot())
    await memory_hub.deliver()
    memory_hub.clock.advance(6)
    await memory_hub.deliver()
    assert (await memory_hub.alerts.get(1)).deliveries.delivered == 1


async def test_a_refused_host_or_missing_secret_waits_for_a_person_and_says_so(out):
    out.receiver.answers = [Refused("The receiver's address is inside the network.")]
    await out.route(gunshot())
    await out.deliver()
    [delivery] = await out.alerts.channels.deliveries()
    assert (delivery.state, delivery.error) == (
        "waiting", "The receiver's address is inside the network.",
    )  # fmt: skip
    await out.secrets.remove("channel:partner", "signing")
    out.clock.advance(6)
    await out.deliver()
    [delivery] = await out.alerts.channels.deliveries()
    assert delivery.attempts == 2
    assert len(out.receiver.posted) == 1


async def test_a_fault_of_ours_is_logged_by_name_and_tried_again(out, caplog):
    out.receiver.answers = [ValueError("ZZT1234")]
    await out.route(gunshot())
    await out.deliver()
    assert "ValueError" in caplog.text
    assert "ZZT1234" not in caplog.text
    out.clock.advance(6)
    await out.deliver()
    assert (await out.alerts.get(1)).deliveries.delivered == 1


async def test_a_dead_receiver_is_asked_once_for_all_that_waits_and_holds_up_no_other(out):
    await out.channel("other")
    await out.rule("{id: both, title: B, severity: low, kinds: [call], notify: [other]}")
    from alert_hub import call

    out.receiver.post = failing(out.receiver, "partner")
    await out.route(*(gunshot(f"G-{n}") for n in range(5)), call("C-1"), call("C-2"))
    await out.deliver()
    urls = [posted.url.partition("//")[2].partition(".")[0] for posted in out.receiver.posted]
    assert sorted(urls) == ["other", "other", "partner"]


def failing(receiver, channel):
    post = type(receiver).post

    async def fail(url, headers, body, deadline_s):
        await post(receiver, url, headers, body, deadline_s)
        if channel in url:
            raise UNREACHABLE
        return Answer()

    return fail


async def test_a_removed_channels_deliveries_are_given_up(out):
    await out.route(gunshot())
    await out.alerts.channels.remove("partner")
    await out.deliver()
    assert (await out.alerts.get(1)).deliveries.given_up == 1
    assert await out.secrets.names("channel:partner") == []


async def test_a_restart_between_sending_and_noting_repeats_under_the_same_id(memory_hub):
    from memory_store import Crash

    await memory_hub.channel("partner")
    await memory_hub.rule(SHOTS % BY_INCIDENT)
    await memory_hub.route(gunshot())
    memory_hub.store.fault.arm(1, after=False)
    with pytest.raises(Crash):
        await memory_hub.deliver()
    memory_hub.restart()
    await memory_hub.open()
    memory_hub.store.fault.arm(None, after=False)
    await memory_hub.deliver()
    first, again = memory_hub.receiver.posted
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body


async def test_the_running_courier_delivers_what_is_raised_without_being_asked(out):
    task = asyncio.create_task(out.courier.run())
    await out.route(gunshot())
    async with asyncio.timeout(5):
        await out.receiver.reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# --- Fair to every channel, whole over a restart -----------------------------------------------


async def owe(hub, **counts):
    """An alert that so many messages are owed for, by channel."""
    for channel in counts:
        await hub.channel(channel)
    await hub.route(gunshot())
    owed = [
        NewOutgoing(channel, b'{"data": {"number": %d}}' % number)
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


# --- Stopping ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "why"),
    [("acknowledge", "the alert was acknowledged"), ("close", "the alert was closed")],
)
async def test_settling_an_alert_stops_what_is_pending(out, verb, why):
    out.receiver.answers = [UNREACHABLE]
    await out.route(gunshot())
    await out.deliver()
    out.clock.advance(1)
    alert = await out.alerts.act(1, verb, ANN)
    assert (alert.deliveries.waiting, alert.deliveries.given_up) == (0, 1)
    [delivery] = await out.alerts.channels.deliveries()
    assert delivery.error == f"Stopped: {why}."
    out.clock.advance(100_000)
    await out.deliver()
    assert len(out.receiver.posted) == 1


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32), st.sampled_from(["acknowledge", "close", "mark-wrong"]))
def test_after_a_settling_act_is_answered_nothing_of_before_is_sent(seed, verb):
    """Over interleavings of router, courier and desk: what was owed before an act is never posted
    after the act was answered, and it does not stay waiting."""
    asyncio.run(interleaved(random.Random(seed), verb))


async def interleaved(chance, verb):
    from alert_hub import Hub
    from memory_store import MemoryStore

    from watchfloor.adapters.clock import SettableClock

    clock = SettableClock(NOON)
    hub = Hub(MemoryStore(clock), clock)
    await hub.channel("partner")
    await hub.rule("{id: listed, title: Hit, kinds: [read], hot_list: any, notify: [partner]}")
    await listed(hub, share_unverified=True)
    hub.receiver.answers = [chance.choice([Answer(500), Answer(204)]) for _ in range(50)]
    settled: dict[int, int] = {}

    async def act(alert):
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        clock.advance(0.001)
        await hub.alerts.act(alert, verb, ANN)
        settled[alert] = len(hub.receiver.posted)

    async def courier():
        for _ in range(12):
            await hub.deliver()
            clock.advance(chance.choice([0.001, 6, 400]))
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)

    await hub.route(*(read(at=n) for n in range(3)))
    await asyncio.gather(courier(), *(act(alert) for alert in (1, 2, 3)))
    await courier()
    for alert, before in settled.items():
        late = [json.loads(posted.body) for posted in hub.receiver.posted[before:]]
        sent = {body["type"] for body in late if body["data"]["alert"] == alert}
        assert sent <= {"watchfloor.alert.marked_wrong"}
        raised = [
            each
            for each in await hub.alerts.channels.deliveries(alert)
            if b"alert.raised" in each.body
        ]
        assert [each.state for each in raised] in (["delivered"], ["given_up"])


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example.org/", "https://u:p@x.example.org/", "https:///x", "x", "https://x:0x/"],
)
async def test_a_channel_needs_a_plain_address(memory_hub, url):
    with pytest.raises(Refused):
        await memory_hub.alerts.channels.put(Channel("partner", url))


async def test_a_source_whose_connector_delivers_is_told_and_its_receipt_kept(hub):
    """The message is the webhook's; the key is the same over all tries, so that nobody is told
    twice by a system that knows keys."""
    await hub.rule("{id: shots, title: Shots, severity: danger, kinds: [gunshot], notify: [chat]}")
    assert await hub.alerts.channels.put(Channel("chat", source="slack-1")) is None
    hub.carrier.answers = [RetryLater("The chat is down.")]
    await hub.route(gunshot())
    await hub.deliver()
    [owed] = await hub.alerts.channels.deliveries()
    assert (owed.state, owed.error, owed.receipt) == ("waiting", "The chat is down.", None)
    hub.clock.advance(400)
    await hub.deliver()
    [owed] = await hub.alerts.channels.deliveries()
    assert (owed.state, owed.error, owed.receipt) == ("delivered", None, "M-2")
    (source, key, message), (_, again, same) = hub.carrier.carried
    assert (source, key, message) == ("slack-1", again, same)
    assert message["type"] == "watchfloor.alert.raised"
    assert message["data"]["link"].startswith("https://hub.example.org/alerts/")
    assert hub.receiver.posted == []


async def test_a_channel_has_an_address_or_a_source(memory_hub):
    both = Channel("chat", "https://x.example.org/hook", source="slack-1")
    with pytest.raises(Refused, match="not both"):
        await memory_hub.alerts.channels.put(both)
