"""What questions cost, and what may be spent on them: counted before they are asked."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from watchfloor.contracts import AskAPerson, LookupDeclaration, Price, Refused, rfc3339
from watchfloor.ports.store import Budget, Charge, Meter, Micros, Spent
from watchfloor.ports.world import Clock

ALARM = 0.8
"""Share of a budget that is worth a word to whoever keeps it."""
NOTHING = Spent({}, 0)


class BudgetView(Struct, kw_only=True):
    """A source's budget, and what this month has cost so far. ``share`` is the greater of what is
    spent of ``cents`` and of ``lookups``; from 0.8 on it is ``near``, from 1 on ``spent``, and only
    emergencies are asked. ``also`` is what was spent in other currencies."""

    source: str
    currency: str
    cents: int | None
    lookups: int | None
    each_cents: int
    since: str
    spent_cents: int
    spent_lookups: int
    also: dict[str, int]
    share: float
    state: str
    changed: str
    changed_by: str


class ChargeView(Struct, kw_only=True):
    """One paid question. ``outcome`` is how it ended; none while it is under way, or when the hub
    ended before it did."""

    at: str
    source: str
    offer: str
    request: str
    person: str
    purpose: str
    cents: int
    currency: str
    emergency: bool
    outcome: str | None


class Spending:
    """The meter of one hub. Months are the agency's own, by ``zone``."""

    def __init__(self, meter: Meter, clock: Clock, zone: ZoneInfo) -> None:
        self._meter = meter
        self._clock = clock
        self._zone = zone

    async def charge(
        self,
        source: str,
        declared: LookupDeclaration,
        request: str,
        person: str,
        purpose: str,
        emergency: bool,
    ) -> None:
        """Count a question that costs something, before it is asked.

        Raises ``Refused`` (code ``budget_spent``) when the month's budget does not have it any
        more. In an emergency it is asked all the same, and counted.
        """
        price = await self._price(source, declared)
        if price is None:
            return
        charge = Charge(
            0, self._clock.now(), source, declared.name, request, person, purpose,
            price.cents, price.currency, emergency,
        )  # fmt: skip
        if not await self._meter.charge(charge, self._month()):
            raise Refused(
                f"This month's budget of {source} is spent.",
                code="budget_spent",
                remedy="Ask whoever keeps the budget to raise it; an emergency is asked at once.",
            )

    async def settle(self, request: str, outcome: str, *, asked: bool) -> None:
        """How it ended. What a vendor may have billed stays counted, found or not; what was never
        ``asked`` there does not."""
        if asked:
            await self._meter.settle(request, outcome)
        else:
            await self._meter.withdraw(request)

    async def set_budget(
        self,
        source: str,
        cents: int | None,
        currency: str,
        lookups: int | None,
        each_cents: int,
        by: str,
    ) -> BudgetView:
        """Raises ``AskAPerson`` for one that limits nothing."""
        if cents is None and lookups is None:
            raise AskAPerson(
                "A budget without an amount and without a number limits nothing.",
                code="budget_empty",
                remedy="Say how much may be spent in a month, how many questions asked, or both.",
            )
        now = self._clock.now()
        budget = Budget(source, cents, currency, lookups, each_cents, now, by)
        await self._meter.set_budget(budget)
        spent = await self._meter.spent(self._month())
        return self._view(budget, spent.get(source, NOTHING))

    async def remove_budget(self, source: str) -> None:
        """Then nothing is refused for its cost."""
        await self._meter.remove_budget(source)

    async def budgets(self) -> list[BudgetView]:
        """Each as this month stands."""
        spent = await self._meter.spent(self._month())
        budgets = await self._meter.budgets()
        return [self._view(each, spent.get(each.source, NOTHING)) for each in budgets]

    async def charges(self, limit: int, source: str | None = None) -> list[ChargeView]:
        """This month's paid questions, the newest first."""
        found = await self._meter.charges(self._month(), limit, source)
        return [_charge_view(each) for each in found]

    async def _price(self, source: str, declared: LookupDeclaration) -> Price | None:
        """What the agency's budget says a question costs; where it says nothing, what the
        connector declares. Under a budget that is for free things, too, are counted."""
        for budget in await self._meter.budgets():
            if budget.source == source and (budget.each_cents or declared.price is None):
                return Price(cents=budget.each_cents, currency=budget.currency)
        return declared.price

    def _month(self) -> Micros:
        """When this month began."""
        now = datetime.fromtimestamp(self._clock.now() / 1e6, self._zone)
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
        return int(first.timestamp()) * 1_000_000

    def _view(self, budget: Budget, spent: Spent) -> BudgetView:
        cents = spent.cents.get(budget.currency, 0)
        share = max(_share(cents, budget.cents), _share(spent.lookups, budget.lookups))
        return BudgetView(
            source=budget.source,
            currency=budget.currency,
            cents=budget.cents,
            lookups=budget.lookups,
            each_cents=budget.each_cents,
            since=rfc3339(self._month()),
            spent_cents=cents,
            spent_lookups=spent.lookups,
            also={name: sum_ for name, sum_ in spent.cents.items() if name != budget.currency},
            share=round(share, 4),
            state="spent" if share >= 1 else "near" if share >= ALARM else "ok",
            changed=rfc3339(budget.changed),
            changed_by=budget.changed_by,
        )


def _share(spent: int, of: int | None) -> float:
    if of is None:
        return 0.0
    return spent / of if of else 1.0


def _charge_view(charge: Charge) -> ChargeView:
    return ChargeView(
        at=rfc3339(charge.at),
        source=charge.source,
        offer=charge.offer,
        request=charge.request,
        person=charge.person,
        purpose=charge.purpose,
        cents=charge.cents,
        currency=charge.currency,
        emergency=charge.emergency,
        outcome=charge.outcome,
    )
