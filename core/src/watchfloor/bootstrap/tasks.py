"""Tasks that a hub ends with."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

AGAIN_S = (1.0, 1.0, 5.0, 30.0, 60.0)
"""Seconds until what failed is begun again, the longer the more often it failed soon."""
STEADY_S = 300.0
"""Having run for so long, it has not failed soon."""

log = logging.getLogger(__name__)


async def later(after_s: float, do: Callable[[], Awaitable[None]]) -> None:
    """Do it after a while."""
    await asyncio.sleep(after_s)
    await do()


def keep(stack: contextlib.AsyncExitStack, name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Start what goes on until the hub ends. Where it fails, that is logged, and it begins
    again."""
    stack.push_async_callback(end, asyncio.create_task(_kept(name, run), name=name))


async def _kept(name: str, run: Callable[[], Awaitable[None]]) -> None:
    loop = asyncio.get_running_loop()
    failures = 0
    while True:
        begun = loop.time()
        try:
            return await run()
        except Exception:  # of which type and place are logged, and no text
            log.exception("%s failed, and begins again", name)
        failures = 0 if loop.time() - begun > STEADY_S else failures + 1
        await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])


async def end(task: asyncio.Task[None]) -> None:
    """Cancel it, and wait until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
