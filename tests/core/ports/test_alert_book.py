"""The alert book: raised exactly once, never forgotten, delivered until settled."""

import asyncio
import dataclasses
from itertools import product

import pytest

from watchfloor.alerts import is_shown
from watchfloor.contracts import BY_NAME, NotFound, RetryLater
from watchfloor.ports.store import Alert, Channel, HotList, HotListEntry, NewOutgoing, Rule, Scope


def alert(*events, dedupe="", **more):
    fields = {
        "id": 0, "rule": "hot-list", "kind": "read", "severity": "high", "title": "Hit",
        "reason": "on a list", "raised": 5, "occurred": 4, "point": (-90.1, 29.9),
        "events": list(events), "handling": "agency", "sources": ["lpr"], "dedupe": dedupe,
    }  # fmt: skip
    return Alert(**{**fields, **more})


async def test_raising_writes_alerts_deliveries_and_position_together(store, clock):
    owed = [[NewOutgoing("ops", b"{}"), NewOutgoing("chief", b"[]")], []]
    raised = await store.alerts.raise_alerts("alerts", 9, [alert(7), alert(8)], owed)
    assert [one.events for one in raised] == [[7], [8]]
    assert len({one.id for one in raised}) == 2
    assert await store.log.position("alerts") == 9
    assert await store.alerts.alert(raised[0].id) == raised[0]
    deliveries = await store.alerts.deliveries(raised[0].id, 10)
    assert [(d.channel, d.alert, d.state) for d in deliveries] == [
        ("chief", raised[0].id, "waiting"),
        ("ops", raised[0].id, "waiting"),
    ]
    assert deliveries[0].created == clock.now()
    assert await store.alerts.delivery(deliveries[1].id) == deliveries[1]
    with pytest.raises(NotFound):
        await store.alerts.delivery(99)


async def test_the_same_positions_raise_nothing_twice(store):
    await store.alerts.raise_alerts("alerts", 9, [alert(7)], [[NewOutgoing("ops", b"{}")]])
    for to in (9, 8):
        assert list(await store.alerts.raise_alerts("alerts", to, [alert(7)], [[]])) == []
    assert len(await store.alerts.alerts([], None, 10)) == 1
    assert len(await store.alerts.deliveries(None, 10)) == 1
    assert len(await store.alerts.raise_alerts("back-test", 9, [alert(7)], [[]])) == 1


async def test_calls_at_once_for_the_same_position_raise_once(store):
    answers = await asyncio.gather(
        *(store.alerts.raise_alerts("alerts", 5, [alert(5)], [[]]) for _ in range(10))
    )
    assert sum(map(len, answers)) == 1


@pytest.mark.parametrize(
    ("classes", "strictest"),
    [
        (["cji", "public"], "cji"), (["agency", "cji"], "cji"),
        (["public", "le-sensitive", "agency"], "le-sensitive"), (["public", "public"], "public"),
    ],
)  # fmt: skip
async def test_an_alert_of_several_events_has_the_strictest_class_of_all(store, classes, strictest):
    for number, handling in enumerate(classes, 1):
        again = alert(number, dedupe="k", handling=handling)
        [raised] = await store.alerts.raise_alerts("alerts", number, [again], [[]])
    assert raised.handling == strictest
    assert (await store.alerts.alert(raised.id)).handling == strictest


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        (Scope(), [["lpr"], ["north"], ["lpr", "north"], [""]]),
        (Scope(without_sources=frozenset({"north"})), [["lpr"]]),
        (Scope(only_sources=frozenset({"lpr"})), [["lpr"]]),
        (Scope(only_sources=frozenset({"lpr", "north"})), [["lpr"], ["north"], ["lpr", "north"]]),
    ],
)  # fmt: skip
async def test_an_alert_is_shown_where_every_source_of_it_is(store, scope, shown):
    """Of one whose source nobody knows any more, where all sources are."""
    drafts = [
        alert(n, sources=of) for n, of in enumerate([["lpr"], ["north"], ["lpr", "north"], [""]])
    ]
    await store.alerts.raise_alerts("alerts", 9, drafts, [[]] * 4)
    found = await store.alerts.alerts([], None, 10, scope)
    assert [each.sources for each in reversed(found)] == shown


async def test_data_of_two_parties_is_never_one_alert(store):
    """Whoever they belong to as it is now, not as it was when the alert was raised."""
    book, parties = store.alerts, {"north": "north-so", "north-2": "north-so"}

    async def sources(number, source, of=parties):
        again = alert(number, dedupe="k", sources=[source])
        [counted] = await book.raise_alerts("alerts", number, [again], [[]], of)
        return counted.sources

    assert await sources(1, "lpr") == ["lpr"]
    assert await sources(2, "north") == ["north"]
    assert await sources(3, "cad") == ["lpr", "cad"]
    assert await sources(4, "north-2") == ["north", "north-2"]
    changed = parties | {"cad": "west-pd"}
    assert await sources(5, "cad", changed) == ["cad"]
    assert await sources(6, "lpr", changed) == ["lpr"], "the one of before is of two"
    assert await sources(7, "lpr", changed) == ["lpr"]
    assert await sources(8, "lpr") == ["lpr"]
    assert [each.count for each in await book.alerts([], None, 10)] == [3, 1, 2, 2]


async def test_an_open_alert_with_the_same_key_is_counted_up(store):
    first = alert(1, dedupe="g-1", history=[{"at": 1, "by": "rule", "did": "raised"}])
    [raised] = await store.alerts.raise_alerts("alerts", 1, [first], [[NewOutgoing("ops", b"1")]])
    again = alert(
        2, dedupe="g-1", title="Reviewed", reason="new", occurred=8, point=None, severity="low",
        history=[{"at": 2, "by": "rule", "did": "again"}],
    )  # fmt: skip
    [counted] = await store.alerts.raise_alerts("alerts", 2, [again], [[NewOutgoing("ops", b"2")]])
    assert (counted.id, counted.count, counted.events) == (raised.id, 2, [1, 2])
    assert (counted.title, counted.reason, counted.occurred) == ("Reviewed", "new", 8)
    assert counted.point is None
    assert (counted.severity, counted.raised) == ("high", 5)
    assert [entry["did"] for entry in counted.history] == ["raised", "again"]
    assert await store.alerts.alert(raised.id) == counted
    assert [d.body for d in await store.alerts.deliveries(None, 10)] == [b"1"], "nothing owed anew"


async def test_two_of_the_same_key_in_one_call_become_one(store):
    twins = [alert(1, dedupe="k"), alert(2, dedupe="k")]
    answers = await store.alerts.raise_alerts("alerts", 2, twins, [[], []])
    assert [one.count for one in answers] == [1, 2]
    assert len(await store.alerts.alerts([], None, 10)) == 1


async def test_a_closed_alert_is_not_counted_up_but_an_acknowledged_one_is(store):
    [raised] = await store.alerts.raise_alerts("alerts", 1, [alert(1, dedupe="k")], [[]])
    await store.alerts.change_alert(dataclasses.replace(raised, state="acknowledged"))
    [same] = await store.alerts.raise_alerts("alerts", 2, [alert(2, dedupe="k")], [[]])
    assert (same.id, same.state) == (raised.id, "acknowledged")
    await store.alerts.change_alert(dataclasses.replace(same, state="closed"))
    [new] = await store.alerts.raise_alerts("alerts", 3, [alert(3, dedupe="k")], [[]])
    assert new.id != raised.id


async def test_alerts_without_a_key_never_meet(store):
    raised = await store.alerts.raise_alerts("alerts", 2, [alert(1), alert(2)], [[], []])
    assert len({one.id for one in raised}) == 2


async def test_alerts_are_listed_newest_first_by_state(store):
    raised = await store.alerts.raise_alerts("a", 3, [alert(n) for n in range(3)], [[]] * 3)
    first, second, third = raised
    closed = dataclasses.replace(second, state="closed", history=[{"at": 1, "by": "A. Person"}])
    await store.alerts.change_alert(closed, [NewOutgoing("ops", b"closed")])
    assert list(await store.alerts.alerts([], None, 10)) == [third, closed, first]
    assert list(await store.alerts.alerts(["new"], None, 10)) == [third, first]
    assert list(await store.alerts.alerts(["new", "closed"], third.id, 1)) == [closed]
    assert [d.body for d in await store.alerts.deliveries(second.id, 10)] == [b"closed"]


@pytest.mark.parametrize("scope", [
    Scope(),
    Scope(without_handling=frozenset({"cji"})),
    Scope(without_types=frozenset({BY_NAME["read"].type, BY_NAME["hit"].type})),
    Scope(without_types=frozenset({BY_NAME["call"].type}), only_sources=frozenset({"lpr"})),
    Scope(only_sources=frozenset()),
    Scope(without_sources=frozenset({"north"})),
    Scope(without_sources=frozenset({"north", "lpr"})),
    Scope(only_sources=frozenset({"north", "lpr"})),
    Scope(without_sources=frozenset({"lpr"}), only_sources=frozenset({"north", "lpr"})),
])  # fmt: skip
async def test_what_a_scope_does_not_open_is_as_if_it_were_not_there(store, scope):
    """One rule, in words (``is_shown``) and in the store's own."""
    made_of = [["lpr"], ["north"], ["lpr", "north"], ["north", "other"], [""], ["lpr", ""]]
    of = product(("read", "call"), ("agency", "cji"), made_of)
    drafts = [
        alert(n, kind=kind, handling=handling, sources=sources)
        for n, (kind, handling, sources) in enumerate(of)
    ]
    owed = [[NewOutgoing("ops", b"{}")]] * len(drafts)
    raised = await store.alerts.raise_alerts("alerts", 9, drafts, owed)
    shown = [each for each in raised if is_shown(each, scope)]
    assert list(await store.alerts.alerts([], None, 100, scope)) == shown[::-1]
    assert len(await store.alerts.alerts([], None, 1, scope)) == min(1, len(shown)), "a full page"
    told = [d.alert for d in await store.alerts.deliveries(None, 100, scope)]
    assert told == [each.id for each in shown[::-1]]
    deliveries = reversed(await store.alerts.deliveries(None, 100))
    for each, delivery in zip(raised, deliveries, strict=True):
        if each in shown:
            assert await store.alerts.alert(each.id, scope) == each
            assert await store.alerts.delivery(delivery.id, scope) == delivery
            continue
        assert list(await store.alerts.deliveries(each.id, 10, scope)) == []
        with pytest.raises(NotFound):
            await store.alerts.alert(each.id, scope)
        with pytest.raises(NotFound):
            await store.alerts.delivery(delivery.id, scope)


async def test_unknown_alerts_are_not_found(store):
    with pytest.raises(NotFound):
        await store.alerts.alert(1)
    with pytest.raises(NotFound):
        await store.alerts.change_alert(alert(1, id=77))


async def test_deliveries_are_due_until_they_are_settled(store, clock):
    owed = [[NewOutgoing("ops", b"1"), NewOutgoing("ops", b"2")]]
    await store.alerts.raise_alerts("alerts", 1, [alert(1)], owed)
    now = clock.now()
    first, second = await store.alerts.due("ops", now, 10)
    assert (first.body, second.body, first.attempts) == (b"1", b"2", 0)
    assert list(await store.alerts.due("ops", now - 1, 10)) == []
    await store.alerts.settle(
        dataclasses.replace(first, attempts=1, next_try=now + 60, error="503")
    )
    await store.alerts.settle(dataclasses.replace(second, attempts=1, state="delivered"))
    assert list(await store.alerts.due("ops", now, 10)) == []
    [again] = await store.alerts.due("ops", now + 60, 10)
    assert (again.body, again.attempts, again.error) == (b"1", 1, "503")
    await store.alerts.settle(dataclasses.replace(again, state="given_up"))
    assert list(await store.alerts.due("ops", now + 99, 10)) == []
    states = {d.body: d.state for d in await store.alerts.deliveries(None, 10)}
    assert states == {b"1": "given_up", b"2": "delivered"}


async def test_what_one_channel_is_owed_is_told_apart_from_what_others_are(store, clock):
    """However much is owed to one channel, another's deliveries are found, oldest first."""
    owed = [*(NewOutgoing("busy", b"b%d" % n) for n in range(30)), NewOutgoing("ops", b"1")]
    await store.alerts.raise_alerts("alerts", 1, [alert(1)], [[*owed, NewOutgoing("ops", b"2")]])
    now = clock.now()
    assert sorted(await store.alerts.channels_due(now)) == ["busy", "ops"]
    assert list(await store.alerts.channels_due(now - 1)) == []
    assert [d.body for d in await store.alerts.due("ops", now, 10)] == [b"1", b"2"]
    assert [d.body for d in await store.alerts.due("busy", now, 3)] == [b"b0", b"b1", b"b2"]
    assert list(await store.alerts.due("nobody", now, 10)) == []


async def test_a_channel_is_due_when_the_first_of_its_deliveries_is_configured_or_not(store, clock):
    now = clock.now()
    await store.alerts.raise_alerts("alerts", 1, [alert(1)], [[NewOutgoing("ops", b"1")]])
    [owed] = await store.alerts.due("ops", now, 10)
    await store.alerts.settle(dataclasses.replace(owed, attempts=1, next_try=now + 60))
    assert list(await store.alerts.channels_due(now + 59)) == []
    assert list(await store.alerts.channels_due(now + 60)) == ["ops"]
    await store.alerts.settle(dataclasses.replace(owed, state="delivered"))
    assert list(await store.alerts.channels_due(now + 60)) == []


async def test_rules_and_channels_are_put_and_removed(store):
    rule = Rule("r1", "kinds: [read]", True, 5, "A. Person")
    channel = Channel("ops", "https://example.org/hook", min_severity="high")
    await store.alerts.put_rule(rule)
    await store.alerts.put_channel(channel)
    assert list(await store.alerts.rules()) == [rule]
    assert list(await store.alerts.channels()) == [channel]
    await store.alerts.put_rule(dataclasses.replace(rule, enabled=False))
    assert [r.enabled for r in await store.alerts.rules()] == [False]
    await store.alerts.remove_rule("r1")
    await store.alerts.remove_channel("ops")
    assert list(await store.alerts.rules()) == list(await store.alerts.channels()) == []


async def all_entries(store):
    found = {}
    async for hot_list, entries in store.alerts.entries():
        found.setdefault(hot_list, []).extend(entries)
    return {hot_list: sorted(entries) for hot_list, entries in found.items()}


async def test_entries_of_a_list_are_replaced_at_once(store):
    stolen = HotList("stolen", "Stolen", "Theft desk", "stolen vehicle", 5, share_unverified=True)
    await store.alerts.put_hot_list(stolen)
    await store.alerts.put_hot_list(HotList("amber", "Amber", "State", "child", 5, "danger"))
    entries = [
        HotListEntry("ZZT1234", "US-LA", "taken 1 May", 99),
        HotListEntry("ZZT1234", "US-TX", None, None),
        HotListEntry("ZZT9999", None, None, None),
    ]
    await store.alerts.replace_entries("stolen", entries)
    await store.alerts.replace_entries("amber", entries[:1])
    assert await all_entries(store) == {"stolen": sorted(entries), "amber": entries[:1]}
    await store.alerts.replace_entries("stolen", entries[2:])
    assert (await all_entries(store))["stolen"] == entries[2:]
    counts = {hot_list.id: hot_list.entries for hot_list in await store.alerts.hot_lists()}
    assert counts == {"stolen": 1, "amber": 1}
    await store.alerts.put_hot_list(dataclasses.replace(stolen, owner="Night desk"))
    [_, changed] = await store.alerts.hot_lists()
    assert (changed.owner, changed.entries, changed.share_unverified) == ("Night desk", 1, True)


async def test_entries_of_an_unknown_list_are_refused(store):
    with pytest.raises(NotFound):
        await store.alerts.replace_entries("none", [HotListEntry("ZZT1234", None, None, None)])


async def test_a_list_replaced_again_and_again_has_the_last_entries(store):
    await store.alerts.put_hot_list(HotList("stolen", "Stolen", "Desk", "why", 5))
    versions = [[HotListEntry(f"ZZ{v}{n}", None, None, None) for n in range(5)] for v in range(4)]
    for entries in versions:
        await store.alerts.replace_entries("stolen", entries)
    assert await all_entries(store) == {"stolen": versions[-1]}
    await asyncio.gather(*(store.alerts.replace_entries("stolen", v) for v in versions))
    assert await all_entries(store) in [{"stolen": version} for version in versions]
    await store.alerts.replace_entries("stolen", [])
    assert await all_entries(store) == {}


async def test_a_list_replaced_while_it_is_read_is_never_mixed(store):
    """The reader gets all of one state of the list, or is told to try again."""
    await store.alerts.put_hot_list(HotList("stolen", "Stolen", "Desk", "why", 5))
    old = [HotListEntry(f"ZZA{n:05}", None, None, None) for n in range(30_000)]
    await store.alerts.replace_entries("stolen", old)
    reading = store.alerts.entries()
    _, first = await anext(reading)
    await store.alerts.replace_entries("stolen", [HotListEntry("ZZB", None, None, None)])
    seen = list(first)
    try:
        async for _, chunk in reading:
            seen += chunk
    except RetryLater:
        seen = old
    assert seen == old


async def test_many_entries_come_in_chunks(store):
    await store.alerts.put_hot_list(HotList("stolen", "Stolen", "Desk", "why", 5))
    entries = [HotListEntry(f"ZZ{n:05}", "US-LA", None, None) for n in range(50_000)]
    await store.alerts.replace_entries("stolen", entries)
    sizes, plates = [], set()
    async for _, chunk in store.alerts.entries():
        sizes.append(len(chunk))
        plates |= {entry.plate for entry in chunk}
    assert max(sizes) < 50_000
    assert len(plates) == 50_000
