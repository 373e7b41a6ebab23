"""What questions cost is counted before they are asked, and a spent budget asks no more."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import (
    AskAPerson,
    LookupAnswer,
    LookupDeclaration,
    Price,
    Purpose,
    Refused,
    RetryLater,
)
from watchfloor.lookups import Lookups, Question, Spending
from watchfloor.ports.store import Instance

ZONE = ZoneInfo("America/Chicago")
PAID = LookupDeclaration(
    name="person", title="Person", subject_kinds=["person"], legal_basis="None: synthetic",
    price=Price(cents=150, currency="USD"),
)  # fmt: skip
FREE = LookupDeclaration(
    name="plate", title="Plate", subject_kinds=["person"], legal_basis="None: synthetic"
)
PURPOSE = Purpose(code="investigation", requester="Casey Analyst")


def at(text: str) -> int:
    """A moment in the agency's own time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 1_000_000


class Supervisor:
    """Asks nobody; counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status: Any = "ok"
        self.sent = True

    async def lookup(self, source: str, request: Any, hear: Any) -> LookupAnswer:
        self.asked.append(request.offer)
        if self.status is None:
            raise RetryLater("The worker does not run.")
        return LookupAnswer(request=request.id, status=self.status, asked=self.sent)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(at("2026-05-20T12:00:00"))


@pytest.fixture
async def store(tmp_path, clock):
    one = SqliteStore(tmp_path / "hub.sqlite", clock)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def spending(store, clock) -> Spending:
    return Spending(store.meter, clock, ZONE)


@pytest.fixture
def supervisor() -> Supervisor:
    return Supervisor()


@pytest.fixture
def lookups(store, supervisor, spending) -> Lookups:
    catalogue = SimpleNamespace(manifest=lambda _: SimpleNamespace(lookups=[PAID, FREE]))
    instances = [Instance("records", "toy", "Records", {})]
    return Lookups(
        lambda: instances,
        catalogue,  # type: ignore[arg-type]
        supervisor,  # type: ignore[arg-type]
        store.ledger,
        str,
        spending,
    )


async def ask(lookups: Lookups, offer: str = "person", *, emergency: bool = False) -> Any:
    question = Question(
        "records", offer, "person", "Example, Sam", PURPOSE, "idp|ana", emergency=emergency
    )  # fmt: skip
    return [each async for each in lookups.ask(question)]


async def test_every_paid_question_has_a_row_with_its_price_and_its_end(
    lookups, spending, supervisor
):
    await ask(lookups)
    supervisor.status = None
    await ask(lookups)
    await ask(lookups, "plate")
    last, first = await spending.charges(10)
    assert (first.offer, first.cents, first.currency) == ("person", 150, "USD")
    assert (first.person, first.purpose) == ("Casey Analyst", "investigation")
    assert (first.outcome, last.outcome) == ("ok", "unavailable")
    assert "Example, Sam" not in str([first, last])


@pytest.mark.parametrize(
    ("status", "sent", "counted"),
    [("denied", False, 0), ("denied", True, 1), ("ok", False, 1), ("partial", False, 1)],
)
async def test_what_was_denied_before_it_was_sent_costs_nothing(
    lookups, spending, supervisor, status, sent, counted
):
    """Of a case number that the connector does not take, the vendor never hears."""
    await spending.set_budget("records", 150, "USD", None, 0, "alex")
    supervisor.status, supervisor.sent = status, sent
    [answer] = await ask(lookups)
    assert answer.status == status
    [view] = await spending.budgets()
    assert (view.spent_lookups, view.spent_cents) == (counted, 150 * counted)
    assert len(await spending.charges(10)) == counted


async def test_a_spent_budget_asks_nothing_but_emergencies(lookups, spending, supervisor):
    await spending.set_budget("records", 300, "USD", None, 0, "alex")
    await ask(lookups)
    await ask(lookups)
    with pytest.raises(Refused) as info:
        await ask(lookups)
    assert info.value.code == "budget_spent"
    assert supervisor.asked == ["person", "person"]
    await ask(lookups, emergency=True)
    assert supervisor.asked == ["person"] * 3
    [view] = await spending.budgets()
    assert (view.spent_cents, view.share, view.state) == (450, 1.5, "spent")
    assert [each.emergency for each in await spending.charges(10)] == [True, False, False]


@pytest.mark.parametrize(
    ("asked", "state"), [(0, "ok"), (3, "ok"), (4, "near"), (5, "spent")]
)  # fmt: skip
async def test_it_says_so_at_eighty_and_at_a_hundred_per_cent(lookups, spending, asked, state):
    await spending.set_budget("records", 750, "USD", None, 0, "alex")
    for _ in range(asked):
        await ask(lookups)
    [view] = await spending.budgets()
    assert view.state == state


async def test_the_month_is_the_agencys_own(lookups, spending, clock):
    await spending.set_budget("records", 150, "USD", None, 0, "alex")
    clock.set(at("2026-05-31T23:59:59"))
    await ask(lookups)
    with pytest.raises(Refused):
        await ask(lookups)
    clock.set(at("2026-06-01T00:00:00"))
    await ask(lookups)
    [view] = await spending.budgets()
    assert view.since == "2026-06-01T05:00:00.000Z"
    assert view.spent_lookups == 1


async def test_a_contracts_quota_and_price_need_no_declaration(lookups, spending):
    """The connector's author cannot know what each agency agreed on."""
    await spending.set_budget("records", None, "EUR", 2, 40, "alex")
    await ask(lookups, "plate")
    await ask(lookups, "plate")
    with pytest.raises(Refused):
        await ask(lookups, "plate")
    [view] = await spending.budgets()
    assert (view.spent_cents, view.spent_lookups, view.state) == (80, 2, "spent")


async def test_what_is_not_counted_is_not_asked(lookups, store, supervisor, monkeypatch):
    async def full(*_):
        raise RetryLater("The disk is full.")

    monkeypatch.setattr(store.meter, "charge", full)
    with pytest.raises(RetryLater):
        await ask(lookups)
    assert supervisor.asked == []


async def test_a_budget_that_limits_nothing_is_none(spending):
    with pytest.raises(AskAPerson) as info:
        await spending.set_budget("records", None, "USD", None, 0, "alex")
    assert info.value.code == "budget_empty"


async def test_without_a_budget_everything_is_asked_and_counted(lookups, spending):
    await spending.set_budget("records", 100, "USD", None, 0, "alex")
    await spending.remove_budget("records")
    await ask(lookups)
    assert await spending.budgets() == []
    assert len(await spending.charges(10)) == 1


async def test_what_was_spent_in_another_currency_is_told_beside(lookups, spending):
    await spending.set_budget("records", 1000, "EUR", None, 0, "alex")
    await ask(lookups)
    [view] = await spending.budgets()
    assert (view.spent_cents, view.also, view.state) == (0, {"USD": 150}, "ok")


async def test_the_agencys_own_price_outweighs_what_the_connector_declares(lookups, spending):
    await ask(lookups)
    await spending.set_budget("records", None, "USD", 100, 40, "alex")
    await ask(lookups)
    assert [each.cents for each in await spending.charges(10)] == [40, 150]
