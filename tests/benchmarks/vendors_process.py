"""The simulators of connectors in a process of their own, so that they share no interpreter with
what is measured."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any


@contextmanager
def vendors(connectors: Sequence[str], happenings: int = 0) -> Iterator[dict[str, dict[str, Any]]]:
    """How to configure each connector. ``happenings``: what each vendor has to tell at first;
    nothing follows."""
    command = [sys.executable, __file__, str(happenings), *connectors]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


async def main(happenings: int, connectors: Sequence[str]) -> None:
    """Serve until the input closes."""
    from watchfloor_sdk.testing.rehearsal import rehearsed, simulator_of

    simulators = [simulator_of(connector) for connector in connectors]
    setups = [await simulator.start() for simulator in simulators]
    for simulator in simulators:
        for happening in rehearsed(simulator, happenings):
            simulator.feed(happening)
    print(json.dumps({setup.connector: asdict(setup) for setup in setups}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for simulator in simulators:
        await simulator.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))
