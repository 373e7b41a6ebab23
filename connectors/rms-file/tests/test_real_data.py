"""The shipped mapping against the export it was written for (open data, never copied here)."""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from watchfloor_sdk import Rejected
from watchfloor_sdk.finding import find
from watchfloor_sdk.testing import context

DATA = Path(os.environ.get("WATCHFLOOR_DATA", Path(__file__).parents[4] / "shared/data"))
REPORTS = DATA / "new_orleans/police_reports_2022.csv.gz"
CALLS = DATA / "new_orleans/cfs_rtcc_2022.csv.gz"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.exists() and not os.environ.get("CI"), reason="no open data here"),
]


async def test_the_export_is_read_whole_and_joins_the_calls(tmp_path: Path):
    export = tmp_path / "reports.csv"
    export.write_bytes(gzip.decompress(REPORTS.read_bytes()))
    connector = find("rms-file").connector
    events, rejected = [], list[Rejected]()
    async for page in connector().poll(context(connector.settings(path=str(export))), None):
        events += page.events
        rejected += page.rejected
    assert (len(events), rejected) == (16749, [])
    for event in events:
        msgspec.convert(msgspec.to_builtins(event.data), type(event.data))
    assert Counter(event.data.status for event in events)["open"] == 14188
    with gzip.open(CALLS, "rt") as file:
        calls = {row["item_number"] for row in csv.DictReader(file)}
    joined = {event.data.call_number for event in events} & calls
    assert len(joined) > 500
