"""Every command with a running hub: what people read, what scripts read, and the exit code."""

from __future__ import annotations

import json

import pytest
from hub import until
from made_up import call, push_source, read

from watchfloor import __version__
from watchfloor.adapters.clock import SystemClock
from watchfloor.contracts import rfc3339
from watchfloor.retention import DAY


@pytest.fixture(autouse=True)
async def filled(api):
    """Two calls, a read, and an event that nobody can accept."""
    await push_source(api)
    await api.push("push-1", [call(1), call(2), read(3), {"no": "event"}])


async def test_help_and_version(run):
    assert (await run("--version")).out.strip() == __version__
    assert "serve" in (await run("--help")).out
    assert (await run("no-such-command")).code == 2


async def test_search(run):
    ran = await run("search", "robbery kind:call")
    assert ran.code == 0
    assert ran.out.count("Armed robbery at 100 Main St") == 2
    assert "2 found" in ran.out


async def test_search_for_scripts(run):
    ran = await run("search", "ZZT0003", "--json")
    assert ran.code == 0
    assert next(iter(ran.lines[0])) == "understood"
    assert [hit["id"] for line in ran.lines for hit in line.get("hits", [])] == ["read-3"]
    assert ran.lines[-1]["done"]["found"] == 1


async def test_a_search_that_finds_nothing_is_done(run):
    ran = await run("search", "ZZNOTHING")
    assert (ran.code, "0 found" in ran.out) == (0, True)


async def test_a_search_that_is_not_complete_says_so(run, hub):
    await hub.hub.gaps.lost("push-1", "The line was cut.")
    ran = await run("search", "robbery since:1h")
    assert ran.code == 1
    assert "The line was cut." in ran.out


async def test_events_list(run):
    ran = await run("events", "list", "--kind", "call", "--limit", "1")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)
    whole = await run("events", "list", "--json")
    assert {event["id"] for event in whole.lines} == {"call-1", "call-2", "read-3"}
    wrong = await run("events", "list", "--kind", "rumour", "--json")
    assert (wrong.code, wrong.error["code"]) == (2, "bad_parameter")


async def test_deadletters_list_and_show(run):
    ran = await run("deadletters", "list")
    assert ran.code == 0
    assert "unknown_type" in ran.out
    [letter] = (await run("deadletters", "list", "--json")).lines
    shown = await run("deadletters", "show", str(letter["id"]))
    assert (shown.code, '{"no": "event"}' in shown.out) == (0, True)
    missing = await run("deadletters", "show", "999", "--json")
    assert (missing.code, missing.error["code"]) == (2, "not_found")


async def test_deadletters_redrive_in_vain_exits_with_1(run):
    ran = await run("deadletters", "redrive", "--json")
    assert ran.code == 1
    assert ran.lines[0]["failed"] == 1
    assert "failed" in (await run("deadletters", "redrive")).out


async def test_deadletters_drop(run):
    ran = await run("deadletters", "drop", "--json")
    assert (ran.code, ran.lines) == (0, [{"dropped": 1}])
    assert "Nothing here" in (await run("deadletters", "list")).out
    assert "unknown_type" in (await run("deadletters", "list", "--state", "dropped")).out


@pytest.fixture
def recorded(tmp_path):
    """A file of events, one a line."""
    file = tmp_path / "events.jsonl"
    lines = [json.dumps(call(number, source="elsewhere")) for number in range(100, 1700)]
    file.write_text("\n".join(lines) + "\n\n")
    return file


async def test_replay_and_again(run, recorded, api):
    ran = await run("replay", str(recorded), "--source", "push-1", "--json")
    assert (ran.code, ran.lines) == (0, [{"accepted": 1600, "duplicates": 0, "dead": 0}])
    again = await run("replay", str(recorded), "--source", "push-1")
    assert (again.code, "1600 known already" in again.out) == (0, True)
    assert len(await api.events(source="push-1")) == 1603


async def test_replay_moves_times_as_a_whole(run, tmp_path, api):
    old = [call(1, time="2020-01-01T00:00:00Z"), call(2, time="2020-01-01T00:10:00Z")]
    old[0]["id"], old[1]["id"] = "old-1", "old-2"
    file = tmp_path / "old.jsonl"
    file.write_text("\n".join(map(json.dumps, reversed(old))))
    ran = await run("replay", str(file), "--source", "push-1", "--shift", "--speed", "10000")
    assert ran.code == 0
    times = {event["id"]: event["time"] for event in await api.events(source="push-1")}
    assert times["old-1"] > "2026"
    assert times["old-2"][14:16] != times["old-1"][14:16]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("not json", ()),
        ("7", ()),
        ("[]", ()),
        ("{}", ("--shift",)),
        ("{}", ("--speed", "1")),
        ('{"time": 7}', ("--shift",)),
        ('{"time": "soon"}', ("--shift",)),
        ('{"time": "2020-01-01T00:00:00"}', ("--shift",)),
    ],
)
async def test_replay_names_the_line_that_is_no_event(run, tmp_path, line, options):
    file = tmp_path / "bad.jsonl"
    file.write_text(f"{json.dumps(call(5))}\n{line}\n")
    ran = await run("replay", str(file), "--source", "push-1", "--json", *options)
    assert (ran.code, ran.error["code"]) == (2, "bad_file")
    assert "Line 2" in ran.error["detail"]


async def test_replay_needs_a_push_source_and_a_file(run, recorded, tmp_path):
    ran = await run("replay", str(recorded), "--source", "nothing", "--json")
    assert (ran.code, ran.error["code"]) == (4, "no_push_source")
    assert ran.error["remedy"]
    assert (await run("replay", str(tmp_path / "none"), "--source", "push-1")).code == 2


async def test_doctor_finds_nothing_wrong(run):
    ran = await run("doctor", "--json")
    assert {line["what"] for line in ran.lines} == {
        "Python", "Settings", "Disk", "Database", "Connectors", "Audit log", "Hub",
    }  # fmt: skip
    assert [line for line in ran.lines if not line["ok"]] == []
    assert ran.code == 0


async def test_doctor_names_a_source_in_trouble(run, api):
    wanted = {
        "connector": "lpr-rest",
        "name": "Reads",
        "config": {"base_url": "http://127.0.0.1:9", "owner": "Example"},
    }
    await api.send("PUT", "/sources/lpr", wanted)

    async def in_trouble():
        return (await api.source("lpr"))["reason"]

    await until(in_trouble)
    ran = await run("doctor")
    assert ran.code == 4
    assert "trouble with lpr" in ran.out


async def test_what_is_kept_and_why_is_read_from_the_running_hub(run, api):
    in_a_month = rfc3339(SystemClock().now() + 30 * DAY)
    await api.send(
        "POST", "/retention/holds",
        {"what": {"keys": [{"kind": "plate", "value": "ZZT0003"}]}, "case_number": "ZZ-26-1",
         "reason": "Preservation letter", "approver": "D. Attorney", "expires": in_a_month},
    )  # fmt: skip
    ran = await run("retention", "plan")
    assert ran.code == 0
    assert "watchfloor.lpr.read.v1: at most" in ran.out
    [hold] = (await run("retention", "holds", "list", "--json")).lines
    assert hold["approver"] == "D. Attorney"
    assert hold["id"] in (await run("retention", "holds", "list")).out
    assert "Nothing was deleted." in (await run("retention", "receipt", "list")).out
    assert (await run("retention", "show")).code == 0
    missing = await run("retention", "receipt", "prove", "push-1", "read-3", "--json")
    assert (missing.code, missing.error["code"]) == (2, "no_such_receipt")
