"""``serve`` as a process: its link, its end, and why it does not start."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from pathlib import Path

import pytest
from hub import PERSON, WATCHFLOOR, api_of, until
from made_up import call, connect, passed, push_source

from watchfloor_lpr_rest_simulator import LprRestSimulator


async def command(*arguments, deadline_s=20):
    """(exit code, what it printed) of a run that ends by itself."""
    process = await asyncio.create_subprocess_exec(
        *WATCHFLOOR, *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(deadline_s):
        out, _ = await process.communicate()
    return process.returncode, out.decode()


async def test_it_prints_a_link_that_signs_in_once(process):
    async def said():
        text = (process.data_dir.parent / "hub.log").read_text()
        return text if "#token=" in text and text.endswith("\n") else None

    printed = await until(said)
    assert process.url in printed
    token = printed.partition("#token=")[2].split()[0]
    async with api_of(process.url) as api:
        assert (await api.send("POST", "/session", {"token": token}))["person"] == PERSON
        assert (await api.call("POST", "/session", {"token": token})).status == 403


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_ends_within_5_s_with_nothing_left(process, number):
    """Ctrl-C in the middle of work: a worker that polls, a console that listens."""
    vendor = LprRestSimulator()
    setup = await vendor.start()
    for each in range(5000):
        vendor.feed(passed(each))
    try:
        async with process.api() as api:
            await connect(api, "lpr", setup, every_s=0.1)
            pid = await until(lambda: working(api))
            async with api.client.get(f"{api.url}/api/v1/stream") as stream:
                await stream.content.readline()
                assert await process.stop(number, deadline_s=5) == 0
        assert not Path(f"/proc/{pid}").exists()
        assert not (process.data_dir / "run.json").exists()
    finally:
        await vendor.stop()


async def working(api):
    source = await api.source("lpr")
    return source["events_total"] and source["pid"]


async def test_it_ends_at_once_while_it_starts(tmp_path):
    """A signal at any moment of the start ends it, too."""
    process = await asyncio.create_subprocess_exec(
        *WATCHFLOOR, "serve", "--data-dir", str(tmp_path / "hub"),
        "--port", "0", "--hooks-port", "0",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until(lambda: (tmp_path / "hub" / "hub.lock").exists())
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert not (tmp_path / "hub" / "run.json").exists()


async def test_why_it_does_not_start(process, tmp_path):
    """What else can be in the way is in ``tests/core/web/test_signing_in.py``."""
    again = ("serve", "--data-dir", str(process.data_dir), "--port", "0", "--hooks-port", "0")
    outside = ("serve", "--data-dir", str(tmp_path / "other"), "--host", "0.0.0.0")
    ended = await asyncio.gather(command(*again), command(*outside))
    assert [code for code, _ in ended] == [4, 4]
    assert "already_running" in ended[0][1]
    assert "not_loopback" in ended[1][1]


def heed_ctrl_c():
    """What a shell starts in the background ignores it, and so would our children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.asynccontextmanager
async def tailing(process, *options):
    """A ``watchfloor events tail`` that has told of a call, and its first line."""
    tail = await asyncio.create_subprocess_exec(
        *WATCHFLOOR, "events", "tail", *options, "--data-dir", str(process.data_dir),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, preexec_fn=heed_ctrl_c,
    )  # fmt: skip
    try:
        async with process.api() as api:
            await push_source(api)
            told = asyncio.create_task(tail.stdout.readline())
            number = 0
            while not told.done():
                await api.push("push-1", [call(number)])
                number += 1
                await asyncio.wait([told], timeout=0.2)
        yield tail, told.result()
    finally:
        with contextlib.suppress(ProcessLookupError):
            tail.kill()


async def ends_well(tail, *codes):
    async with asyncio.timeout(5):
        _, complaints = await tail.communicate()
    assert tail.returncode in codes
    assert b"Traceback" not in complaints


async def test_tail_follows_until_ctrl_c(process):
    async with tailing(process, "--json") as (tail, line):
        told = json.loads(line)  # its alert, where the stream began between the two
        assert told.get("kind") == "call" or told["alert"]["state"] == "new"
        tail.send_signal(signal.SIGINT)
        await ends_well(tail, 0, 130)


async def test_tail_ends_with_the_hub(process):
    async with tailing(process) as (tail, _):
        await process.kill()
        await ends_well(tail, 3, 5)
