"""The life of an alert: who did what when, and what each state allows."""

import pytest
from alert_hub import NOON, gunshot, hit, read

from watchfloor.contracts import GiveUp, NotFound, Refused, rfc3339
from watchfloor.ports.store import HotListEntry

ANN, BEN = "Ann Analyst", "Ben Supervisor"
LISTED = HotListEntry("ZZT1234", None, None, NOON + 3_600_000_000)
PICTURE = {"handle": "p", "kind": "plate_picture", "owner": "Example PD", "retention_class": "30d"}


@pytest.fixture
async def desk(hub):
    await hub.open()
    await hub.hot_list("stolen", LISTED)
    return hub


async def test_acknowledge_close_reopen_with_who_and_when(desk):
    [alert] = await desk.route(gunshot())
    for verb, by in (("acknowledge", ANN), ("note", BEN), ("close", BEN), ("reopen", ANN)):
        desk.clock.advance(60)
        alert = await desk.alerts.act(alert.id, verb, by, note=f"{verb}!")
    assert alert.state == "new"
    assert [(e["did"], e["by"], e["note"], e["at"]) for e in alert.history] == [
        ("acknowledged", ANN, "acknowledge!", rfc3339(NOON + 60_000_000)),
        ("noted", BEN, "note!", rfc3339(NOON + 120_000_000)),
        ("closed", BEN, "close!", rfc3339(NOON + 180_000_000)),
        ("reopened", ANN, "reopen!", rfc3339(NOON + 240_000_000)),
    ]
    assert [a.state for a in desk.told] == ["new", "acknowledged", "acknowledged", "closed", "new"]
    for shown in (alert, desk.told[-1]):
        assert [e["name"] for e in shown.history] == [each.upper() for each in (ANN, BEN, BEN, ANN)]


async def test_the_same_act_twice_is_entered_once(desk):
    [alert] = await desk.route(gunshot())
    for verb in ("acknowledge", "acknowledge", "close", "close"):
        alert = await desk.alerts.act(alert.id, verb, ANN)
    assert [entry["did"] for entry in alert.history] == ["acknowledged", "closed"]


@pytest.mark.parametrize(
    ("verb", "by", "error", "code"),
    [
        ("dance", ANN, GiveUp, "unknown_act"),
        ("acknowledge", "  ", Refused, "nobody"),
        ("note", ANN, GiveUp, "empty_note"),
        ("verify", ANN, Refused, "not_a_hit"),
        ("mark-wrong", ANN, Refused, "not_a_hit"),
    ],
)
async def test_what_cannot_be_done_is_refused(desk, verb, by, error, code):
    [alert] = await desk.route(gunshot())
    with pytest.raises(error) as raised:
        await desk.alerts.act(alert.id, verb, by)
    assert raised.value.code == code
    assert (await desk.alerts.get(alert.id)).history == []


async def test_an_alert_that_is_not_there_is_not_found(desk):
    with pytest.raises(NotFound):
        await desk.alerts.act(7, "acknowledge", ANN)


async def test_a_closed_alert_must_be_reopened_first(desk):
    [alert] = await desk.route(read())
    await desk.alerts.act(alert.id, "close", ANN)
    for verb in ("acknowledge", "verify"):
        with pytest.raises(Refused, match="closed"):
            await desk.alerts.act(alert.id, verb, ANN)


async def test_a_hit_is_confirmed_when_all_that_its_read_carries_was_looked_at(desk):
    [alert] = await desk.route(read(region="US-LA", media=[PICTURE]))
    for confirmed in ((), ("plate",), ("plate", "region"), ("region", "picture")):
        with pytest.raises(Refused) as raised:
            await desk.alerts.act(alert.id, "verify", ANN, confirmed=confirmed)
        assert raised.value.code == "checks_missing"
    alert = await desk.alerts.act(
        alert.id, "verify", ANN, "white van", ("plate", "region", "picture")
    )
    assert (alert.verification, alert.state) == ("confirmed", "acknowledged")
    [entry] = alert.history
    assert (entry["did"], entry["by"]) == ("verified", ANN)
    assert entry["note"] == (
        "Confirmed: the plate, the issuing state, the picture; still on the list, not expired. "
        "white van"
    )


async def test_a_read_without_region_and_picture_needs_the_plate_alone(desk):
    [alert] = await desk.route(read())
    alert = await desk.alerts.act(alert.id, "verify", ANN, confirmed=("plate",))
    assert alert.verification == "confirmed"


async def test_a_vendors_hit_needs_its_status_asked_of_the_owner(desk):
    [alert] = await desk.route(hit())
    with pytest.raises(Refused, match="current status"):
        await desk.alerts.act(alert.id, "verify", ANN, confirmed=("plate",))
    alert = await desk.alerts.act(alert.id, "verify", ANN, confirmed=("plate", "status"))
    assert alert.verification == "confirmed"


async def test_a_plate_that_left_the_list_since_cannot_be_confirmed(desk):
    [alert] = await desk.route(read())
    await desk.alerts.hot_lists.import_csv("stolen", "plate\nZZT0001\n", BEN)
    with pytest.raises(Refused) as raised:
        await desk.alerts.act(alert.id, "verify", ANN, confirmed=("plate",))
    assert raised.value.code == "no_longer_wanted"
    assert (await desk.alerts.get(alert.id)).verification == "unverified"


async def test_an_entry_that_expired_since_cannot_be_confirmed(desk):
    [alert] = await desk.route(read())
    desk.clock.advance(3601)
    with pytest.raises(Refused, match="expired"):
        await desk.alerts.act(alert.id, "verify", ANN, confirmed=("plate",))


async def test_a_wrong_hit_is_closed_and_starts_over_when_reopened(desk):
    [alert] = await desk.route(read())
    alert = await desk.alerts.act(alert.id, "mark-wrong", ANN, "It is an O, not a 0")
    assert (alert.state, alert.verification) == ("closed", "wrong")
    alert = await desk.alerts.act(alert.id, "reopen", BEN)
    assert (alert.state, alert.verification) == ("new", "unverified")


async def test_reopening_beside_a_newer_alert_about_the_same_is_refused(desk):
    [first] = await desk.route(read())
    await desk.alerts.act(first.id, "close", ANN)
    await desk.route(read(at=60))
    with pytest.raises(Refused, match="Alert 2 is open"):
        await desk.alerts.act(first.id, "reopen", ANN)


async def test_acts_of_two_people_and_the_router_do_not_overwrite_one_another(desk):
    import asyncio

    [alert] = await desk.route(read())
    await asyncio.gather(
        *(desk.alerts.act(alert.id, "note", f"Person {n}", f"note {n}") for n in range(10)),
        desk.route(*(read(at=n) for n in range(10))),
        desk.alerts.act(alert.id, "acknowledge", ANN),
    )
    [alert] = await desk.all()
    assert alert.count == 11
    assert alert.state == "acknowledged"
    assert sum(entry["did"] == "noted" for entry in alert.history) == 10


async def test_a_verified_hit_that_is_seen_again_stays_verified_with_its_deliveries(desk):
    await desk.channel("partner")
    await desk.rule("{id: listed, title: L, kinds: [read], hot_list: any, notify: [partner], "
                    "dedupe: {by: [data.plate]}}")  # fmt: skip
    await desk.alerts.rules.remove("hot-list-hit")
    [alert] = await desk.route(read())
    await desk.alerts.act(alert.id, "verify", ANN, confirmed=("plate",))
    await desk.route(read(at=60, reader="R-2"))
    seen = desk.told[-1]
    assert (seen.verification, seen.count, seen.deliveries.waiting) == ("confirmed", 2, 1)
    assert seen == await desk.alerts.get(alert.id)
