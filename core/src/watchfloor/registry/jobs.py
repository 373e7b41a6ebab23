"""Long work with progress: made by one request, looked at by others."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import uuid4
from weakref import WeakValueDictionary

from msgspec import UNSET, Struct, UnsetType

from watchfloor.contracts import NotFound, WatchfloorError, rfc3339
from watchfloor.ports.registry import Step
from watchfloor.ports.world import Clock

log = logging.getLogger(__name__)

KEPT = 200
"""Jobs that can still be looked at; the oldest finished ones are forgotten."""


class JobError(Struct):
    """Why a job failed, as errors are everywhere."""

    code: str
    detail: str
    remedy: str


class Job(Struct, kw_only=True):
    """Work that goes on. ``progress``: a part of 1; ``step``: what is done now, for people.
    ``connector`` is empty for work that has yet to find out."""

    id: str
    what: str
    connector: str
    by: str
    state: Literal["running", "done", "failed"] = "running"
    progress: float = 0.0
    step: str = ""
    started: str
    ended: str | None = None
    error: JobError | None = None
    result: dict[str, Any] | UnsetType = UNSET


Work = Callable[[Step], Awaitable[dict[str, Any] | None]]


class Jobs:
    """All jobs of a hub since it started. Those of one connector run one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def start(self, what: str, connector: str, by: str, work: Work) -> Job:
        """Begin work on a connector; answers at once."""
        return self._start(what, connector, by, self._in_turn(connector, work))

    def start_unnamed(self, what: str, by: str, work: Work) -> Job:
        """Begin work that has yet to find out on which connector, and then waits for its
        ``turn``; answers at once."""
        return self._start(what, "", by, work)

    def turn(self, connector: str) -> asyncio.Lock:
        """To work on a connector while nobody else does."""
        return self._turns.setdefault(connector, asyncio.Lock())

    def _in_turn(self, connector: str, work: Work) -> Work:
        async def alone(step: Step) -> dict[str, Any] | None:
            async with self.turn(connector):
                return await work(step)

        return alone

    def _start(self, what: str, connector: str, by: str, work: Work) -> Job:
        now = rfc3339(self._clock.now())
        job = Job(id=uuid4().hex, what=what, connector=connector, by=by, started=now)
        self._jobs[job.id] = job
        task = asyncio.create_task(self._run(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._forget()
        return job

    def get(self, id: str) -> Job:
        """One job as it stands. Raises ``NotFound`` (code ``no_such_job``)."""
        if id not in self._jobs:
            raise NotFound("There is no such job.", code="no_such_job")
        return self._jobs[id]

    async def close(self) -> None:
        """Give up what still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, job: Job, work: Work) -> None:
        def step(progress: float, text: str) -> None:
            job.progress, job.step = progress, text

        try:
            job.result = await work(step) or UNSET
            job.state, job.progress = "done", 1.0
        except WatchfloorError as error:
            job.state = "failed"
            job.error = JobError(error.code, error.detail, error.remedy)
        except Exception:
            log.exception("the job %r failed", job.what)
            job.state = "failed"
            job.error = JobError("internal", "The hub failed on this; its log says more.", "")
        finally:
            job.ended = rfc3339(self._clock.now())

    def _forget(self) -> None:
        for id_, job in list(self._jobs.items())[:-KEPT]:
            if job.state != "running":
                del self._jobs[id_]
