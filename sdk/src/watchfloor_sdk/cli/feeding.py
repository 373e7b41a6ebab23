"""A simulator that is started and fed with its demo, for as long as a block lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.loops import place_of
from watchfloor_sdk.simulation import Setup, Simulator

from .output import err

PACE_S = 0.25
"""Between two happenings."""


@asynccontextmanager
async def fed(simulator: Simulator) -> AsyncIterator[tuple[Setup, asyncio.Task[None]]]:
    """Yields how to configure the connector, and the task that feeds: see ``check_fed``."""
    setup = await simulator.start()
    feeding = asyncio.create_task(_feed(simulator))
    try:
        yield setup, feeding
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await simulator.stop()


def check_fed(feeding: asyncio.Task[None]) -> None:
    """Raises ``AskAPerson`` (``simulator_broken``) when the demo has failed."""
    error = feeding.exception() if feeding.done() and not feeding.cancelled() else None
    if error is not None:
        raise AskAPerson(
            f"The simulator's demo failed: {place_of(error)}: {error}",
            code="simulator_broken",
            remedy="Mend its demo() or feed().",
        ) from error


async def _feed(simulator: Simulator) -> None:
    happened = False
    for happening in simulator.demo():
        simulator.feed(happening)
        happened = True
        await asyncio.sleep(PACE_S)
    if not happened:
        err.print("[yellow]The simulator's demo() has no happenings, so none come.[/]")
