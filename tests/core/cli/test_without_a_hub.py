"""No hub, a dead hub, a hub that does not know us: each says so, what to do, and how it ended."""

from __future__ import annotations

import json

import pytest

COMMANDS = [
    ("search", "zzt1"),
    ("events", "list"),
    ("events", "tail"),
    ("deadletters", "list"),
    ("deadletters", "show", "1"),
    ("deadletters", "redrive"),
    ("deadletters", "drop"),
    ("replay", __file__, "--source", "push-1"),
]


def _name(command):
    return " ".join(command[:2]) if command[0] != "replay" else "replay"


@pytest.mark.parametrize("command", COMMANDS, ids=_name)
async def test_an_unreachable_hub_exits_with_5(run, command):
    ran = await run(*command)
    assert ran.code == 5
    assert "No hub is running" in ran.err
    assert "watchfloor serve" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("command", COMMANDS, ids=_name)
async def test_it_says_so_to_scripts(run, command):
    ran = await run(*command, "--json")
    assert ran.code == 5
    assert ran.error["code"] == "unreachable"
    assert ran.error["remedy"]


async def test_a_hub_that_was_killed_is_unreachable(run, data_dir):
    data_dir.mkdir()
    stale = {"url": "http://127.0.0.1:9", "session": "x", "pid": 1}
    (data_dir / "run.json").write_text(json.dumps(stale))
    assert (await run("search", "zzt1")).code == 5


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "\x00"])
async def test_a_broken_run_file_is_no_hub(run, data_dir, text):
    data_dir.mkdir()
    (data_dir / "run.json").write_text(text)
    assert (await run("search", "zzt1")).code == 5


async def test_a_session_that_is_over_needs_somebody(run, hub, data_dir):
    stale = {"url": hub.url, "session": "over", "pid": 1}
    (data_dir / "run.json").write_text(json.dumps(stale))
    ran = await run("search", "zzt1", "--json")
    assert (ran.code, ran.error["code"]) == (4, "not_signed_in")


async def test_doctor_says_that_nothing_runs_and_looks_at_the_rest(run):
    ran = await run("doctor", "--json")
    findings = {line["what"]: line for line in ran.lines}
    assert ran.code == 4
    assert not findings["Hub"]["ok"]
    assert findings["Hub"]["remedy"]
    assert findings["Python"]["ok"]
    assert findings["Connectors"]["ok"]
    assert "None yet" in findings["Database"]["detail"]


async def test_doctor_names_what_is_wrong_with_the_settings(run, data_dir):
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text('timezone = "Mars/Olympus"\n')
    ran = await run("doctor")
    assert ran.code == 4
    assert "Mars/Olympus" in ran.out
    assert "IANA" in ran.out
