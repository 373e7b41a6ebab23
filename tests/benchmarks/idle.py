"""Fifty sources of installed connectors with nothing to do: what they take of memory and processor."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from hub_process import HubProcess, hub_process, row, used_s
from installed import CONNECTORS, agency_hub, enable, index_of, install
from vendors_process import vendors

EVERY_S = 300
"""How often the polling ones ask: seldom. The others wait for webhooks, look-ups and actions."""
SETTLED_S = 15.0
WATCHED_S = 20.0


def idle(folder: Path, instances: int = 50) -> list[dict[str, Any]]:
    """Private memory, idle processor time, and how soon all of them run, of sources of every
    connector that there is, by turns; beside as many Pythons that do nothing."""
    connectors = CONNECTORS[:instances]
    with vendors(connectors) as setups:
        with agency_hub(folder, index_of(folder, connectors)) as hub:
            for connector in connectors:
                install(hub, connector)
            for number, connector in enumerate(islice(cycle(connectors), instances)):
                enable(hub, f"idle-{number}", setups[connector], every_s=EVERY_S)
            hub.all_running()
        begun = time.perf_counter()
        with hub_process(hub.client.data_dir, development=False) as hub:
            hub.all_running()
            running_s = time.perf_counter() - begun
            time.sleep(SETTLED_S)
            rows = _watched(hub)
    return [
        *rows,
        row(f"start: all of {instances} workers running", round(running_s, 1), "s", "", ""),
    ]


def _watched(hub: HubProcess) -> list[dict[str, Any]]:
    sources = hub.client.get("/sources")["items"]
    workers = {each["id"]: each["pid"] for each in sources}
    own = {"hub": hub.process.pid, **hub.programs()}
    busy, own_busy = _busy_percent(workers.values()), _busy_percent(own.values())
    with _pythons(len(workers)) as pythons:
        plain = sum(map(private_mib, pythons))
    private = {
        each["id"]: [each["connector"], each["state"], round(private_mib(each["pid"]), 1)]
        for each in sources
    }
    total = sum(mib for _, _, mib in private.values())
    many = f"{len(workers)} idle workers"
    return [
        row(f"baseline: {len(workers)} Pythons that do nothing: private memory", round(plain), "MiB",
            "", ""),
        row(f"{many}: private memory", round(total), "MiB", round(1.2 * 1024 * len(workers) / 50), "",
            ratio=round(total / plain, 1), each=private),
        row("hub, gate and egress beside them: private memory",
            {name: round(private_mib(pid)) for name, pid in own.items()}, "MiB", "", ""),
        row(f"{many}: processor", round(busy, 1), "% of one", "", ""),
        row("hub, gate and egress beside them: processor", round(own_busy, 1), "% of one", "", ""),
    ]  # fmt: skip


def private_mib(pid: int) -> float:
    """What would be free if the process ended: pages that are its alone (proc_pid_smaps(5))."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kib = [int(line.split()[1]) for line in lines if line.startswith("Private_")]
    return sum(kib) / 1024


def _busy_percent(pids: Collection[int]) -> float:
    """Processor time that they took together, in per cent of one processor."""
    before, begun = sum(map(used_s, pids)), time.perf_counter()
    time.sleep(WATCHED_S)
    return 100 * (sum(map(used_s, pids)) - before) / (time.perf_counter() - begun)


@contextmanager
def _pythons(count: int) -> Iterator[list[int]]:
    """Interpreters that wait, by their ids."""
    command = [sys.executable, "-I", "-c", "print(flush=True); input()"]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    try:
        for each in started:
            assert each.stdout
            each.stdout.readline()
        yield [each.pid for each in started]
    finally:
        for each in started:
            each.communicate(b"\n")
