"""Repairs that are due though nothing is broken yet: what runs out, and what is spent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from watchfloor.lookups import BudgetView
from watchfloor.sources import Repair

from .calendar import Due


def upkeep(
    due: Sequence[Due], budgets: Sequence[BudgetView], names: Mapping[str, str]
) -> list[Repair]:
    """Credentials from 30 days before their end, budgets from 80 % on. ``names`` are what people
    call the sources."""
    return [*_credentials(due, names), *_budgets(budgets, names)]


def _credentials(due: Sequence[Due], names: Mapping[str, str]) -> Iterator[Repair]:
    for each in due:
        if each.stage is None:
            continue
        over = each.stage == 0
        when = "has run out" if over else f"runs out in {each.days + 1} days or less"
        yield Repair(
            source=each.owner,
            source_name=names.get(each.owner, each.owner),
            code="credential_ran_out" if over else "credential_runs_out",
            fault="A credential has run out" if over else "A credential runs out",
            detail=f"{each.title} ({each.name}) {when}: on {each.expires}.",
            remedy="Have the vendor issue a new one, and rotate to it.",
            since=each.expires,
            step="set_credential",
        )


def _budgets(budgets: Sequence[BudgetView], names: Mapping[str, str]) -> Iterator[Repair]:
    for each in budgets:
        if each.state == "ok":
            continue
        spent = each.state == "spent"
        yield Repair(
            source=each.source,
            source_name=names.get(each.source, each.source),
            code="budget_spent" if spent else "budget_near",
            fault="A budget is spent" if spent else "A budget is nearly spent",
            detail=f"{each.share:.0%} of this month's budget is spent.",
            remedy="Raise the budget, or wait for the next month; emergencies are asked all the "
            "same.",
            since=each.since,
            step="wait",
        )
