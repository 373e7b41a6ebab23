"""Records until it is killed; prints the count of every record that was acknowledged."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

from audit_logs import audit_log, entry

from watchfloor.adapters.clock import SystemClock


async def main(folder: Path, first: int) -> None:
    async with audit_log(folder, clock=SystemClock()) as log:
        await asyncio.gather(*(record(log, first + worker) for worker in range(50)))


async def record(log, number: int) -> None:
    while True:
        await log.record(entry(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 50


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
