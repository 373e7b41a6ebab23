"""What policy leaves out of what somebody sees is left out of the alerts that are made of it."""

from __future__ import annotations

import msgspec
import pytest
from alert_hub import (
    ANN,
    BY_INCIDENT,
    SHOTS,
    Hub,
    call,
    correction,
    event,
    gunshot,
    hit,
    listed,
    place,
    read,
    retraction,
)

from watchfloor.alerts.standing import LEFT_OUT
from watchfloor.contracts import AskAPerson, NotFound
from watchfloor.policy import GATES, Sight

HITS = "{id: hits, title: Vendor hit, severity: high, kinds: [hit]}"
ON_LIST = "{id: listed, title: Hit, kinds: [read], hot_list: any}"
FIGHTS = "{id: fights, title: Fight, severity: low, kinds: [call]}"
FACES = frozenset(GATES["no_face_recognition"].redacts)


def fields(*names: str) -> frozenset[str]:
    return frozenset(names)


async def only(hub: Hub, *rules: str) -> None:
    """Nothing is watched for but by these."""
    await hub.open()
    for status in hub.alerts.rules.all():
        await hub.alerts.rules.remove(status.rule.id)
    for rule in rules:
        await hub.rule(rule)


async def seen(hub: Hub, *names: str) -> list:
    """Every alert as somebody sees it for whom these are left out: the same in list, detail and
    stream; oldest first."""
    sight = Sight(redacts=fields(*names))
    found = list(reversed(await hub.alerts.list(limit=100, sight=sight)))
    assert found == [await hub.alerts.get(each.id, sight) for each in found]
    return found


async def told_to(hub: Hub, *names: str) -> list:
    """What a console is told from now on, as it is told."""
    heard: list = []
    hub.alerts.on_change(lambda told: heard.extend(each.view(fields(*names)) for each in told))
    return heard


@pytest.mark.parametrize(("names", "title"), [
    (["data.plate"], "Vendor hit: Hit"),
    (["plate"], "Vendor hit: Hit"),
    (["data"], "Vendor hit: Hit"),
    (["data.place"], "Vendor hit: ZZT1234 on vendor list (unverified)"),
    (["data.callback", "face"], "Vendor hit: ZZT1234 on vendor list (unverified)"),
])  # fmt: skip
async def test_a_title_is_made_of_what_is_left(memory_hub, names, title):
    await only(memory_hub, HITS)
    heard = await told_to(memory_hub, *names)
    await memory_hub.route(hit())
    assert [each.title for each in await seen(memory_hub, *names)] == [title]
    assert [each.title for each in heard] == [title]
    acted = await memory_hub.alerts.act(1, "acknowledge", ANN, redacts=fields(*names))
    assert acted.title == title


async def test_a_title_says_where_it_was_to_whom_that_is_shown(memory_hub):
    await only(memory_hub, SHOTS % BY_INCIDENT)
    await memory_hub.route(gunshot())
    [alert] = await seen(memory_hub, "data.place.address")
    assert (alert.title, alert.point) == ("Shots: Gunshot", (await seen(memory_hub))[0].point)
    [alert] = await seen(memory_hub, "data.place")
    assert (alert.title, alert.point) == ("Shots: Gunshot", None)


async def test_what_is_near_is_a_place(memory_hub):
    hub = Hub(memory_hub.store, memory_hub.clock, near=lambda _: "near Main St")
    await only(hub, SHOTS % BY_INCIDENT)
    await hub.route(gunshot(place=place()))
    assert (await seen(hub))[0].title == "Shots: Gunshot near Main St"
    assert (await seen(hub, "data.place"))[0].title == "Shots: Gunshot"


async def test_a_title_whose_place_has_another_name_by_now_is_left_out(memory_hub):
    names = iter(["near Main St", "near 5th Ave"])
    hub = Hub(memory_hub.store, memory_hub.clock, near=lambda _: next(names, "near 5th Ave"))
    await only(hub, SHOTS % BY_INCIDENT)
    await hub.route(gunshot(place=place()))
    assert (await seen(hub, "data.place"))[0].title == LEFT_OUT


async def test_news_of_it_leave_it_out_too(hub):
    await only(hub, SHOTS % BY_INCIDENT)
    names = "data.place", "data.reason"
    heard = await told_to(hub, *names)
    await hub.route(gunshot(id="g-1"), gunshot(state="updated", rounds=3, id="g-2"))
    await hub.route(retraction("g-1"), correction("g-2"))
    [alert] = await seen(hub, *names)
    assert alert.title == "Withdrawn: Shots: Reviewed: Gunshot, 3 rounds"
    sources = [entry for entry in alert.history if entry["did"] in ("withdrawn", "corrected")]
    assert [entry["note"] for entry in sources] == [LEFT_OUT] * 2
    [whole] = await seen(hub)
    assert "500 Canal St" in whole.title
    assert {"Entered twice", "Wrong address"} <= {entry["note"] for entry in whole.history}
    assert b"Canal" not in msgspec.json.encode(heard)


async def test_the_reason_of_a_list_is_about_the_plate(memory_hub):
    await only(memory_hub, ON_LIST)
    await listed(memory_hub)
    await memory_hub.route(read())
    [alert] = await seen(memory_hub, "data.plate")
    assert (alert.title, alert.reason, alert.hot_list) == ("Hit: Read", LEFT_OUT, "stolen")
    [alert] = await seen(memory_hub, "data.place")
    assert alert.reason == "On the list “stolen” of Example PD: Stolen vehicle"
    assert (await seen(memory_hub, "hot_list"))[0].hot_list is None
    assert (await seen(memory_hub, "reason"))[0].reason == LEFT_OUT


async def test_the_reason_of_a_rule_says_nothing_of_the_event_and_stays(memory_hub):
    await only(memory_hub, FIGHTS)
    await memory_hub.route(call(callback="555-0107"))
    assert (await seen(memory_hub, "data"))[0].reason == "Every event of this kind meets the rule"


@pytest.mark.parametrize(("note", "gone"), [
    ("Called back at (555) 0107", True),
    ("They said 5550107.", True),
    ("Called back, nobody there", False),
    ("At 100 OAK ST", False),
])  # fmt: skip
async def test_a_note_that_quotes_what_is_left_out_goes_whole(memory_hub, note, gone):
    await only(memory_hub, FIGHTS)
    await memory_hub.route(call(callback="555-0107"))
    await memory_hub.alerts.act(1, "note", ANN, note)
    [alert] = await seen(memory_hub, "data.callback")
    assert [entry["note"] for entry in alert.history] == [LEFT_OUT if gone else note]
    assert (await seen(memory_hub))[0].history[0]["note"] == note


async def test_once_the_event_is_gone_nobody_can_tell(memory_hub, monkeypatch):
    await only(memory_hub, FIGHTS, ON_LIST)
    await listed(memory_hub)
    await memory_hub.route(call(callback="555-0107"), read())
    await memory_hub.alerts.act(1, "note", ANN, "Nobody there")

    async def purged(seq):
        raise NotFound(f"There is no event {seq}.")

    whole = await seen(memory_hub)
    monkeypatch.setattr(memory_hub.store.log, "get", purged)
    fight, of_list = await seen(memory_hub, "data.callback")
    assert (fight.title, fight.history[0]["note"]) == (LEFT_OUT, LEFT_OUT)
    assert fight.reason == whole[0].reason
    assert (of_list.title, of_list.reason) == (whole[1].title, whole[1].reason), "reads have none"
    assert [each.title for each in await seen(memory_hub, *FACES)] == [e.title for e in whole]


async def test_of_several_events_that_are_gone_any_may_have_had_it(memory_hub, monkeypatch):
    both = "{id: both, title: Gate, severity: low, kinds: [call, hit], dedupe: {by: [source]}}"
    await only(memory_hub, both)
    await memory_hub.route(call(), hit())

    async def purged(seq):
        raise NotFound(f"There is no event {seq}.")

    monkeypatch.setattr(memory_hub.store.log, "get", purged)
    [alert] = await seen(memory_hub, "data.plate")
    assert (alert.kind, alert.title) == ("call", LEFT_OUT)


async def test_what_says_nothing_of_an_event_stays(memory_hub):
    await only(
        memory_hub,
        "{id: bad, title: Odd, severity: low, kinds: [call], when: 'data.priority / 0 == 1'}",
    )
    await memory_hub.route(call(priority=1))
    [whole] = await seen(memory_hub)
    [alert] = await seen(memory_hub, "data")
    assert (alert.title, alert.reason) == (whole.title, whole.reason)
    assert whole.title == "Rule cannot be evaluated: Odd"


async def test_a_gate_on_faces_takes_nothing_from_alerts(memory_hub):
    await only(memory_hub, HITS, FIGHTS)
    await memory_hub.route(hit(), call())
    assert await seen(memory_hub, *FACES) == await seen(memory_hub)


async def test_nor_is_it_in_what_was_near(sqlite_hub):
    hub = sqlite_hub
    await only(hub)
    await hub.rule(
        "{id: shots, title: Shots, severity: danger, kinds: [gunshot],"
        " correlate: {radius_m: 500, minutes: 10, include: [reads, units]}}"
    )
    unit = event("vehicle.position.v1", {"vehicle": "car-1", "unit": "U-1", "place": place()})
    await hub.route(gunshot(), read("ZZT0001"), unit)
    whole = await hub.alerts.context(1, ANN)
    left = await hub.alerts.context(1, ANN, Sight(redacts=fields("data.plate", "data.unit")))
    assert len(left.units) == len(whole.units) == 1
    assert not [word for word in (b"ZZT0001", b"U-1") if word in msgspec.json.encode(left)]
    with pytest.raises(AskAPerson) as raised:
        await hub.alerts.context(1, ANN, Sight(redacts=fields("data.place")))
    assert raised.value.code == "no_place"


async def test_a_room_is_told_by_which_list_and_where_and_never_the_plate(memory_hub):
    hub = Hub(memory_hub.store, memory_hub.clock, near=lambda _: "near Main St")
    await only(hub, ON_LIST)
    await listed(hub, name="Stolen vehicles")
    await hub.route(read())
    await hub.alerts.act(1, "acknowledge", ANN)

    async def told(*names):
        sight = Sight(redacts=fields(*names))
        found = await hub.alerts.desk.show(await hub.alerts._book.alerts([], None, 10, sight.scope))
        [alert] = [hub.alerts.publicly(each, sight.redacts) for each in found]
        assert b"ZZT1234" not in msgspec.json.encode(alert)
        return alert.title

    assert await told() == "Hit, Stolen vehicles near Main St"
    assert await told("data.place") == "Hit, Stolen vehicles"
    assert await told("data.hot_list") == "Plate read near Main St"
