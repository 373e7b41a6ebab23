"""What vendors say of their own side is kept as it came, and told by its time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.ports.store import KeptLog, KeptLook, SharingState

LOG = KeptLog(id="plates", until=100, compared=50, tried=100, rows=0, fields=("user", "reason"))
LOOK = KeptLook(
    id="plates/1", source="plates", at=10, pulled=100, user="analyst-1", organisation=None,
    case_number="SIM-1", record="ab", key="cd", says=("user", "reason"),
    sealed={"kind": "vendor_look", "box": "x"},
)  # fmt: skip
SETTING = SharingState(
    id="plates/national_lookup", source="plates", name="national_lookup", title="National",
    found="off", since=10, looked=100,
)  # fmt: skip


@pytest.fixture
async def side(tmp_path):
    store = SqliteStore(tmp_path / "hub.sqlite", SettableClock(100))
    await store.open()
    yield store.vendor_side
    await store.close()


async def test_a_row_is_kept_once_and_stays_as_it_came(side):
    assert await side.keep([LOOK, replace(LOOK, id="plates/2", at=20)], LOG) == 2
    assert await side.keep([replace(LOOK, user=None)], replace(LOG, until=200)) == 0
    first, second = await side.looks("plates", 0, 100)
    assert (first.user, list(first.says), first.sealed) == (
        "analyst-1", ["user", "reason"], {"kind": "vendor_look", "box": "x"},
    )  # fmt: skip
    assert second.at == 20
    assert await side.looks("plates", 0, 20) == [first]
    assert await side.looks("elsewhere", 0, 100) == []
    [log] = await side.logs()
    assert (log.until, log.rows, list(log.fields)) == (200, 2, ["user", "reason"])


async def test_settings_are_told_by_source(side):
    other = replace(SETTING, id="other/x", source="other", name="x", found=None)
    await side.change_sharing("plates", lambda known: [SETTING])
    await side.change_sharing("other", lambda known: [other])
    approved = {"approved": "off", "approved_at": 5, "approved_by": "kim"}
    await side.change_sharing("plates", lambda known: [replace(each, **approved) for each in known])
    [one] = await side.sharing("plates")
    assert (one.found, one.approved, one.approved_by) == ("off", "off", "kim")
    assert [each.source for each in await side.sharing()] == ["other", "plates"]


async def test_who_looks_and_who_approves_at_one_time_are_both_kept(side):
    await side.change_sharing("plates", lambda known: [SETTING])
    looked = side.change_sharing("plates", lambda known: [replace(known[0], found="on")])
    approved = side.change_sharing("plates", lambda known: [replace(known[0], approved="on")])
    await asyncio.gather(looked, approved)
    [one] = await side.sharing("plates")
    assert (one.found, one.approved) == ("on", "on")
