"""What is spent stands under the repairs at 80 % and at 100 %, and not before."""

from __future__ import annotations

import pytest

from watchfloor.credentials import upkeep
from watchfloor.lookups import BudgetView


def budget(share: float, state: str) -> BudgetView:
    return BudgetView(
        source="records", currency="USD", cents=1000, lookups=None, each_cents=0,
        since="2026-05-01T05:00:00.000Z", spent_cents=int(share * 1000), spent_lookups=1, also={},
        share=share, state=state, changed="2026-05-01T05:00:00.000Z", changed_by="alex",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("share", "state", "codes"),
    [(0.79, "ok", []), (0.8, "near", ["budget_near"]), (1.0, "spent", ["budget_spent"])],
)
def test_a_budget_is_a_repair_from_eighty_per_cent_on(share, state, codes):
    repairs = upkeep([], [budget(share, state)], {"records": "Records service"})
    assert [repair.code for repair in repairs] == codes
    for repair in repairs:
        assert repair.source_name == "Records service"
        assert f"{share:.0%}" in repair.detail
