"""A really full file system: the hub refuses, says so, and goes on by itself once there is room.

The data directory is a small tmpfs in a mount namespace of the hub's own; we see it through
``/proc/<pid>/root``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys

import pytest
from hub import hub_process, until
from made_up import call, connect, hot_list, ids, push_source
from vendors import SignedWebhooks, traffic, webhook_source

from watchfloor_lpr_rest_simulator import LprRestSimulator

pytestmark = [pytest.mark.survival, pytest.mark.timeout(240)]

SECRET = "a-secret-of-the-test"
SIZE = "48m"


def own_mounts():
    """How to start something in a mount namespace of its own. Fails when that is not allowed."""
    for flags in (["-m"], ["-r", "-m"]):
        with contextlib.suppress(OSError):
            tried = ["unshare", *flags, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(tried, capture_output=True).returncode == 0:
                return ["unshare", *flags]
    pytest.fail(
        "This test mounts a small tmpfs in a namespace of its own and may not. Run it as root, or "
        "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian), "
        "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)."
    )


@contextlib.asynccontextmanager
async def hub_on_small_disk(tmp_path):
    mount = 'mount -t tmpfs -o size="$1" tmpfs "$0" && shift && exec "$@"'
    data_dir = tmp_path / "hub"
    around = [*own_mounts(), "sh", "-c", mount, str(data_dir), SIZE]
    async with hub_process(data_dir, around) as hub:
        yield hub


def fill(hub):
    """Leave not one byte. Answers the file to remove again."""
    ballast = hub.seen("ballast")
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    assert os.statvfs(ballast).f_bavail == 0
    return ballast


class Pusher:
    """Hands events over, one batch after the other, and remembers what was acknowledged."""

    def __init__(self, api):
        self.api = api
        self.count = 0
        self.taken = []
        self.refused = None

    async def push(self):
        """Whether one more batch was taken."""
        batch = [call(self.count + number) for number in range(50)]
        self.count += len(batch)
        answer = await self.api.call("POST", "/events", batch, source="push-1")
        if answer.status == 200:
            self.taken += [event["id"] for event in batch]
            return True
        self.refused = answer
        return False

    async def until_refused(self):
        """What is free inside the files is used up before the disk's end is felt."""
        async with asyncio.timeout(60):
            while await self.push():
                pass


async def test_it_refuses_says_so_and_recovers(tmp_path):
    vendor = LprRestSimulator()
    setup = await vendor.start()
    try:
        async with hub_on_small_disk(tmp_path) as hub, hub.api() as api:
            await push_source(api)
            await connect(api, "lpr", setup, every_s=0.2)
            await webhook_source(api, SECRET)
            await hot_list(api, "ZZLAST")
            pusher = Pusher(api)
            webhooks = SignedWebhooks(f"{hub.hooks_url}gate", SECRET)
            async with traffic(vendor.feed, a_second=100), webhooks:
                await until(lambda: arrives(api, "lpr"))
                assert await pusher.push()
                ballast = fill(hub)
                await pusher.until_refused()
                await it_says_so(api, pusher, webhooks)
                ballast.unlink()
                await it_goes_on(api, pusher, webhooks)
            await nothing_is_lost(api, vendor, webhooks, pusher)
            await it_still_alerts(api)
    finally:
        await vendor.stop()


START = """
import asyncio, sys
from pathlib import Path
from watchfloor.bootstrap import Options, running_hub

async def main():
    async with running_hub(Options(Path(sys.argv[1]), port=0, hooks_port=0)):
        pass

asyncio.run(main())
"""
SHELL = """
mount -t tmpfs -o size=8m tmpfs "$0" && "$1" -c "$2" "$0/hub" || exit 9
cat /dev/zero > "$0/ballast"
truncate -s "-$3" "$0/ballast"
exec "$1" -m watchfloor serve --data-dir "$0/hub" --port 0
"""


@pytest.mark.parametrize("room", [0, 32768], ids=["none", "for some files only"])
def test_a_hub_that_finds_no_room_at_its_start_says_so_and_ends(tmp_path, room):
    """The database is there: what is missing is room for the files beside it."""
    command = [*own_mounts(), "sh", "-c", SHELL, tmp_path, sys.executable, START, str(room)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 4, ended.stderr
    assert "disk_full" in ended.stderr
    assert "Free space" in ended.stderr
    assert "Traceback" not in ended.stderr


async def arrives(api, source, more_than=0):
    return (await api.source(source))["events_total"] > more_than


async def it_says_so(api, pusher, webhooks):
    """At every door, and on the sources page. What is on file is not read while that cannot be
    recorded."""
    assert pusher.refused.status == 503
    assert pusher.refused.code == "disk_full"
    assert "pace" in pusher.refused.json["error"]["remedy"]
    webhooks.refused.clear()
    await until(lambda: webhooks.refused)
    assert set(webhooks.refused) == {503}

    async def says():
        source = await api.source("lpr")
        return source["state"] == "needs_attention" and source

    source = await until(says, deadline_s=30)
    assert "full" in source["reason"]
    assert source["remedy"]
    await changes_are_refused_whole(api)
    unseen = await api.call("GET", "/events", limit=1)
    assert (unseen.status, unseen.code) == (503, "audit_unavailable")
    assert (await api.call("GET", "/alerts")).status == 200, "alerts go on"
    health = {"status": "degraded", "audit": "audit_unavailable"}
    assert (await api.get("/health")) == health, "whoever watches the hub is told"


async def changes_are_refused_whole(api):
    """What people set meanwhile is refused, and what was set before stays as it was."""
    before = [source["id"] for source in (await api.get("/sources"))["items"]]
    for method, path, body in (
        ("PUT", "/sources/lpr/credentials/token", {"value": {"token": "x" * 9000}}),
        ("PUT", "/sources/new", {"connector": "push", "name": "New"}),
        ("PUT", "/channels/desk", {"url": "https://receiver.example.org/hook"}),
        ("DELETE", "/sources/push-1", None),
        ("DELETE", "/sources/lpr", None),
    ):
        answer = await api.call(method, path, body)
        assert answer.status == 503, (path, answer.body)
        assert answer.code in ("disk_full", "audit_unavailable"), (path, answer.body)
    assert [source["id"] for source in (await api.get("/sources"))["items"]] == before


async def it_goes_on(api, pusher, webhooks):
    """Nobody restarts anything."""
    await until(pusher.push, deadline_s=30)
    before = (await api.source("lpr"))["events_total"], len(webhooks.taken)
    await until(lambda: arrives(api, "lpr", before[0]), deadline_s=30)
    await until(lambda: len(webhooks.taken) > before[1], deadline_s=30)
    await until(lambda: well(api), deadline_s=30)
    await until(lambda: records_again(api), deadline_s=30)


async def records_again(api):
    return (await api.get("/health"))["audit"] != "audit_unavailable"


async def well(api):
    source = await api.source("lpr")
    return source["state"] == "running" and not source["reason"]


async def nothing_is_lost(api, vendor, webhooks, pusher):
    async def all_there():
        gate = {event["id"] for event in await api.events(source="gate")}
        lpr = await api.events(source="lpr")
        return len(lpr) >= vendor._kept.count and webhooks.taken <= gate

    await until(all_there, deadline_s=30, every_s=0.5)
    assert ids(await api.events(source="lpr")) == sorted(vendor.ledger)
    pushed = ids(await api.events(source="push-1"))
    assert len(pushed) == len(set(pushed))
    assert set(pusher.taken) <= set(pushed)
    gate = ids(await api.events(source="gate"))
    assert len(gate) == len(set(gate))
    assert set(gate) <= set(webhooks.sent)
    assert await api.dead() == []


async def it_still_alerts(api):
    """What follows the log has not died of the full disk."""
    hit = {"plate": "ZZLAST", "reader": "gate-1"}
    await api.push("push-1", [{**call(10**6), "type": "watchfloor.lpr.read.v1", "data": hit}])
    await until(lambda: alerts(api), deadline_s=20)


async def alerts(api):
    return (await api.get("/alerts"))["items"]
