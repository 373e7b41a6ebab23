"""Golden routing: which events raise which alerts, and how they read."""

import pytest
from alert_hub import HERE, NOON, Hub, call, correction, gunshot, hit, place, read, retraction
from memory_store import MemoryStore

from watchfloor.alerts import router
from watchfloor.contracts import rfc3339
from watchfloor.ports.store import Due, HotListEntry, Stream

FAR = (-90.2, 29.95)


def entry(plate="ZZT1234", region=None, reason=None, expires=None):
    return HotListEntry(plate, region, reason, None if expires is None else NOON + expires)


def lines(alerts):
    return [(a.rule, a.severity, a.title, a.count, a.state, a.verification) for a in alerts]


async def test_the_default_rules_over_a_small_day(hub):
    await hub.open()
    await hub.hot_list("stolen", entry(), entry("ZZT9999", expires=-1), severity="medium")
    alerts = await hub.route(
        read("ZZT0001"),
        read("ZZT9999"),
        read(region="US-LA"),
        read(reader="R-2", at=60),
        gunshot(rounds=3),
        gunshot(state="updated", rounds=5, at=20),
        gunshot("G-2", state="cancelled"),
        call("C-1", "Fight", priority=1),
        call("C-2", "Armed robbery", priority=1),
        call("C-3", "Armed robbery", priority=4),
        call("C-4", "Noise", priority=2, notes=[{"text": "Shots heard"}]),
        call("C-5", "Shots fired", priority=1, status="Closed"),
        hit("ZZT7777"),
    )
    assert lines(alerts) == [
        ("hot-list-hit", "medium", "Hot-list hit: ZZT1234 read by R-2", 2, "new", "unverified"),
        ("gunshot", "danger", "Gunshot detected: Reviewed: Gunshot, 5 rounds at 500 Canal St", 2,
         "new", "not_needed"),
        ("weapon-call", "high", "Call with a weapon: Armed robbery at 100 Oak St", 1, "new",
         "not_needed"),
        ("weapon-call", "high", "Call with a weapon: Noise at 100 Oak St", 1, "new", "not_needed"),
        ("vendor-hit", "high", "Hit on a vendor's list: ZZT7777 on vendor list (unverified)", 1,
         "new", "unverified"),
    ]  # fmt: skip
    assert alerts[0].events == [3, 4]
    assert alerts[0].reason == "On the list “stolen” of Example PD: Stolen vehicle"
    assert alerts[0].occurred == rfc3339(NOON + 60_000_000)
    assert alerts[1].point == HERE


async def test_reads_on_no_list_raise_nothing_and_change_nothing(hub):
    await hub.open()
    await hub.hot_list("stolen", entry())
    assert await hub.route(*(read(f"ZZT{number:04}") for number in range(2000, 2030))) == []
    assert hub.told == []


@pytest.mark.parametrize(
    ("listed", "read_region", "raises"),
    [
        (entry(expires=60), None, True),
        (entry(expires=0), None, False),
        (entry(expires=-60), None, False),
        (entry(region="US-LA"), "US-LA", True),
        (entry(region="US-LA"), None, True),
        (entry(region="US-LA"), "US-TX", False),
        (entry(plate="zzt-12 34"), None, True),
    ],
)
async def test_an_entry_counts_while_it_lasts_and_where_it_is_from(
    memory_hub, listed, read_region, raises
):
    await memory_hub.open()
    await memory_hub.hot_list("stolen", listed)
    more = {"region": read_region} if read_region else {}
    assert bool(await memory_hub.route(read(**more))) is raises


async def test_an_entry_that_expires_meanwhile_raises_nothing_from_then_on(memory_hub):
    await memory_hub.open()
    await memory_hub.hot_list("stolen", entry(expires=60_000_000))
    assert len(await memory_hub.route(read(at=0))) == 1
    memory_hub.clock.advance(61)
    [alert] = await memory_hub.route(read(at=61), read(at=30))
    assert alert.count == 1


async def test_a_plate_on_two_lists_raises_an_alert_for_each_owner(memory_hub):
    await memory_hub.open()
    await memory_hub.hot_list("stolen", entry(), entry(region="US-LA"))
    await memory_hub.hot_list("missing", entry(reason="Missing person"), severity="danger")
    alerts = await memory_hub.route(read(region="US-LA"))
    assert sorted((a.hot_list, a.severity, a.count) for a in alerts) == [
        ("missing", "danger", 1), ("stolen", "high", 1),
    ]  # fmt: skip


async def test_a_rule_for_one_list_an_area_and_a_condition(memory_hub):
    await memory_hub.open()
    await memory_hub.alerts.rules.remove("hot-list-hit")
    await memory_hub.hot_list("stolen", entry())
    await memory_hub.hot_list("other", entry("ZZT5555"))
    await memory_hub.rule(
        "{id: narrow, title: N, severity: low, kinds: [read], hot_list: [stolen], "
        "when: data.confidence > 0.8, within: {circle: {center: [-90.07, 29.95], radius_m: 500}}}"
    )
    alerts = await memory_hub.route(
        read(confidence=0.9),
        read(confidence=0.7),
        read(),
        read(confidence=0.9, point=FAR),
        read(confidence=0.9, point=None),
        read("ZZT5555", confidence=0.9),
    )
    assert [a.events for a in alerts] == [[1]]
    assert alerts[0].reason == (
        "On the list “stolen” of Example PD: Stolen vehicle; in the rule's area; "
        "meets the rule's condition"
    )


async def test_an_uncertain_place_that_reaches_into_the_area_counts(memory_hub):
    await memory_hub.rule(
        "{id: area, title: A, severity: low, kinds: [gunshot], "
        "within: {circle: {center: [-90.07, 29.95], radius_m: 500}}}"
    )
    near = (-90.0642, 29.95)  # about 560 m east
    sure, unsure = place(near, error_m=10), place(near, error_m=100)
    alerts = await memory_hub.route(gunshot("G-1", place=sure), gunshot("G-2", place=unsure))
    assert [a.events for a in alerts] == [[2]]


async def test_without_dedupe_every_event_is_an_alert_of_its_own(memory_hub):
    await memory_hub.rule("{id: all, title: A, severity: low, kinds: [gunshot]}")
    alerts = await memory_hub.route(gunshot("G-1"), gunshot("G-1", state="updated"))
    assert [a.count for a in alerts] == [1, 1]


async def test_a_missing_dedupe_value_never_merges_two_things(memory_hub):
    await memory_hub.rule(
        "{id: by, title: B, severity: low, kinds: [call], dedupe: {by: [data.beat]}}"
    )
    alerts = await memory_hub.route(
        call("C-1"), call("C-2"), call("C-3", beat="4"), call("C-4", beat="4")
    )
    assert [a.count for a in alerts] == [1, 1, 2]


async def test_after_the_dedupe_time_it_is_a_new_alert(hub):
    await hub.open()
    await hub.hot_list("stolen", entry())
    minutes = (0, 20, 45, 80, 81)
    alerts = await hub.route(*(read(at=60 * minute) for minute in minutes))
    assert [(a.count, a.events) for a in alerts] == [(3, [1, 2, 3]), (2, [4, 5])]
    hub.restart()
    await hub.open()
    alerts = await hub.route(read(at=60 * 100), read(at=60 * 140))
    assert [a.count for a in alerts] == [3, 3, 1]


async def test_a_closed_alert_does_not_swallow_the_next_hit(hub):
    await hub.open()
    await hub.hot_list("stolen", entry())
    [alert] = await hub.route(read())
    await hub.alerts.act(alert.id, "close", "Alex Analyst")
    alerts = await hub.route(read(at=60))
    assert [(a.count, a.state) for a in alerts] == [(1, "closed"), (1, "new")]


async def test_a_cancelled_gunshot_changes_its_open_alert_and_raises_none(hub):
    await hub.open()
    await hub.route(gunshot(rounds=3))
    [alert] = await hub.route(gunshot(state="cancelled", at=60))
    assert alert.title == "Gunshot detected: Cancelled: Gunshot at 500 Canal St"
    assert (alert.count, alert.state, alert.events) == (1, "new", [1, 2])
    assert [(e["did"], e["by"]) for e in alert.history] == [("updated", "src")]


async def test_created_and_cancelled_in_one_batch_is_one_cancelled_alert(hub):
    hub.batch = 100
    hub.restart()
    await hub.open()
    [alert] = await hub.route(gunshot(rounds=3), call(), gunshot(state="cancelled", at=60))
    assert alert.title.startswith("Gunshot detected: Cancelled")


async def test_a_withdrawn_event_marks_its_open_alert(hub):
    await hub.open()
    await hub.hot_list("stolen", entry())
    await hub.route(read(id="r-1"))
    hub.restart()
    await hub.open()
    alerts = await hub.route(
        retraction("r-1", source="another"), retraction("r-9"), retraction("r-1", at=60)
    )
    assert [a.title for a in alerts] == ["Withdrawn: Hot-list hit: ZZT1234 read by R-1"]
    assert [(e["did"], e["note"]) for e in alerts[0].history] == [("withdrawn", "Entered twice")]
    assert alerts[0].events == [1]


@pytest.mark.parametrize(
    "news",
    [retraction("g-1", at=60), correction("g-1", at=60), gunshot(state="cancelled", at=60)],
    ids=["retraction", "correction", "follow-up"],
)
async def test_news_of_an_open_alert_that_is_no_longer_kept_ends_nothing(sqlite_hub, news):
    await sqlite_hub.open()
    await sqlite_hub.route(gunshot(id="g-1", rounds=3))
    due = Due(Stream("", "alert"), sqlite_hub.clock.now() + 1, "365 days", 1)
    await sqlite_hub.store.purging.step(due, None, 100)
    alerts = await sqlite_hub.route(news, gunshot("G-2", at=120))
    assert [a.title for a in alerts] == ["Gunshot detected: Gunshot at 500 Canal St"]


async def test_a_rule_that_cannot_be_evaluated_says_so_to_the_desk(hub):
    await hub.rule(
        "{id: bad, title: Many shots, severity: high, kinds: [gunshot], when: data.rounds > '3'}"
    )
    alerts = await hub.route(gunshot("G-1", rounds=4), gunshot("G-2"), gunshot("G-3", rounds=9))
    assert lines(alerts) == [
        ("bad", "low", "Rule cannot be evaluated: Many shots", 2, "new", "not_needed")
    ]
    assert alerts[0].events == [1, 3]
    status = hub.alerts.rules.get("bad")
    assert (status.state, status.failures, status.last_failure) == ("erroring", 2, NOON)
    assert "different types" in status.reason


async def test_an_event_that_breaks_the_hub_is_shown_and_the_next_is_judged(memory_hub, caplog):
    await memory_hub.open()
    broken = call("C-1", "Armed robbery", priority=1)
    broken["data"]["notes"] = [{"words": "no text"}]
    alerts = await memory_hub.route(broken, call("C-2", "Armed robbery", priority=1))
    assert [a.title for a in alerts] == [
        "Events that no rule could look at",
        "Call with a weapon: Armed robbery at 100 Oak St",
    ]
    assert "KeyError in _call_text" in caplog.text or "could not be judged" in caplog.text


async def test_a_late_alert_says_that_it_is_late(memory_hub):
    await memory_hub.open()
    memory_hub.clock.advance(3600)
    [alert] = await memory_hub.route(gunshot())
    assert alert.reason.endswith("(known 60 min after it occurred)")


async def test_a_personal_kind_is_never_followed_up(memory_hub):
    """A read that does not meet the rule is nobody's news, even of a plate with an open alert."""
    await memory_hub.open()
    await memory_hub.alerts.rules.remove("hot-list-hit")
    await memory_hub.hot_list("stolen", entry())
    await memory_hub.rule(
        "{id: red, title: Red, severity: low, kinds: [read], hot_list: any, "
        "when: data.vehicle.colour == 'red', dedupe: {by: [data.plate]}}"
    )
    [alert] = await memory_hub.route(read(vehicle={"colour": "red"}), read(reader="R-2"))
    assert (alert.count, alert.title) == (1, "Red: ZZT1234 read by R-1")


async def test_listeners_hear_of_an_alert_when_it_is_durable(hub):
    await hub.open()
    await hub.route(gunshot())
    assert [(a.id, a.state) for a in hub.told] == [(1, "new")]
    assert (await hub.alerts.get(1)).title == hub.told[0].title


async def test_an_alert_of_a_mere_point_says_what_is_near(clock):
    hub = Hub(MemoryStore(clock), clock, near=lambda point: f"near {point[0]} St")
    await hub.rule("{id: shots, title: Shots, severity: danger, kinds: [gunshot]}")
    [alert] = await hub.route(gunshot(place={"point": [-90.0, 29.9]}))
    assert alert.title == "Shots: Gunshot near -90.0 St"


@pytest.mark.parametrize("batch", [1, 3])
async def test_an_event_that_the_router_always_fails_on_is_set_aside_and_the_rest_flows(
    hub, batch, monkeypatch, caplog
):
    """In taking it in, and in writing down what it raised: whatever was drafted beside it stays."""
    hub.batch = batch
    hub.restart()
    await hub.open()
    await hub.route(gunshot("G-1", id="g-1"))
    monkeypatch.setattr(hub.alerts.desk, "change", broken)
    raising = hub.alerts.desk.raise_alerts

    async def breaks_on_one(to, drafts):
        if any("G-3" in draft.alert.dedupe for draft in drafts):
            raise KeyError("ZZT1234")
        await raising(to, drafts)

    monkeypatch.setattr(hub.alerts.desk, "raise_alerts", breaks_on_one)
    shots = [gunshot(number, at=at) for at, number in enumerate(("G-2", "G-3", "G-4"), 1)]
    alerts = await hub.route(retraction("g-1"), *shots)
    assert lines(alerts) == [
        ("gunshot", "danger", "Gunshot detected: Gunshot at 500 Canal St", 1, "new", "not_needed"),
        ("", "low", "Events that no rule could look at", 1, "new", "not_needed"),
        ("gunshot", "danger", "Gunshot detected: Gunshot at 500 Canal St", 1, "new", "not_needed"),
        ("", "low", "Events that no rule could look at", 1, "new", "not_needed"),
        ("gunshot", "danger", "Gunshot detected: Gunshot at 500 Canal St", 1, "new", "not_needed"),
    ]
    assert [alert.events for alert in alerts] == [[1], [2], [3], [4], [5]]
    assert "ZZT1234" not in caplog.text
    hub.restart()
    await hub.open()
    assert await hub.route() == alerts, "it is set aside for good"


async def broken(*_):
    raise KeyError("ZZT1234")


@pytest.mark.parametrize("batch", [1, 3])
async def test_an_event_that_cannot_even_be_set_aside_is_given_up_and_the_rest_flows(
    hub, batch, monkeypatch, caplog
):
    hub.batch = batch
    hub.restart()
    await hub.open()
    monkeypatch.setattr(router, "TRY_AGAIN_S", 0.0)
    raising, tries = hub.alerts.desk.raise_alerts, []

    async def breaks_on_one(to, drafts):
        if any(draft.event.seq == 2 for draft in drafts):
            tries.append([draft.alert.rule for draft in drafts][-1])
            raise KeyError("ZZT1234")
        await raising(to, drafts)

    monkeypatch.setattr(hub.alerts.desk, "raise_alerts", breaks_on_one)
    alerts = await hub.route(*(gunshot(f"G-{number}") for number in range(1, 5)))
    assert [alert.events for alert in alerts] == [[1], [3], [4]]
    assert tries[-router.TRIES :] == [""] * router.TRIES
    lost = hub.alerts.given_up
    assert (lost.count, lost.seq, lost.at) == (1, 2, NOON)
    assert "Event 2 could not be set aside: KeyError in breaks_on_one" in caplog.text
    assert "ZZT1234" not in caplog.text
    hub.restart()
    await hub.open()
    assert await hub.route() == alerts, "it is not tried again"
