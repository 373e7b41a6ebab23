"""``watchfloor retention``: on the files of a hub that does not run."""

import fcntl
import json

import pytest
from store_contract import CALL, READ, Make

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.retention import DAY, Covered, HoldDesk, Retention


@pytest.fixture
async def filled(data_dir):
    """A read that is due, one that is due and held, one that is not; a schedule, proposed."""
    data_dir.mkdir()
    now = SystemClock().now()
    store = SqliteStore(data_dir / "hub.sqlite", SystemClock())
    await store.open()
    old = [Make.read(f"r{n}", plate=f"ZZOLD{n}", at=now - 40 * DAY + n) for n in range(2)]
    await store.log.commit([Make.batch([*old, Make.read("new", at=now)])])
    desk = HoldDesk(store.holds, SystemClock())
    held = Covered(keys=[("plate", "ZZOLD1")])
    await desk.place(held, "26-000123", "Homicide", "Chief Sim", now + 3 * DAY)
    retention = Retention(store.schedules, store.purging, SystemClock())
    await retention.propose("{}", "ana")
    await store.close()


async def test_presets_stand_beside_their_citation_and_the_caution(run):
    ran = await run("retention", "presets")
    assert "us-va-lpr  lpr at most 21 days" in ran.out
    assert "Va. Code 2.2-5517 (2025)" in ran.out
    listed = (await run("retention", "presets", "--json")).lines
    assert ran.out.count("Agency counsel must confirm it before use.") == len(listed) + 1


async def test_the_plan_counts_what_is_due(run, filled):
    lines = (await run("retention", "plan", "--json")).lines
    [reads] = [line for line in lines if line["kind"] == READ]
    assert (reads["due"], reads["cap"]) == (2, {"time": "30 days", "rule": "default"})
    assert (
        "lpr              watchfloor.lpr.read.v1: at most 30 days (default); 2 due"
        in (await run("retention", "plan")).out
    )


async def test_a_run_deletes_and_a_proof_can_be_handed_on(run, filled, tmp_path):
    ran = await run("retention", "run", "--json")
    assert ran.code == 0
    assert (ran.lines[0]["deleted"], ran.lines[0]["held"]) == (1, 1)
    [receipt] = (await run("retention", "receipt", "list", "--json")).lines
    assert (receipt["source"], receipt["kind"], receipt["count"]) == ("lpr", READ, 1)
    proof = tmp_path / "proof.json"
    ran = await run("retention", "receipt", "prove", "lpr", "r0", "--out", str(proof))
    assert ran.out.startswith("It was held, and was deleted at ")
    assert (await run("retention", "receipt", "check", str(proof), "lpr", "r0")).code == 0
    wrong = await run("retention", "receipt", "check", str(proof), "lpr", "r1", "--json")
    assert (wrong.code, wrong.lines) == (1, [{"holds": False}])
    ran = await run("retention", "receipt", "prove", "lpr", "r1", "--json")
    assert (ran.code, ran.error["code"]) == (2, "no_such_receipt")


async def test_holds_and_schedules_are_shown(run, filled):
    [hold] = (await run("retention", "holds", "list", "--json")).lines
    assert (hold["state"], hold["case_number"]) == ("ending", "26-000123")
    assert "Homicide" in (await run("retention", "holds", "list")).out
    [version] = (await run("retention", "show", "--json")).lines
    assert (version["proposed_by"], version["approved"]) == ("ana", None)
    assert "proposed" in (await run("retention", "show")).out


async def test_a_contradiction_is_said_and_exits_with_1(run, filled, data_dir):
    rules = [
        {"id": "keep", "kind": "read", "floor": "1 year", "reason": "Evidence."},
        {"id": "go", "kind": "read", "cap": "9 days", "reason": "Promised."},
    ]
    store = SqliteStore(data_dir / "hub.sqlite", SystemClock())
    await store.open()
    retention = Retention(store.schedules, store.purging, SystemClock())
    await retention.approve(await retention.propose(json.dumps({"rules": rules}), "ana"), "ben")
    await store.close()
    ran = await run("retention", "plan")
    assert ran.code == 1
    assert "It must be kept for longer than it may: nothing goes." in ran.out
    ran = await run("retention", "run", "--json")
    assert (ran.code, ran.lines[0]["deleted"]) == (1, 0)
    assert ran.lines[0]["contradictions"] == [f"lpr: {READ}"]
    assert CALL not in ran.out


async def test_a_purge_is_the_running_hubs_own(run, filled, data_dir):
    with (data_dir / "hub.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = await run("retention", "run", "--json")
    assert (ran.code, ran.error["code"]) == (4, "already_running")


@pytest.mark.parametrize("command", [("plan",), ("run",), ("holds", "list"), ("receipt", "list")])
async def test_not_where_there_is_no_hub(run, command, tmp_path):
    ran = await run("retention", *command, "--json", "--data-dir", str(tmp_path / "none"))
    assert (ran.code, ran.error["code"]) == (2, "not_found")
    assert not (tmp_path / "none").exists()


async def test_what_is_no_proof_is_refused(run, tmp_path):
    file = tmp_path / "proof.json"
    for text in ("", "{}", "[]"):
        file.write_text(text)
        ran = await run("retention", "receipt", "check", str(file), "lpr", "r1", "--json")
        assert (ran.code, ran.error["code"]) == (2, "bad_proof")
