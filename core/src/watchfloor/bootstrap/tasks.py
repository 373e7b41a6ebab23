"""Tasks that a hub ends with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def later(after_s: float, do: Callable[[], Awaitable[None]]) -> None:
    """Do it after a while."""
    await asyncio.sleep(after_s)
    await do()


async def end(task: asyncio.Task[None]) -> None:
    """Cancel it, and wait until it has ended."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
