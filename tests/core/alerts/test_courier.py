"""Receivers that fail are tried for days; what is given up says why."""

import asyncio
from itertools import pairwise

import pytest
from alert_hub import ANN, BY_INCIDENT, NOON, SHOTS, gunshot, listed, read
from memory_store import UNREACHABLE, Answer

from watchfloor.alerts import was_stopped
from watchfloor.alerts.courier import REST_S, SCHEDULE_S
from watchfloor.contracts import GiveUp, NotFound, Refused
from watchfloor.ports.store import Due, Stream


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
    assert not was_stopped(given_up)
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
    assert was_stopped(stopped)
    with pytest.raises(Refused) as refused:
        await out.alerts.channels.deliver_again(stopped.id, ANN)
    assert refused.value.code == "delivery_superseded"
    assert (await out.alerts.channels.deliveries())[0].state == "given_up"


async def purge_messages(hub):
    due = Due(Stream("", "delivery"), hub.clock.now() + 1, "30 days", 1)
    await hub.store.purging.step(due, None, 100)


@pytest.fixture
async def kept(sqlite_hub):
    await sqlite_hub.channel("partner")
    await sqlite_hub.rule(
        "{id: listed, title: Hit, kinds: [read], hot_list: any, notify: [partner]}"
    )
    await listed(sqlite_hub, share_unverified=True)
    return sqlite_hub


async def test_a_message_that_is_no_longer_kept_is_not_sent_by_hand(kept):
    kept.receiver.answers = [GiveUp("No.")]
    await kept.route(read())
    await kept.deliver()
    await purge_messages(kept)
    [given_up] = await kept.alerts.channels.deliveries()
    with pytest.raises(Refused) as refused:
        await kept.alerts.channels.deliver_again(given_up.id, ANN)
    assert refused.value.code == "delivery_expired"
    [left] = await kept.alerts.channels.deliveries()
    assert (left.state, left.body) == ("given_up", b"")


@pytest.mark.parametrize(
    ("answer", "state"), [(UNREACHABLE, "given_up"), (Answer(200), "delivered")]
)
async def test_a_message_purged_while_it_is_sent_stays_purged(kept, answer, state):
    kept.receiver.answers = [answer]
    post = kept.receiver.post

    async def slow(*asked):
        await purge_messages(kept)
        return await post(*asked)

    kept.receiver.post = slow
    await kept.route(read())
    await kept.deliver()
    [delivery] = await kept.alerts.channels.deliveries()
    assert (delivery.state, delivery.body) == (state, b"")


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
