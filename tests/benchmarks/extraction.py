"""From a vendor's pages to durable events by one installed, confined worker; and how soon the first
comes from a connector that was not there yet."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uvloop
from hub_process import HubProcess, row, used_s
from ingest import durable_rate
from installed import agency_hub, enable, index_of, install
from simulator_process import lpr_rest
from toy_index import libraries
from vendors_process import vendors

from watchfloor.adapters.environments import find_uv
from watchfloor.bootstrap import describe_store

CONNECTOR = "lpr-rest"
PLAIN_LOOP = str(Path(__file__).with_name("plain_loop.py"))


def extraction(folder: Path, records: int = 100_000) -> list[dict[str, Any]]:
    """Records, 1,000 a page, by one worker through the egress into the store; before and after it
    the plain loop, from the same server."""
    with agency_hub(folder, index_of(folder, [CONNECTOR])) as hub:
        install(hub, CONNECTOR)
        plain, durable, facts = uvloop.run(_side_by_side(hub, records))
    described = asyncio.run(describe_store(hub.client.data_dir))
    assert described and described["events"] >= records
    plainly = sum(plain) / len(plain)
    return [
        row("baseline: plain loop: pages, parses, writes to /dev/null", round(plainly), "records/s",
            "", "", before_and_after=[round(each) for each in plain]),
        row(f"extraction, {records:,} records, 1,000 a page, durable", round(durable), "records/s",
            20_000, 30_000, ratio=round(durable / plainly, 2), pragmas=described["pragmas"], **facts),
    ]  # fmt: skip


async def _side_by_side(hub: HubProcess, records: int) -> tuple[list[float], float, dict[str, Any]]:
    """Rates of the plain loop, before and after; the hub's; and what that took of whom."""
    async with lpr_rest(records) as setup:
        plain = [await _plain_loop(setup)]
        own = {"hub": hub.process.pid, **hub.programs()}
        used = {name: -used_s(pid) for name, pid in own.items()}
        await asyncio.to_thread(enable, hub, "reads", setup)
        durable = await durable_rate(hub, "reads", records)
        [source] = (await asyncio.to_thread(hub.client.get, "/sources"))["items"]
        used = {"worker": used_s(source["pid"])} | {
            name: used[name] + used_s(pid) for name, pid in own.items()
        }
        await asyncio.to_thread(hub.client.send, "POST", "/sources/reads/disable", {})
        plain.append(await _plain_loop(setup))
    each = {name: round(seconds / records * 1e6, 1) for name, seconds in used.items()}
    return plain, durable, {"processor_us_each": each, "confinement": source["confinement"]}


async def _plain_loop(setup: Mapping[str, Any]) -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable, PLAIN_LOOP, setup["config"]["base_url"],
        setup["credentials"]["token"]["token"], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    return float(said)


def first_event(folder: Path) -> list[dict[str, Any]]:
    """From “install” to the first event that can be searched, by a hub that has nothing yet; beside
    it, what uv alone takes to put the same wheels into an environment."""
    index = index_of(folder, [CONNECTOR])
    with vendors([CONNECTOR], happenings=10) as setups, agency_hub(folder, index) as hub:
        begun = time.perf_counter()
        install(hub, CONNECTOR)
        installed_s = time.perf_counter() - begun
        enable(hub, "reads", setups[CONNECTOR])
        while not hub.total("reads"):
            if time.perf_counter() - begun > 120:
                raise RuntimeError(f"no event came: {hub.client.get('/sources')['items']}")
            time.sleep(0.02)
        first_s = time.perf_counter() - begun
    plain_s = _plain_installation([*index.work.glob("*.whl"), *libraries()])
    return [
        row("baseline: uv alone, the same wheels", round(plain_s, 2), "s", "", ""),
        row("install: verified and in an environment of its own", round(installed_s, 2), "s",
            "", "", ratio=round(installed_s / plain_s, 2)),
        row("install to first event, from a local index", round(first_s, 2), "s", 20, "",
            ratio=round(first_s / plain_s, 2)),
    ]  # fmt: skip


def _plain_installation(wheels: Sequence[Path]) -> float:
    """Seconds."""
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        begun = time.perf_counter()
        for command in (
            ("venv", "--quiet", "--python", sys.executable, folder),
            ("pip", "install", "--quiet", "--python", folder, "--no-index", "--no-deps",
             "--link-mode", "copy", "--compile-bytecode", *map(str, wheels)),
        ):  # fmt: skip
            subprocess.run(
                [find_uv(), "--offline", "--no-config", "--no-cache", *command], check=True
            )
        return time.perf_counter() - begun
