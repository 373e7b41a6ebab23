"""The schedule in force, its change by two people, and how far back one may see."""

import asyncio
import json

import pytest
from store_contract import CALL, NOON, READ, Make

from watchfloor.contracts import AskAPerson, NotFound, Refused
from watchfloor.retention import DAY, Retention

VIRGINIA = json.dumps({"presets": [{"preset": "us-va-lpr", "counsel": "A. Counsel"}]})


@pytest.fixture
def retention(store, clock):
    return Retention(store.schedules, store.purging, clock)


def days_back(retention, *asked):
    return (NOON - retention.earliest(*asked)) / DAY


async def test_without_a_schedule_the_strict_defaults_count(retention):
    in_force = await retention.refresh()
    assert in_force.version == 0
    assert days_back(retention, READ, "lpr") == 30
    assert days_back(retention, CALL, "cad") == 365


async def test_one_proposes_and_another_approves(retention, store, clock):
    version = await retention.propose(VIRGINIA, "ana")
    await retention.refresh()
    assert days_back(retention, READ, "lpr") == 30, "nothing changes before"
    in_force = await retention.approve(version, "ben")
    assert in_force.version == version
    assert days_back(retention, READ, "lpr") == 21
    again = Retention(store.schedules, store.purging, clock)
    await again.refresh()
    assert days_back(again, READ, "lpr") == 21, "also after a restart"
    [kept] = await retention.versions()
    assert (kept["proposed_by"], kept["approved_by"]) == ("ana", "ben")
    assert kept["schedule"]["presets"][0]["counsel"] == "A. Counsel"


async def test_nobody_approves_what_he_proposed(retention):
    """Whatever they are called by then."""
    version = await retention.propose(VIRGINIA, "idp|1", "ana")
    with pytest.raises(Refused) as refused:
        await retention.approve(version, "idp|1", "ana.ruiz")
    assert refused.value.code == "two_people"


async def test_two_people_may_have_the_same_handle(retention):
    """Of two providers, say: they are told apart by their ids."""
    version = await retention.propose(VIRGINIA, "idp|1", "ana")
    assert (await retention.approve(version, "other|1", "ana")).version == version
    [kept] = await retention.versions()
    assert (kept["proposed_by"], kept["approved_by"]) == ("ana", "ana")


async def test_a_version_is_approved_once_and_an_older_one_never(retention):
    old = await retention.propose(VIRGINIA, "ana")
    new = await retention.propose("{}", "ana")
    await retention.approve(new, "ben")
    for version in (new, old):
        with pytest.raises(Refused) as refused:
            await retention.approve(version, "ben")
        assert refused.value.code == "not_waiting"
    with pytest.raises(NotFound):
        await retention.approve(99, "ben")


async def test_what_cannot_be_used_is_not_even_proposed(retention):
    with pytest.raises(AskAPerson):
        await retention.propose('{"presets": [{"preset": "us-va-lpr", "counsel": ""}]}', "ana")
    assert await retention.versions() == []


async def test_an_approved_statement_counts(store, clock):
    async def agreed():
        return {"lpr": 7}

    retention = Retention(store.schedules, store.purging, clock, agreed)
    await retention.refresh()
    assert days_back(retention, READ, "lpr") == 7
    assert days_back(retention, READ, "other") == 30


async def test_what_was_read_before_an_approval_is_not_set_after_it(store, clock):
    """A purge reads the schedule, too, beside those who approve one."""
    reading, goes_on = asyncio.Event(), asyncio.Event()

    async def agreed():
        if not reading.is_set():
            reading.set()
            await goes_on.wait()
        return {}

    retention = Retention(store.schedules, store.purging, clock, agreed)
    version = await retention.propose(VIRGINIA, "ana")
    purge = asyncio.create_task(retention.refresh())
    await reading.wait()
    approving = asyncio.create_task(retention.approve(version, "ben"))
    async with asyncio.timeout(10):
        while not (await retention.versions())[0]["approved"]:
            await asyncio.sleep(0.01)
    await asyncio.wait([approving], timeout=0.1)
    goes_on.set()
    await asyncio.gather(purge, approving)
    assert retention.in_force.version == version


CLASSED = """{"rules": [
    {"id": "cji", "kind": "cad", "handling": "cji", "reason": "Made up", "cap": "3 days"},
    {"id": "long", "kind": "read", "source": "far", "reason": "Made up", "cap": "90 days"}
]}"""


async def test_what_has_a_cap_of_its_own_stands_apart(store, clock):
    """By source and handling class; what is as its type alone is not named."""

    async def agreed():
        return {"lpr": 7}

    retention = Retention(store.schedules, store.purging, clock, agreed)
    await retention.approve(await retention.propose(CLASSED, "ana"), "ben")
    assert retention.apart(NOON) == {}, "nothing came in yet"
    await store.log.commit([Make.batch([Make.read("r1")]), Make.batch([Make.read("r2")], "far")])
    await retention.refresh()
    retention.earliest(CALL, "cad", "cji")
    days = {key: (NOON - at) / DAY for key, at in retention.apart(NOON).items()}
    assert {key: at for key, at in days.items() if key[1] == "lpr"} == {
        (READ, "lpr", None): 7, (READ, "lpr", "cji"): 7,
    }  # fmt: skip
    assert days[READ, "far", None] == 90
    assert (days[CALL, "cad", "cji"], days[CALL, "cad", None]) == (3, 365)


async def test_what_comes_in_meanwhile_from_ingests_thread_stands_apart_too(retention):
    """Else a question would be denied because the sources had grown under it."""
    await retention.approve(await retention.propose(CLASSED, "ana"), "ben")
    sources = [f"cad-{number}" for number in range(3_000)]

    def take_in():
        for source in sources:
            retention.earliest(CALL, source, "cji")

    coming_in = asyncio.create_task(asyncio.to_thread(take_in))
    while not coming_in.done():
        retention.apart(NOON)
        await asyncio.sleep(0)
    await coming_in
    assert {source for _, source, _ in retention.apart(NOON)} >= set(sources)


async def test_the_clock_moves_the_limit(retention, clock):
    await retention.refresh()
    before = retention.earliest(READ, "lpr")
    clock.advance(60)
    assert retention.earliest(READ, "lpr") == before + 60_000_000


async def test_the_plan_says_what_counts_and_how_much_is_due(retention, store):
    old = Make.read("old", at=NOON - 40 * DAY)
    await store.log.commit([Make.batch([old, Make.read("new")])])
    await retention.refresh()
    [reads] = [line for line in await retention.plan() if line["kind"] == READ]
    assert reads["source"] == "lpr"
    assert reads["cap"] == {"time": "30 days", "rule": "default"}
    assert (reads["floor"], reads["contradiction"], reads["due"]) == (None, False, 1)
    assert reads["before"] == "2026-04-02T12:00:00.000Z"
