"""The hub's own chores, run by APScheduler. Workers poll on their own cadence, not by this."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)


class Chores:
    """Repeats things. One that is late runs once, not as often as it was missed."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, seconds: float, name: str, chore: Callable[[], Awaitable[object]]) -> None:
        """Do something again and again. A failure is logged and does not end the chore."""

        async def guarded() -> None:
            try:
                await chore()
            except Exception:
                log.exception("the chore %r failed", name)

        self._scheduler.add_job(guarded, "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; what runs is cancelled with the event loop."""
        self._scheduler.shutdown(wait=False)
