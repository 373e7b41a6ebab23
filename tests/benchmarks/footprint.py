"""What the hub and its workers take when nothing happens, and how soon they are there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hub_process import HubProcess, hub_process, resident_mib, row

WORKERS = 10


def footprint(folder: Path) -> list[dict[str, Any]]:
    """Memory of an idle hub, its gate, its egress and an idle worker; start of the API and of ten workers."""
    with hub_process(folder) as hub:
        _configure(hub)
        hub.all_running()
    begun = time.perf_counter()
    with hub_process(folder) as hub:
        answers_s = hub.started_s
        hub.all_running()
        running_s = time.perf_counter() - begun
        time.sleep(5)
        workers = [each["pid"] for each in hub.client.get("/sources")["items"] if each["pid"]]
        worker_mib = sorted(map(resident_mib, workers))[len(workers) // 2]
        hub_mib = hub.memory_mib()
        programs = {name: resident_mib(pid) for name, pid in hub.programs().items()}
    return [
        row("memory: idle hub", round(hub_mib, 1), "MiB", 150, 100),
        *(
            row(f"memory: its {name}", round(mib, 1), "MiB", "", "")
            for name, mib in programs.items()
        ),
        row("memory: idle worker with the HTTP client", round(worker_mib, 1), "MiB", 40, 32),
        row("start: the API answers", round(answers_s, 2), "s", 2, 1),
        row(f"start: all of {WORKERS} workers running", round(running_s, 2), "s", 4, 2),
    ]


def _configure(hub: HubProcess) -> None:
    for number in range(WORKERS):
        body = {
            "connector": "gtfs-realtime", "name": f"Bench {number}",
            "config": {"feed_url": "http://127.0.0.1:9/feed.pb", "fleet": "Bench"},
        }  # fmt: skip
        hub.client.send("PUT", f"/sources/bench-{number}", body)
