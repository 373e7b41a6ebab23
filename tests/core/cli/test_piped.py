"""What is piped: one line a row whatever its length, one document a line, nothing else."""

from __future__ import annotations

import asyncio
import json
import os

import pytest
from hub import WATCHFLOOR
from made_up import call, push_source

NASTY = "Robbery [bold]of[/] a [/shop] :100: \x1b[31mred\nand " + "a very long tale " * 10
ON_ONE_LINE = "Robbery [bold]of[/] a [/shop] :100:  [31mred and a very long tale"


@pytest.fixture(autouse=True)
async def filled(api):
    """A call with a headline that no terminal should be given, a letter, a gap."""
    await push_source(api)
    nasty = call(1)
    nasty["data"]["incident_type"]["text"] = NASTY
    await api.push("push-1", [nasty, {"no": "event", "but": "long" * 50}])


@pytest.fixture
def piped(hub, tmp_path):
    """``await piped("search", "x")``: (exit code, lines), as another program would get them."""

    async def piped(*arguments):
        environment = {
            **{name: value for name, value in os.environ.items() if name != "COLUMNS"},
            "WATCHFLOOR_DATA_DIR": str(tmp_path / "hub"),
        }
        process = await asyncio.create_subprocess_exec(
            *WATCHFLOOR, *arguments, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(20):
            said, complaints = await process.communicate()
        assert complaints == b""
        return process.returncode, said.decode().splitlines()

    return piped


async def test_rows_of_events_and_hits(piped):
    code, [row] = await piped("events", "list")
    assert (code, ON_ONE_LINE in row, row.endswith("push-1")) == (0, True, True)
    assert "\x1b" not in row
    code, rows = await piped("search", "robbery tale")
    assert (code, len([row for row in rows if ON_ONE_LINE in row])) == (0, 1)
    assert rows[-1].startswith("1 found in")


async def test_rows_of_dead_letters(piped):
    code, [row] = await piped("deadletters", "list")
    assert (code, "Its type is not one that this hub knows." in row) == (0, True)
    number = row.split()[0]
    code, rows = await piped("deadletters", "show", number)
    assert (code, len(rows), "long" * 50 in rows[2]) == (0, 3, True)
    code, rows = await piped("deadletters", "redrive", number)
    assert (code, len(rows)) == (1, 1)
    code, rows = await piped("deadletters", "drop", number)
    assert (code, rows) == (0, ["1 dropped"])


async def test_rows_of_the_doctor(piped, hub):
    await hub.hub.gaps.lost("push-1", "The line was cut. " * 10)
    code, rows = await piped("doctor")
    assert code == 0
    assert [row.split()[0] for row in rows] == ["ok"] * 7


async def test_replay_says_what_became_of_a_file_in_one_row(piped, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text(json.dumps(call(2)))
    code, rows = await piped("replay", str(file), "--source", "push-1")
    assert (code, rows) == (0, ["1 accepted, 0 known already, 0 refused"])


@pytest.mark.parametrize(
    "command",
    [
        ("events", "list"),
        ("search", "robbery"),
        ("deadletters", "list"),
        ("deadletters", "show", "1"),
        ("deadletters", "redrive", "1"),
        ("deadletters", "drop", "1"),
        ("doctor",),
    ],
    ids=" ".join,
)
async def test_json_is_a_document_a_line(piped, command):
    _, lines = await piped(*command, "--json")
    assert lines
    for line in lines:
        assert isinstance(json.loads(line), dict)
