"""The gate's end costs nothing that was acknowledged, and it never outlives its hub."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from hub import until
from made_up import ids
from vendors import SignedWebhooks, webhook_source

pytestmark = [pytest.mark.survival, pytest.mark.timeout(120)]

SECRET = "a-secret-of-the-test"
KILLS = 4


def gate_of(pid):
    """The pid of a hub's gate."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and b"watchfloor.gate" in command:
            return int(folder.name)
    return None


async def test_it_is_killed_again_and_again_and_what_was_taken_is_there(process):
    async with process.api() as api:
        await webhook_source(api, SECRET)
        webhooks = SignedWebhooks(f"{process.hooks_url}gate", SECRET)
        async with webhooks:
            for _ in range(KILLS):
                before = len(webhooks.taken)
                await until(lambda before=before: len(webhooks.taken) > before + 20, 30)
                os.kill(await until(lambda: gate_of(process.pid)), signal.SIGKILL)
                await asyncio.sleep(0.05)
        assert len(webhooks.taken) > 80

        async def all_there():
            return webhooks.taken <= set(ids(await api.events(source="gate")))

        await until(all_there, 30, 0.2)
        names = ids(await api.events(source="gate"))
        assert len(names) == len(set(names))
        assert await api.dead() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_it_ends_with_its_hub(process, number):
    gate = await until(lambda: gate_of(process.pid))
    if number == signal.SIGKILL:
        await process.kill()
    else:
        assert await process.stop(number) == 0
    await until(lambda: not Path(f"/proc/{gate}").exists(), 5)
    await process.start()
    assert await until(lambda: gate_of(process.pid)) != gate
