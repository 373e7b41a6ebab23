"""The demo around a city: what it remembers from run to run, and what it says on every screen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor_city import DataClock, load_city, replay
from watchfloor_city.demo.memory import Memory, still_wanted
from watchfloor_city.demo.story import LEAD, QUIET, Plan, tell
from watchfloor_city.demo.vendors import _usable, notice

NOW = datetime(2026, 5, 2, 20, 0, tzinfo=UTC)


def entry(plate: str, days: int = 1, reason: str = "Stolen vehicle") -> dict[str, str]:
    expires = (NOW + timedelta(days=days)).isoformat()
    return {"plate": plate, "region": "US-ZZ", "reason": reason, "expires": expires}


def test_who_was_wanted_stays_wanted_until_the_entry_expires():
    before = [entry("ZZAAA01"), entry("ZZAAA02", days=-1), entry("ZZAAA03", reason="Stolen plate")]
    new = [entry("ZZBBB01"), entry("ZZAAA03", reason="Hit and run")]
    wanted = {each["plate"]: each["reason"] for each in still_wanted(before, new, NOW)}
    assert wanted == {
        "ZZAAA01": "Stolen vehicle", "ZZAAA03": "Hit and run", "ZZBBB01": "Stolen vehicle",
    }  # fmt: skip


def test_the_next_run_knows_what_the_last_one_learnt(tmp_path):
    assert Memory.of(tmp_path) == Memory()
    memory = Memory()
    sources = [{"id": "lpr", "port": 40001}]
    memory.learn({"sources": sources, "hot_list": [entry("ZZAAA01")]}, NOW)
    memory.keep(tmp_path)
    assert Memory.of(tmp_path) == Memory({"lpr": 40001}, [entry("ZZAAA01")])


def test_a_port_that_somebody_else_took_is_given_up():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert _usable(port) not in (0, port)
    assert _usable(port) == port


async def test_the_vendors_leave_quietly_when_no_hub_comes_up():
    """Whoever starts a second demo reads why it does not start, and nothing else."""
    vendors = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchfloor_city.demo.vendors",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    async with asyncio.timeout(30):
        vendors.stdin.write(json.dumps(asdict(Plan("synthetic", 7, 1.0, ""))).encode() + b"\n")
        assert json.loads(await vendors.stdout.readline())["sources"]
        vendors.stdin.close()
        assert (await vendors.stderr.read(), await vendors.wait()) == (b"", 0)


async def test_the_banner_of_a_replay_is_said_once(data_dir):
    """Each time is a change of a setting, and a record of the audit."""
    vendors = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchfloor_city.demo.vendors",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    plan = Plan("new-orleans", 7, 3600.0, str(data_dir))
    async with asyncio.timeout(60):
        vendors.stdin.write(json.dumps(asdict(plan)).encode() + b"\n")
        assert json.loads(await vendors.stdout.readline())["sources"]
        vendors.stdin.write(b'{"hooks": "http://127.0.0.1:9/hooks/"}\n')
        assert "Replay" in json.loads(await vendors.stdout.readline())["banner"]
        later = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(6):  # a minute of the data passes 360 times
                later = await vendors.stdout.readline()
        vendors.stdin.close()
        assert (later, await vendors.stdout.read()) == (b"", b"")
        await vendors.wait()


def test_a_made_up_city_says_that_all_of_it_is(city):
    assert "all made up" in notice(Plan("synthetic", 7, 1.0, ""), city, {}, NOW)


@pytest.mark.parametrize("name", ["new-orleans", "cincinnati", "washington-dc"])
def test_a_replay_says_its_time_where_it_happened_and_what_is_synthetic(name, data_dir):
    plan = Plan(name, 7, 60.0, str(data_dir))
    there = load_city(name, data_dir)
    text = notice(plan, there, tell(plan, there, NOW).clocks, NOW)
    assert text.startswith("Replay at 60 times speed: ")
    assert "local time" in text
    assert "Synthetic: police units and plate reads" in text
    assert ("recordings" in text) == (name != "new-orleans")


def test_the_skipped_quiet_and_the_local_clock_are_those_of_the_data(data_dir):
    clock: DataClock = replay(
        "cincinnati-gunshots", data_dir, NOW - LEAD, 60.0,
        since=datetime(2021, 9, 3, 8, tzinfo=UTC), skip_quiet_over=QUIET,
    ).clock  # fmt: skip
    there = load_city("cincinnati", data_dir)
    text = notice(Plan("cincinnati", 7, 60.0, ""), there, {"any": clock}, NOW)
    hour = (clock.data_time(NOW) - timedelta(hours=4)).strftime("%H:%M local time on")  # UTC-4
    assert hour in text
    assert "long stretches of quiet skipped" in text
