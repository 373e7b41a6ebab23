"""What leaves the hub, signed as the standard says, and where it may go."""

import hmac
import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from alert_hub import ANN, BY_INCIDENT, SHOTS, bodies, gunshot, listed, read, retraction

from watchfloor.alerts.signing import new_secret, signed_headers, signing_key
from watchfloor.contracts import AskAPerson, GiveUp, Refused, RetryLater
from watchfloor.ports.store import Channel


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


async def test_what_a_source_refuses_is_given_up_at_once_with_its_reason(hub):
    await hub.rule("{id: shots, title: Shots, severity: danger, kinds: [gunshot], notify: [chat]}")
    await hub.alerts.channels.put(Channel("chat", source="slack-1"))
    hub.carrier.answers = [GiveUp("The room is closed for good.", code="delivery_refused")]
    [alert] = await hub.route(gunshot())
    await hub.deliver()
    hub.clock.advance(400)
    await hub.deliver()
    [given_up] = await hub.alerts.channels.deliveries()
    assert (given_up.state, given_up.attempts, given_up.receipt) == ("given_up", 1, None)
    assert given_up.error == "Not tried again. The room is closed for good."
    assert (await hub.alerts.get(alert.id)).deliveries.given_up == 1
    assert len(hub.carrier.carried) == 1


async def test_a_channel_has_an_address_or_a_source(memory_hub):
    both = Channel("chat", "https://x.example.org/hook", source="slack-1")
    with pytest.raises(Refused, match="not both"):
        await memory_hub.alerts.channels.put(both)
