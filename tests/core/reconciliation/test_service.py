"""When vendors are visited, what is kept of what they say, and what is told of a vendor that is
silent: against a vendor that answers what the test says."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.audit import Sealed
from watchfloor.contracts import (
    NotFound,
    RetryLater,
    Sharing,
    SharingSetting,
    VendorLog,
    VendorLook,
    micros,
)
from watchfloor.ports.store import Instance
from watchfloor.reconciliation import DAILY, Reconciliation
from watchfloor.reconciliation.comparing import TOLERANCE

NOW = 1_780_000_000_000_000
HOUR = 3600 * 1_000_000
SOURCE = Instance("plates", "flock", "Plates", {}, enabled=True)
NAMES = {"plates": "Plates"}


class Vendor:
    """What it would say."""

    def __init__(self, clock):
        self.clock = clock
        self.rows = []
        self.fields = ["user", "subject", "reason"]
        self.settings = {"national_lookup": "off"}
        self.until = None
        self.error = None
        self.breaks_off = False
        self.page = 100
        self.asked = []

    async def audit_log(self, source, since):
        self.asked.append(since)
        if self.error:
            raise self.error
        if self.breaks_off and len(self.asked) % 2 == 0:
            raise RetryLater("The vendor broke off.", code="vendor_unreachable")
        until = moment(self.until or self.clock.now())
        rows = sorted((row for row in self.rows if row.at >= since), key=lambda row: row.at)
        if len(rows) > self.page:
            until = rows[self.page - 1].at
        return VendorLog(until=until, rows=rows[: self.page], fields=self.fields)

    async def sharing(self, source):
        return Sharing(settings=[
            SharingSetting(name=name, value=value, title=name.replace("_", " "))
            for name, value in self.settings.items()
        ])  # fmt: skip


class Queue:
    """The review queue: what is known is not new."""

    def __init__(self):
        self.items = {}
        self.error = None

    async def queue(self, items):
        if self.error:
            raise self.error
        new = [item for item in items if item.id not in self.items]
        self.items |= {item.id: item for item in new}
        return new


class Log:
    """An audit log that has no look-ups of ours."""

    def __init__(self):
        self.entries = []

    async def record(self, entry):
        self.entries.append(entry)

    async def each(self, where):
        for entry in ():
            yield entry


class Sealer:
    """Seals nothing; what is sealed is gone."""

    async def seal(self, kind, value):
        return Sealed(kind=kind, month="2026-05", key="k", box="…")

    async def joining(self, kind, value):
        return f"key of {kind}"


def moment(at):
    return datetime.fromtimestamp(at / 1_000_000, UTC)


def row(id, at, **more):
    return VendorLook(
        id=id, at=moment(at), user="u-7", subject_kind="plate", subject="ZZT0001", **more
    )


@pytest.fixture
async def visit(tmp_path):
    clock = SettableClock(NOW)
    store = SqliteStore(tmp_path / "hub.sqlite", clock)
    await store.open()
    vendor, log = Vendor(clock), Log()
    catalogue = SimpleNamespace(
        manifest=lambda _: SimpleNamespace(capabilities=["lookup", "audit_log", "sharing"])
    )
    queue = Queue()
    service = Reconciliation(
        lambda: [SOURCE], catalogue, vendor, store, log, Sealer(), queue, clock, ZoneInfo("UTC")
    )
    yield SimpleNamespace(
        service=service, vendor=vendor, clock=clock, log=log, store=store, queue=queue
    )
    await store.close()


async def later(visit, hours):
    visit.clock.advance(hours * 3600)
    return {item.why for item in await visit.service.sweep()}


async def test_each_vendor_is_visited_within_a_day_and_not_before_it_is_due(visit):
    assert await later(visit, 0) == set()
    assert await later(visit, 19) == set()
    assert len(visit.vendor.asked) == 1
    assert await later(visit, 1) == set()
    assert len(visit.vendor.asked) == 2
    assert DAILY + HOUR < 24 * HOUR


async def test_a_switch_that_nobody_approved_alarms_until_it_is_off_or_approved(visit):
    await visit.service.sweep()
    visit.vendor.settings["national_lookup"] = "on"
    assert await later(visit, 20) == {"sharing"}
    [alarm] = await visit.service.repairs(NAMES)
    assert alarm.code == "sharing_not_approved"
    assert await later(visit, 20) == set()  # the same finding is one finding
    visit.vendor.settings["national_lookup"] = "off"
    await later(visit, 20)
    assert await visit.service.repairs(NAMES) == []
    visit.vendor.settings["national_lookup"] = "on"
    assert await later(visit, 20) == {"sharing"}  # another time is another finding
    await visit.service.approve("plates", "national_lookup", "on", "kim")
    assert await visit.service.repairs(NAMES) == []
    visit.vendor.settings["national_lookup"] = "everybody"
    assert await later(visit, 20) == {"sharing"}
    [view] = await visit.service.sharing()
    assert (view.found, view.approved, view.approved_by, view.drifted) == (
        "everybody", "on", "kim", True,
    )  # fmt: skip


async def test_nothing_is_approved_that_the_vendor_has_not_shown(visit):
    with pytest.raises(NotFound) as caught:
        await visit.service.approve("plates", "national_lookup", "on", "kim")
    assert caught.value.code == "no_such_setting"


async def test_a_row_that_comes_late_is_judged_all_the_same_and_once(visit):
    await visit.service.sweep()
    visit.vendor.rows = [row("7", NOW - 2 * HOUR)]
    assert await later(visit, 20) == {"past_the_hub"}
    assert await later(visit, 20) == set()


async def test_a_day_of_more_rows_than_a_page_has_is_read_through(visit):
    """Those of the day before are read again, other organisations' too, and alone fill the first
    page: none of them is new."""
    visit.vendor.page = 10
    await visit.service.sweep()
    theirs = [row(f"t{n}", NOW + n * 60_000_000, organisation="Far Away PD") for n in range(15)]
    visit.vendor.rows = theirs
    assert await later(visit, 20) == set()
    visit.vendor.rows = [*theirs, row("7", NOW + 21 * HOUR)]
    assert await later(visit, 20) == {"past_the_hub"}
    [log] = await visit.service.logs()
    assert micros(log.until) == visit.clock.now()


async def test_late_rows_of_a_visit_that_failed_are_judged_by_the_next(visit):
    await visit.service.sweep()
    visit.vendor.rows = [row("7", NOW - 2 * HOUR)]
    visit.vendor.until = NOW + 19 * HOUR
    visit.vendor.asked, visit.vendor.breaks_off = [], True
    assert await later(visit, 20) == set()
    assert (await visit.service.logs())[0].rows == 1
    visit.vendor.breaks_off = False
    assert await later(visit, 1) == {"past_the_hub"}
    assert await later(visit, 20) == set()


async def test_what_could_not_be_told_is_found_again(visit):
    await visit.service.sweep()
    visit.vendor.rows = [row("7", NOW + HOUR)]
    visit.queue.error = RetryLater("The audit log cannot be written.", code="audit_unavailable")
    with pytest.raises(RetryLater):
        await later(visit, 20)
    visit.queue.error = None
    assert await later(visit, 1) == {"past_the_hub"}


async def test_what_is_kept_says_nothing_of_whom(visit):
    visit.vendor.rows = [row("7", NOW - HOUR, record="r-made-up")]
    await visit.service.sweep()
    [kept] = await visit.service.looks("plates", 0, NOW)
    assert (kept.user, kept.record, kept.key) == ("u-7", "r-made-up", "key of plate")
    assert "ZZT0001" not in str(kept)
    assert "ZZT0001" not in str(visit.log.entries)


async def test_a_column_that_is_lost_is_told_once(visit):
    visit.vendor.rows = [row("7", NOW - HOUR)]
    await visit.service.sweep()
    visit.vendor.fields = ["reason"]
    assert await later(visit, 20) == {"log_thinned"}
    assert await later(visit, 20) == set()


async def test_it_is_told_also_where_rows_are_new_and_the_last_page_is_empty(visit):
    visit.vendor.rows = [row("7", NOW - HOUR)]
    await visit.service.sweep()
    visit.vendor.fields = ["reason"]
    visit.vendor.rows += [row("8", NOW + 18 * HOUR)]
    visit.vendor.until = NOW + 19 * HOUR
    assert await later(visit, 20) == {"past_the_hub", "log_thinned"}


async def test_a_vendor_that_is_silent_is_tried_every_hour_and_told_after_a_day_and_a_half(visit):
    await visit.service.sweep()
    visit.vendor.error = RetryLater("The vendor does not answer.", code="vendor_unreachable")
    await later(visit, 20)
    assert await visit.service.repairs(NAMES) == []
    for _ in range(17):
        await later(visit, 1)
    assert len(visit.vendor.asked) == 19
    [late] = await visit.service.repairs(NAMES)
    assert (late.code, "does not answer" in late.detail) == ("vendor_log_late", True)
    assert await visit.service.repairs({}) == []  # of a source that is no more


async def test_one_that_is_not_set_up_is_no_fault_and_its_settings_are_looked_at(visit):
    visit.vendor.error = RetryLater("No folder is set.", code="not_set_up")
    visit.vendor.settings["national_lookup"] = "on"
    assert await later(visit, 0) == {"sharing"}
    await later(visit, 40)
    assert {repair.code for repair in await visit.service.repairs(NAMES)} == {
        "sharing_not_approved"
    }
    [log] = await visit.service.logs()
    assert (log.problem, log.late) == ("not_set_up", False)


async def test_a_clock_that_was_ahead_does_not_hide_that_a_log_is_late(visit):
    visit.vendor.until = NOW + 400 * 24 * HOUR
    await visit.service.sweep()
    visit.vendor.error = RetryLater("It does not answer.")
    await later(visit, 37)
    assert (await visit.service.logs())[0].late


async def test_up_to_when_a_log_is_compared_is_told_and_that_it_is_late(visit):
    await later(visit, 0)
    [log] = await visit.service.logs()
    assert micros(log.until) - micros(log.compared) == TOLERANCE
    assert not log.late
    visit.vendor.error = RetryLater("It does not answer.")
    await later(visit, 35)
    assert not (await visit.service.logs())[0].late
    await later(visit, 2)
    [log] = await visit.service.logs()
    assert (log.problem, log.late) == ("retry_later", True)
