"""How many events a second come from a worker process through the hub's session.

The ingest behind it does nothing, so this is the protocol's own cost: the SDK makes and encodes
events in the worker's process, the hub reads lines, checks credits and answers.

    python tests/benchmarks/protocol.py [--events 200000] [--page 1000] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from watchfloor.adapters.processes import Processes
from watchfloor.contracts.protocol import Emitted
from watchfloor.hosting import Catalogue, House, Leases, Limits, Services, Supervisor
from watchfloor.ports.store import Instance

TOYS = Path(__file__).parents[1] / "sdk" / "toys"


class NullHub:
    """Takes everything and keeps nothing."""

    def __init__(self) -> None:
        self.events = 0
        self.began = 0.0
        self.ended = 0.0

    async def accept(self, origin: Any, emit: Any, settles: Any = ()) -> Emitted:
        self.began = self.began or time.perf_counter()
        self.events += len(emit.events)
        self.ended = time.perf_counter()
        return Emitted(accepted=len(emit.events), duplicates=0, dead=0)

    async def nothing(self, *_: Any, **__: Any) -> Any:
        return None

    async def no_rows(self, *_: Any) -> list[Any]:
        return []


def house(hub: NullHub) -> House:
    gaps = SimpleNamespace(
        watch=hub.nothing, forget=lambda _: None, assured=hub.nothing, lost=hub.nothing
    )
    services = Services(
        ingest=hub, assets=SimpleNamespace(accept=hub.nothing), gaps=gaps,
        leases=Leases(SimpleNamespace(), SimpleNamespace(), b""),
    )  # fmt: skip
    store = SimpleNamespace(
        log=SimpleNamespace(checkpoint=hub.nothing), inbox=SimpleNamespace(waiting=hub.no_rows)
    )
    clock = SimpleNamespace(now=lambda: 0)
    workers = Processes([sys.executable, str(TOYS / "run_worker.py")])
    return House(Catalogue(), store, workers, services, clock, Limits())


async def measure(events: int, page: int) -> dict[str, float]:
    """One run of one worker."""
    hub = NullHub()
    supervisor = Supervisor(house(hub))
    await supervisor.apply(Instance("toy-1", "toy", "Toy", {"total": events, "page": page}))
    async with asyncio.timeout(120):
        while hub.events < events:
            await asyncio.sleep(0.02)
    await supervisor.stop()
    taken = hub.ended - hub.began
    return {"events": hub.events, "page": page, "seconds": taken, "per_s": hub.events / taken}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--page", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(TOYS))
    result = asyncio.run(measure(options.events, options.page))
    if options.json:
        print(json.dumps(result))
    else:
        print(f"{result['per_s']:,.0f} events/s, pages of {options.page}")


if __name__ == "__main__":
    main()
