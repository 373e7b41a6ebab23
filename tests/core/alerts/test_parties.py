"""What is made of the data of two that do not all see each other's is never one alert: it would be
shown to those alone who may see both."""

import pytest
from alert_hub import ANN, BY_INCIDENT, SHOTS, Hub, gunshot, read, retraction
from memory_store import MemoryStore

from watchfloor.contracts import Refused
from watchfloor.policy import Sight
from watchfloor.ports.store import HotListEntry, Scope

NORTH = {"north": "north-so", "north-2": "north-so"}
OURS = Sight(Scope(without_sources=frozenset(NORTH)))


@pytest.fixture
async def shots(hub):
    """A hub of two agencies that is told of gunshots, by incident."""
    await hub.open()
    await hub.alerts.rules.remove("gunshot")
    await hub.rule(SHOTS % BY_INCIDENT)
    hub.parties = NORTH
    return hub


def made_of(alerts):
    return [(alert.events, alert.count) for alert in alerts]


@pytest.mark.parametrize("batch", [1, 100])
async def test_an_alert_of_ones_own_stays_and_grows_whatever_another_agency_adds(clock, batch):
    hub = Hub(MemoryStore(clock), clock, batch)
    await hub.rule(SHOTS % BY_INCIDENT)
    hub.parties = NORTH
    alerts = await hub.route(
        gunshot(source="city"), gunshot(source="north"), gunshot(source="city-2"),
        gunshot(source="north-2"), gunshot(source="city"),
    )  # fmt: skip
    assert made_of(alerts) == [([1, 3, 5], 3), ([2, 4], 2)]
    assert made_of(await hub.alerts.list(sight=OURS)) == [([1, 3, 5], 3)]


async def test_so_it_is_with_hits_within_minutes(hub):
    await hub.hot_list("stolen", HotListEntry("ZZT1234", None, None, None))
    await hub.rule(
        "{id: listed, title: Hit, kinds: [read], hot_list: any,"
        " dedupe: {by: [data.plate], minutes: 30}}"
    )
    hub.parties = NORTH
    sources = ("city", "north", "city-2", "north-2")
    alerts = await hub.route(*(read(source=each, at=at) for at, each in enumerate(sources)))
    assert made_of(alerts) == [([1, 3], 2), ([2, 4], 2)]


async def test_news_goes_into_the_alert_of_its_own_party(shots):
    await shots.rule(
        "{id: real, title: Shots, severity: danger, kinds: [gunshot],"
        " when: data.state != 'cancelled', dedupe: {by: [data.incident]}}"
    )
    await shots.alerts.rules.remove("shots")
    alerts = await shots.route(
        gunshot(source="city"), gunshot(source="north", state="cancelled", at=9)
    )
    assert made_of(alerts) == [([1], 1)]
    assert [each["did"] for each in alerts[0].history] == []
    alerts = await shots.route(gunshot(source="city-2", state="cancelled", at=10))
    assert made_of(alerts) == [([1, 3], 1)]
    closed_to_city_2 = Scope(without_sources=frozenset({"city-2"}))
    assert list(await shots.alerts.list(sight=Sight(closed_to_city_2))) == []


async def test_what_cannot_be_judged_is_told_apart_too(shots):
    await shots.rule(
        "{id: bad, title: Bad, severity: high, kinds: [gunshot], when: data.rounds > '3'}"
    )
    await shots.alerts.rules.remove("shots")
    alerts = await shots.route(
        *(gunshot(source=each, rounds=4) for each in ("city", "north", "city-2"))
    )
    assert made_of(alerts) == [([1, 3], 2), ([2], 1)]


@pytest.mark.parametrize("restarted", [False, True])
async def test_another_policy_leaves_open_alerts_as_they_are(shots, restarted):
    """One of two parties, as it is now, takes no more; what is news to either is told anew."""
    await shots.route(gunshot(source="city"), gunshot(source="west", id="w-1"))
    shots.parties = NORTH | {"west": "west-pd"}
    if restarted:
        shots.restart()
        await shots.open()
    alerts = await shots.route(gunshot(source="city"), gunshot(source="west"))
    assert made_of(alerts) == [([1, 2], 2), ([3], 1), ([4], 1)]
    ours = Sight(Scope(without_sources=frozenset({"west"})))
    assert made_of(await shots.alerts.list(sight=ours)) == [([3], 1)]
    alerts = await shots.route(gunshot(source="city"), retraction("w-1", source="west"))
    assert made_of(alerts) == [([1, 2], 2), ([3, 5], 2), ([4], 1)]
    assert alerts[0].title.startswith("Withdrawn: "), "its own source takes it back"
    await shots.alerts.act(2, "close", ANN)
    alerts = await shots.route(gunshot(source="city"))
    assert made_of(alerts)[3:] == [([7], 1)], "not in the one of two, which has the same key"


async def test_an_alert_is_reopened_whatever_another_agency_has_open(shots):
    await shots.route(gunshot(source="city"), gunshot(source="north"))
    await shots.alerts.act(1, "close", ANN)
    assert (await shots.alerts.act(1, "reopen", ANN)).state == "new"
    await shots.alerts.act(1, "close", ANN)
    await shots.route(gunshot(source="city-2"))
    with pytest.raises(Refused, match="Alert 3 is open"):
        await shots.alerts.act(1, "reopen", ANN)
