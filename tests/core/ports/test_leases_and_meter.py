"""The contract of lease books, terms and meters, whatever they are kept in."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from store_contract import NOON

from watchfloor.ports.store import Budget, Charge, Lease, Spent, Term

MINUTE = 60_000_000


def lease(source="gate", name="token", process=7, fingerprint="f1"):
    return Lease(0, source, name, "toy", fingerprint, process)


def charge(request="q-1", source="records", cents=150, at=NOON, currency="USD", emergency=False):
    return Charge(
        0, at, source, "person", request, "casey", "investigation", cents, currency, emergency
    )


def budget(cents=300, lookups=None, source="records", currency="USD"):
    return Budget(source, cents, currency, lookups, 0, NOON, "alex")


async def test_a_value_that_is_asked_for_again_is_the_same_lease(store, clock):
    assert await store.leases.lend(lease())
    clock.set(NOON + MINUTE)
    assert not await store.leases.lend(lease())
    [one] = await store.leases.find(10)
    assert (one.since, one.last, one.times, one.until) == (NOON, NOON + MINUTE, 2, None)
    assert await store.leases.last_used("gate", "token") == NOON + MINUTE
    assert await store.leases.last_used("gate", "other") is None


async def test_another_value_ends_the_one_before_it_in_that_process_only(store, clock):
    await store.leases.lend(lease())
    await store.leases.lend(lease(process=8))
    clock.set(NOON + MINUTE)
    assert await store.leases.lend(lease(fingerprint="f2"))
    found = await store.leases.find(10)
    told = [(one.process, one.fingerprint, one.until, one.ended) for one in found]
    assert told == [
        (7, "f2", None, None),
        (8, "f1", None, None),
        (7, "f1", NOON + MINUTE, "replaced"),
    ]


async def test_leases_end_by_process_by_source_and_all_at_once(store, clock):
    for process in (1, 2):
        await store.leases.lend(lease(process=process))
    await store.leases.lend(lease("lpr", process=4))
    end = store.leases.end
    assert await end("worker_ended", source="gate", process=1) == 1
    clock.set(NOON + MINUTE)
    assert await end("cut_off", source="gate") == 1
    assert [one.process for one in await store.leases.find(10, still_open=True)] == [4]
    assert await end("hub_ended") == 1
    assert await end("hub_ended") == 0
    later, before = await store.leases.find(10, source="gate")
    assert (later.until, later.ended) == (NOON + MINUTE, "cut_off")
    assert (before.until, before.ended) == (NOON, "worker_ended")
    assert len(await store.leases.find(2)) == 2


async def test_leases_outlive_the_hub(stores):
    first = await stores()
    await first.leases.lend(lease())
    await first.close()
    assert [one.process for one in await (await stores()).leases.find(10)] == [7]


async def test_terms_are_one_row_a_credential(store):
    assert await store.terms.get("gate", "token") == Term("gate", "token")
    term = Term("gate", "token", NOON, NOON - MINUTE, "alex", NOON + MINUTE)
    await store.terms.put(term)
    await store.terms.put(Term("gate", "other"))
    assert await store.terms.get("gate", "token") == term
    await store.terms.put(replace(term, overlap_until=None))
    assert [one.name for one in await store.terms.all()] == ["other", "token"]
    await store.terms.remove("gate")
    assert await store.terms.all() == []


async def test_what_does_not_fit_into_the_budget_is_not_counted(store):
    await store.meter.set_budget(budget(300))
    counted = [await store.meter.charge(charge(f"q-{n}"), NOON) for n in range(3)]
    assert counted == [True, True, False]
    assert await store.meter.spent(NOON) == {"records": Spent({"USD": 300}, 2)}
    assert await store.meter.charge(charge("q-9", emergency=True), NOON)
    assert (await store.meter.charges(NOON, 1))[0].emergency is True
    assert not await store.meter.charge(charge("q-10", cents=0), NOON), "it is overspent"
    assert await store.meter.charge(charge("q-11", "other", 900), NOON), "it has no budget"


async def test_questions_that_come_together_do_not_overspend(store):
    await store.meter.set_budget(budget(1000))
    asking = (store.meter.charge(charge(f"q-{n}", cents=100), NOON) for n in range(30))
    assert sum(await asyncio.gather(*asking)) == 10


async def test_a_quota_counts_questions_and_months_begin_anew(store):
    await store.meter.set_budget(budget(None, lookups=2))
    early = [await store.meter.charge(charge(f"q-{n}"), NOON) for n in range(3)]
    assert early == [True, True, False]
    assert await store.meter.charge(charge("q-4", at=NOON + 2), NOON + 1), "another month"
    assert (await store.meter.spent(NOON + 1))["records"].lookups == 1


async def test_another_currency_is_counted_beside(store):
    await store.meter.set_budget(budget(100))
    assert await store.meter.charge(charge("q-1", currency="EUR"), NOON)
    assert await store.meter.charge(charge("q-2", cents=100), NOON)
    assert (await store.meter.spent(NOON))["records"].cents == {"EUR": 150, "USD": 100}


async def test_how_a_question_ended_stands_beside_it(store):
    await store.meter.charge(charge(), NOON)
    await store.meter.settle("q-1", "ok")
    [one] = await store.meter.charges(NOON, 10, "records")
    assert one == replace(charge(), id=one.id, outcome="ok")
    assert await store.meter.charges(NOON, 10, "other") == []


async def test_budgets_are_set_replaced_and_taken_away(store):
    await store.meter.set_budget(budget(100))
    await store.meter.set_budget(budget(200, 5))
    assert await store.meter.budgets() == [budget(200, 5)]
    await store.meter.remove_budget("records")
    assert await store.meter.budgets() == []


@pytest.mark.parametrize("cents", [0, 10**12])
async def test_prices_of_any_size_fit(store, cents):
    assert await store.meter.charge(charge(cents=cents), NOON)
    assert (await store.meter.spent(NOON))["records"].cents == {"USD": cents}
