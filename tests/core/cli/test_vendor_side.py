"""``watchfloor vendor-log`` and ``watchfloor sharing`` with a running hub and Flock's simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from at_flock import AUDIENCE, SOURCE, flock
from people import session_as
from staff import signed_in as at_the_desk
from staff import somebody

from watchfloor.cli import signed_in
from watchfloor.identity import Role

PAST = {"plate": "ZZT0009", "reason": "none", "caseNumber": "SIM-9"}
EARLIER = timedelta(hours=1)
"""What is of the last minutes is compared the next time: clocks differ."""


@pytest.fixture
async def vendor(api):
    async with flock(api) as vendor:
        yield vendor


@pytest.fixture
def as_role(hub, data_dir, tmp_path, monkeypatch):
    """``as_role(role)``: the command line is somebody's with this role from now on."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def become(role):
        session = session_as(hub, role.value, role)
        signed_in.write(data_dir, signed_in.SignedIn(hub.url, session))

    return become


async def test_nothing_is_compared_before_there_is_a_vendor(run, hub, as_role):
    as_role(Role.AUDITOR)
    assert (await run("vendor-log", "state")).out == "No vendor's log is compared.\n"
    assert (await run("vendor-log", "rows", SOURCE)).out == "Nothing in the last day.\n"
    compared = await run("vendor-log", "compare", "--json")
    assert (compared.code, compared.lines) == (0, [{"new": 0}])
    assert (await run("sharing", "list")).out == "No vendor shows how it shares.\n"


async def test_the_auditor_pulls_compares_and_reads_a_vendors_log(run, vendor, as_role):
    vendor.exports.searched("[b]user-9", PAST)
    vendor.exports.rows[0]["Time"] = (datetime.now(UTC) - EARLIER).isoformat()
    vendor.exports.switch("Statewide Lookup", "Off")
    as_role(Role.AUDITOR)
    compared = await run("vendor-log", "compare")
    assert (compared.code, compared.out) == (0, "2 new findings.\n"), "past the hub, and sharing"
    assert (await run("vendor-log", "compare", "--json")).lines == [{"new": 0}]
    [log] = (await run("vendor-log", "state", "--json")).lines
    assert (log["source"], log["rows"], log["problem"]) == (SOURCE, 1, None)
    said = (await run("vendor-log", "state")).out
    assert said == f"{SOURCE}  whole up to {log['until']}, 1 rows\n"

    shown = (await run("vendor-log", "rows", SOURCE)).out
    assert "[b]user-9  SIM-9  no record of ours" in shown
    assert "ZZT0009" not in shown
    [row] = (await run("vendor-log", "rows", SOURCE, "--json")).lines
    assert (row["user"], row["case_number"], row["record"]) == ("[b]user-9", "SIM-9", None)
    assert row["key"]
    assert "ZZT0009" not in str(row)


async def test_a_log_that_cannot_be_read_says_why(run, vendor, api, as_role):
    vendor.exports.close()
    as_role(Role.AUDITOR)
    assert (await run("vendor-log", "compare")).code == 0
    [log] = (await run("vendor-log", "state", "--json")).lines
    assert log["problem"]
    assert f"{log['problem']} {log['detail']}" in (await run("vendor-log", "state")).out


async def test_whoever_runs_the_hub_does_not_read_the_vendors_log(run, hub, as_role):
    as_role(Role.AGENCY_IT)
    for command in (("state",), ("rows", SOURCE), ("compare",)):
        ran = await run("vendor-log", *command, "--json")
        assert (ran.code, ran.error["code"]) == (4, "not_your_role")


async def test_sharing_is_listed_and_approved_once_a_second_person_agrees(
    run, hub, vendor, as_role
):
    await hub.hub.reconciliation.sweep(now=True)
    as_role(Role.AGENCY_IT)
    listed = (await run("sharing", "list")).out
    assert f"{SOURCE}/{AUDIENCE}  " in listed
    assert "not approved NOT AS APPROVED" in listed
    found = {each["name"]: each for each in (await run("sharing", "list", "--json")).lines}
    assert (found[AUDIENCE]["found"], found[AUDIENCE]["drifted"]) == ("organization", True)
    assert (found["national_lookup"]["found"], found["national_lookup"]["drifted"]) == (
        "off", False,
    )  # fmt: skip

    approve = ("sharing", "approve", SOURCE, AUDIENCE, "organization")
    alone = await run(*approve, "--json")
    assert (alone.code, alone.error["code"]) == (4, "second_person_needed")
    async with at_the_desk(hub, somebody("sam", Role.SUPERVISOR)) as sam:
        [question] = (await sam.get("/approvals"))["items"]
        await sam.send("POST", f"/approvals/{question['id']}/answer", {"granted": True})
    agreed = await run(*approve)
    assert agreed.code == 0
    assert "approved: organization" in agreed.out
    assert "NOT AS APPROVED" not in (await run("sharing", "list")).out

    async with at_the_desk(hub, somebody("sam", Role.SUPERVISOR)) as sam:
        missing = ("sharing", "approve", SOURCE, "no_such", "on")
        assert (await run(*missing)).code == 4
        [question] = (await sam.get("/approvals"))["items"]
        await sam.send("POST", f"/approvals/{question['id']}/answer", {"granted": True})
    ran = await run(*missing, "--json")
    assert (ran.code, ran.error["code"]) == (2, "no_such_setting")
