"""A settled alert stops what is pending."""

import asyncio
import json
import random

import pytest
from alert_hub import ANN, NOON, correction, gunshot, listed, read, retraction
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import UNREACHABLE, Answer

from watchfloor.contracts import Refused


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


async def owner_forbids(out):
    await listed(out, share_unverified=False)


async def policy_forbids(out):
    out.confirmed_first = True


UNSEEN = "Stopped: nobody has looked at the hit yet, and until then it may not leave the hub."
UNTOLD = "Stopped: its channel was never told of the alert."


@pytest.mark.parametrize("forbid", [owner_forbids, policy_forbids])
async def test_an_unverified_hit_is_not_sent_at_a_later_try_once_that_is_forbidden(out, forbid):
    await listed(out, share_unverified=True)
    out.receiver.answers = [UNREACHABLE]
    await out.route(read())
    await out.deliver()
    await forbid(out)
    out.clock.advance(100_000)
    await out.deliver()
    assert len(out.receiver.posted) == 1
    [delivery] = await out.alerts.channels.deliveries()
    assert (delivery.state, delivery.error) == ("given_up", UNSEEN)

    await out.alerts.act(1, "verify", ANN, confirmed=("plate",))
    await out.deliver()
    assert json.loads(out.receiver.posted[-1].body)["type"] == "watchfloor.alert.verified"


@pytest.mark.parametrize("forbid", [owner_forbids, policy_forbids])
async def test_an_unverified_hit_is_not_sent_again_by_hand_once_that_is_forbidden(out, forbid):
    await listed(out, share_unverified=True)
    out.receiver.answers = [Answer(500)] * 10
    await out.route(read())
    for _ in range(10):
        await out.deliver()
        out.clock.advance(100_000)
    [delivery] = await out.alerts.channels.deliveries()
    assert delivery.state == "given_up"
    await forbid(out)
    with pytest.raises(Refused) as refused:
        await out.alerts.channels.deliver_again(delivery.id, ANN)
    assert refused.value.code == "hit_unverified"
    await out.deliver()
    assert len(out.receiver.posted) == 10


async def test_policy_that_wants_hits_looked_at_counts_at_the_first_try(out):
    await listed(out, share_unverified=True)
    out.confirmed_first = True
    await out.route(read())
    await out.deliver()
    assert out.receiver.posted == []


async def test_that_a_hit_was_wrong_reaches_who_was_told_whatever_is_forbidden_since(out):
    await listed(out, share_unverified=True)
    await out.route(read())
    await out.deliver()
    out.confirmed_first = True
    out.clock.advance(1)
    out.receiver.answers = [UNREACHABLE]
    await out.alerts.act(1, "mark-wrong", ANN)
    await out.deliver()
    await out.alerts.act(1, "reopen", ANN)
    out.clock.advance(100_000)
    await out.deliver()
    told = [json.loads(posted.body)["type"] for posted in out.receiver.posted]
    assert told == ["watchfloor.alert.raised", *["watchfloor.alert.marked_wrong"] * 2]


async def corrected(out):
    await out.route(correction("r-1"))


async def withdrawn(out):
    await out.route(retraction("r-1"))


async def marked_wrong(out):
    await out.alerts.act(1, "mark-wrong", ANN)


@pytest.mark.parametrize("becomes", [corrected, withdrawn, marked_wrong])
async def test_who_was_never_told_of_a_hit_is_not_told_what_became_of_it(out, becomes):
    await listed(out, share_unverified=True)
    await out.route(read(id="r-1"))
    out.confirmed_first = True
    await out.deliver()
    out.clock.advance(1)
    await becomes(out)
    await out.deliver()
    assert out.receiver.posted == []
    newest = (await out.alerts.channels.deliveries())[0]
    assert (newest.state, newest.error) == ("given_up", UNTOLD)
    with pytest.raises(Refused) as refused:
        await out.alerts.channels.deliver_again(newest.id, ANN)
    assert refused.value.code == "delivery_superseded"


@pytest.mark.parametrize("becomes", [corrected, withdrawn, marked_wrong])
async def test_who_may_have_been_told_is_told_what_became_of_it(out, becomes):
    """A try without an answer can have arrived all the same."""
    await listed(out, share_unverified=True)
    out.receiver.answers = [UNREACHABLE]
    await out.route(read(id="r-1"))
    await out.deliver()
    out.confirmed_first = True
    out.clock.advance(100_000)
    await becomes(out)
    await out.deliver()
    told = [json.loads(posted.body)["type"] for posted in out.receiver.posted]
    assert told == ["watchfloor.alert.raised", f"watchfloor.alert.{becomes.__name__}"]


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
