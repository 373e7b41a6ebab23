"""The plate-read simulator in a process of its own, filled before it is asked."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from events import plate


@asynccontextmanager
async def lpr_rest(reads: int) -> AsyncIterator[dict[str, Any]]:
    """How to configure the connector against it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, str(reads), stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, limit=2**20,
    )  # fmt: skip
    assert process.stdout
    assert process.stdin
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def main(reads: int) -> None:
    """Serve until the input closes."""
    from watchfloor_city import Look, PlatePassed
    from watchfloor_lpr_rest_simulator import LprRestSimulator

    chance = random.Random(3)
    simulator = LprRestSimulator(keep=reads + 1)
    now = datetime.now(UTC)
    look = Look("Example", "Sedan", "blue", "sedan")
    for number in range(reads):
        reader = number % 200
        simulator.feed(
            PlatePassed(
                at=now + timedelta(milliseconds=number - reads),
                reader=f"R-{reader}",
                plate=plate(chance),
                region="US-LA",
                confidence=0.93,
                heading_deg=90.0,
                point=(-90.1 + reader / 1000, 29.9 + reader / 1000),
                vehicle=look,
            )
        )
    print(json.dumps(asdict(await simulator.start())), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
