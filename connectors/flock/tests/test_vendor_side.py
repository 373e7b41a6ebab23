"""What Flock says of its own side: who searched there, how it shares; people who sign in there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from watchfloor_city import Asset, PlatePassed
from watchfloor_flock.exports import to_look
from watchfloor_flock_simulator import FlockSimulator
from watchfloor_sdk import AskAPerson, LookupRequest
from watchfloor_sdk.testing import HubDouble, Worker, worker_process

RECORD = "0123456789abcdef0123456789abcdef"
RETURN = "https://hub.example.org/api/v1/vendor-sign-in/plates/returned"
DAY = timedelta(days=1)
Asked = Callable[..., LookupRequest]


@asynccontextmanager
async def at_work(vendor: FlockSimulator, **config: Any) -> AsyncIterator[Worker]:
    """A worker with the simulator's own settings, and ``config`` over them."""
    setup = await vendor.start()
    try:
        hub = HubDouble(credentials=setup.credentials)
        async with worker_process("flock", hub) as worker:
            await worker.initialize("flock", {**setup.config, **config})
            yield worker
            await worker.stop()
    finally:
        await vendor.stop()


def day_ago() -> datetime:
    return datetime.now(UTC) - DAY


async def test_the_log_has_who_asked_what_why_and_the_hubs_own_record(
    assets: list[Asset], asked: Asked
):
    vendor = FlockSimulator(assets)
    async with at_work(vendor) as worker:
        assert (await worker.ask(asked("ZZT0001"))).status == "ok"
        log = await worker.audit_log(day_ago())
        assert (await worker.audit_log(log.until + DAY)).rows == []
    [row] = log.rows
    assert (row.record, row.case_number, row.subject) == (RECORD, "SIM-0001", "ZZT0001")
    assert (row.user, row.organisation) == ("SIM-client", None)
    assert log.fields == ["case_number", "organisation", "reason", "subject", "user"]
    assert log.until >= row.at
    assert log.unreadable == 0


def test_the_hubs_record_is_the_last_that_a_reason_names():
    """The words before it are anybody's."""
    reason = f"investigation: see wf:{'0' * 32}; by ana, wf:{RECORD}"
    assert to_look({"at": "2026-05-02T20:14:07Z", "reason": reason}, "").record == RECORD


async def test_a_thinned_log_says_what_it_has_no_more_and_guesses_nothing(
    assets: list[Asset], asked: Asked
):
    vendor = FlockSimulator(assets)
    async with at_work(vendor) as worker:
        await worker.ask(asked("ZZT0001"))
        vendor.exports.thin("User", "Plate")
        log = await worker.audit_log(day_ago())
    [row] = log.rows
    assert (row.user, row.subject, row.subject_kind) == (None, None, None)
    assert log.fields == ["case_number", "organisation", "reason"]


async def test_a_row_whose_time_cannot_be_read_is_counted(assets: list[Asset], asked: Asked):
    vendor = FlockSimulator(assets)
    async with at_work(vendor) as worker:
        await worker.ask(asked("ZZT0001"))
        vendor.exports.rows[0]["Time"] = "yesterday"
        vendor.exports.switch("Statewide Lookup", "Off")
        log = await worker.audit_log(day_ago())
    assert (log.rows, log.unreadable) == ([], 1)


async def test_sharing_is_what_the_api_shows_what_the_export_says_and_who_searched_here(
    assets: list[Asset],
):
    vendor = FlockSimulator(assets)
    subscription = "33333333-4444-4555-8666-777777777777"
    closed = {
        "national_lookup": "off",
        "statewide_lookup": "off",
        f"alerts_audience:{subscription}": "organization",
        f"alerts_from_others:{subscription}": "off",
    }
    async with at_work(vendor) as worker:
        assert await worker.sharing() == closed
        vendor.exports.switch("National Lookup", "On")
        question = {"plate": "ZZT0001", "reason": "elsewhere"}
        vendor.exports.searched("u-7", question, "Far Away PD SIM")
        open_ = {**closed, "national_lookup": "on", "searched_by:Far Away PD SIM": "yes"}
        assert await worker.sharing() == open_


async def test_without_a_folder_it_is_said_and_what_the_api_shows_is_shown(assets: list[Asset]):
    async with at_work(FlockSimulator(assets), exports=None) as worker:
        with pytest.raises(AskAPerson) as caught:
            await worker.audit_log(day_ago())
        assert caught.value.code == "not_set_up"
        assert all(name.startswith("alerts_") for name in await worker.sharing())


async def sign_in(worker: Worker, vendor: FlockSimulator, person: str, user: str) -> None:
    asked = dict(parse_qsl(urlsplit(await worker.user_sign_in(person, RETURN)).query))
    await worker.user_signed_in(person, vendor.accounts.approve(asked, user))


async def test_flock_is_asked_as_the_person_who_signed_in_there(
    assets: list[Asset], asked: Asked, passed: Callable[..., PlatePassed]
):
    """Who is not signed in asks nothing; an access token that ran out is renewed by a refresh token
    that serves once; somebody else's sign-in serves nobody but them."""
    vendor = FlockSimulator(assets)
    async with at_work(vendor, look_ups_as="user") as worker:
        vendor.feed(passed("ZZT0001"))
        refused = await worker.ask(asked("ZZT0001"))
        assert (refused.status, refused.code) == ("denied", "sign_in_at_vendor")
        assert vendor.exports.rows == []
        await sign_in(worker, vendor, "somebody-else", "flock-user-2")
        assert (await worker.ask(asked("ZZT0001"))).status == "denied"
        await sign_in(worker, vendor, "analyst-1", "flock-user-1")
        answer = await worker.ask(asked("ZZT0001"))
        assert (answer.status, len(answer.results)) == ("ok", 1)
        for _ in range(2):
            vendor.accounts.end_access()
            assert (await worker.ask(asked("ZZT0001"))).status == "ok"
        vendor.accounts.end_refresh()
        assert (await worker.ask(asked("ZZT0001"))).status == "denied"
        assert [row["User"] for row in vendor.exports.rows] == ["flock-user-1"] * 3


async def test_people_see_until_when_they_are_signed_in_and_sign_out(
    assets: list[Asset], asked: Asked
):
    """For as long as a refresh token lives (12 hours), whoever else is signed in."""
    vendor = FlockSimulator(assets)
    async with at_work(vendor, look_ups_as="user") as worker:
        await sign_in(worker, vendor, "somebody-else", "flock-user-2")
        before = await worker.user_sign_in_state("analyst-1")
        assert (before.needed, before.until) == (True, None)
        await sign_in(worker, vendor, "analyst-1", "flock-user-1")
        until = (await worker.user_sign_in_state("analyst-1")).until
        assert until is not None
        left = until - datetime.now(UTC)
        assert timedelta(hours=11, minutes=50) < left <= timedelta(hours=12)
        for _ in range(2):  # whoever is not signed in is no error
            await worker.user_sign_out("analyst-1")
        assert (await worker.user_sign_in_state("analyst-1")).until is None
        assert (await worker.ask(asked("ZZT0001"))).code == "sign_in_at_vendor"
        assert (await worker.user_sign_in_state("somebody-else")).until is not None


async def test_where_the_client_asks_nobody_has_to_sign_in(assets: list[Asset]):
    async with at_work(FlockSimulator(assets)) as worker:
        assert not (await worker.user_sign_in_state("analyst-1")).needed


async def test_an_answer_that_was_not_waited_for_is_refused(assets: list[Asset]):
    """Another person's state, one that was used, a code that Flock never gave."""
    vendor = FlockSimulator(assets)
    async with at_work(vendor) as worker:
        url = await worker.user_sign_in("analyst-1", RETURN)
        asked = dict(parse_qsl(urlsplit(url).query))
        answer = vendor.accounts.approve(asked, "flock-user-1")
        with pytest.raises(AskAPerson, match="belongs to no sign-in"):
            await worker.user_signed_in("analyst-2", answer)
        await worker.user_signed_in("analyst-1", answer)
        with pytest.raises(AskAPerson, match="belongs to no sign-in"):
            await worker.user_signed_in("analyst-1", answer)
        again = dict(parse_qsl(urlsplit(await worker.user_sign_in("analyst-1", RETURN)).query))
        with pytest.raises(AskAPerson, match="takes this answer for no sign-in"):
            await worker.user_signed_in("analyst-1", {"code": "made-up", "state": again["state"]})
