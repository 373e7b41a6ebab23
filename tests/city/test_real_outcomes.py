"""The outcomes that a real centre published, as the figures of its requests."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import micros
from watchfloor.ports.store import PastOutcome
from watchfloor.requests import RequestRules, Requests
from watchfloor_city.demo.past import NAME, past_outcomes

ZONE = ZoneInfo("America/Chicago")


@pytest.mark.data
async def test_the_6893_outcomes_of_new_orleans(data_dir: Path, tmp_path: Path):
    """Asked from 2022-01-01 to 2022-11-22; counted by the hub, and by hand."""
    with gzip.open(data_dir / "new_orleans/cfs_rtcc_2022.csv.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    past = [PastOutcome(micros(row.opened), *row[1:]) for row in past_outcomes(data_dir)]
    store = SqliteStore(tmp_path / "store.sqlite", SystemClock())
    await store.open()
    try:
        outcomes = Requests(store, SystemClock(), ZONE, RequestRules(), "ex-pd").outcomes
        await outcomes.put_past(NAME, past)
        figures = await outcomes.figures(0, 2**60)
    finally:
        await store.close()
    assert (figures.total, figures.imported) == (6893, 6893)
    assert figures.outcomes == {"found": 4369, "not_found": 2524}
    by_hand = Counter(
        f"2022-{int(row['TimeCreate'].partition('/')[0]):02}" for row in csv.DictReader(lines)
    )
    assert {month: sum(each.values()) for month, each in figures.months.items()} == by_hand
