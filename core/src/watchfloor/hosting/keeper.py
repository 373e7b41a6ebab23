"""Keeps one instance's worker running: starts it, says how it fares, starts it again.

It never gives up: after a crash it waits a little longer each time; in a crash loop it tries every
minute, and says so all the while.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    LookupAnswer,
    LookupRequest,
    RetryLater,
    WatchfloorError,
)
from watchfloor.contracts import protocol as p
from watchfloor.contracts.protocol import Message
from watchfloor.ports.store import Instance, Store
from watchfloor.ports.world import Clock, Workers

from .catalogue import Catalogue
from .deliveries import Deliveries, Suspects
from .questions import Hear
from .role import role_of
from .services import Services
from .session import Session
from .states import Ended, Limits, State, StateName

log = logging.getLogger(__name__)
T = TypeVar("T")

SWITCHED_OFF = "It is switched off."


@dataclass(frozen=True, slots=True)
class House:
    """What all keepers share."""

    catalogue: Catalogue
    store: Store
    workers: Workers
    services: Services
    clock: Clock
    limits: Limits


class Keeper:
    """One instance. ``changed`` is called with each new state."""

    def __init__(self, house: House, instance: Instance, changed: Callable[[State], None]) -> None:
        self.instance = instance
        self._house = house
        self._changed = changed
        self._state = State(instance.id, "stopped", house.clock.now(), reason=SWITCHED_OFF)
        self._crashes: deque[float] = deque()
        self._suspects = Suspects()
        self._session: Session | None = None
        self._deliveries: Deliveries | None = None
        self._running: asyncio.Task[None] | None = None
        self._failures = 0
        self._looping = False

    def start(self) -> None:
        """Begin to keep it running."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._keep())

    async def stop(self, reason: str = SWITCHED_OFF) -> None:
        """Let the worker finish what is in hand, and start no other."""
        running, self._running = self._running, None
        if running is not None:
            if self._session is not None and self._session.ready.is_set():
                await self._session.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        self._house.services.gaps.forget(self.instance.id)
        self._become("stopped", reason=reason)

    def state(self) -> State:
        """How it fares, with measurements of now."""
        session = self._session
        if session is None:
            return self._state
        return replace(
            self._state,
            pid=session.process.pid,
            memory_mb=session.process.memory_mb(),
            lag_s=session.lag_s,
            confinement=session.process.confinement,
            skew_s=session.skew_s,
        )

    def nudge(self) -> None:
        """There is something in its inbox."""
        if self._deliveries is not None:
            self._deliveries.nudge()

    async def check(self) -> p.CheckResult:
        """Let the worker try settings, credentials and hosts. Raises ``RetryLater``."""
        limit = self._house.limits.request_s
        return await self._ready().line.request("check", {}, p.CheckResult, limit)

    async def fetch_media(self, handle: str) -> p.MediaResult:
        """Let the worker fetch one picture, clip or recording. Raises the worker's errors."""
        limit, params = self._house.limits.request_s, p.MediaParams(handle=handle)
        return await self._ready().line.request("fetch_media", params, p.MediaResult, limit)

    async def lookup(self, request: LookupRequest, hear: Hear) -> LookupAnswer:
        """Let the worker ask. Raises ``RetryLater``."""
        return await self._ready().lookup(request, hear)

    async def act(self, request: ActionRequest) -> ActionReceipt:
        """Let the worker do it. Raises the worker's errors."""
        return await self._ready().act(request, self._house.limits.request_s)

    async def ask(self, method: str, params: Message, result: type[T]) -> T:
        """Ask the worker by a method of the protocol. Raises the worker's errors."""
        return await self._ready().line.request(
            method, params, result, self._house.limits.request_s
        )

    def _ready(self) -> Session:
        if self._session is None or not self._session.ready.is_set():
            raise RetryLater(
                f"The worker of {self.instance.id} is not running ({self._state.state}).",
                code="worker_not_running",
            )
        return self._session

    async def _keep(self) -> None:
        while True:
            self._become("starting")
            ended = await self._run_guarded()
            if ended.orderly:
                return
            await asyncio.sleep(self._after(ended))

    async def _run_guarded(self) -> Ended:
        """One run. Whatever fails, the keeper goes on and says why."""
        try:
            ended = await self._run_once()
            if not ended.orderly:
                await self._house.services.gaps.lost(self.instance.id, ended.reason)
            return ended
        except RetryLater as error:
            return Ended(error.code, error.detail, error.remedy)
        except WatchfloorError as error:
            return Ended(error.code, error.detail, error.remedy, attention=True)
        except Exception:
            log.exception("keeping %s failed", self.instance.id)
            return Ended("hub_error", "The hub failed on this source; its log says more.")

    async def _run_once(self) -> Ended:
        house = self._house
        manifest = house.catalogue.manifest(self.instance.connector)
        checkpoint = await house.store.log.checkpoint(self.instance.id)
        role = role_of(self.instance, manifest, checkpoint)
        cadence_s = float(role.config.get("every_s", manifest.cadence.every_s))
        await house.services.gaps.watch(self.instance.id, cadence_s, backfill=manifest.backfill)
        process = await house.workers.start(
            manifest.id, self.instance.id, manifest.memory_mb, paths=role.paths
        )
        session = Session(process, role, house.services, house.limits, self._said)
        try:
            return await self._run(session)
        finally:
            self._session = self._deliveries = None

    async def _run(self, session: Session) -> Ended:
        self._session = session
        origin, house = session.role.origin, self._house
        self._deliveries = deliveries = Deliveries(
            session.line, origin, house.store.inbox, house.services, house.limits,
            self._suspects, session.blocked,
        )  # fmt: skip
        jobs = [lambda: self._welcome(session)]
        if "webhook" in session.role.manifest.capabilities:
            jobs.append(deliveries.run)
        ended = await session.run(jobs)
        if not ended.orderly:
            self._suspects.died_over(deliveries.in_hand)
        return ended

    async def _welcome(self, session: Session) -> None:
        """The worker is ready. Having run for a while, it starts with a clean slate."""
        self._said(session.problem())
        await asyncio.sleep(self._house.limits.crash_window_s)
        self._failures, self._looping = 0, False
        await asyncio.Event().wait()

    def _said(self, problem: p.Problem | None) -> None:
        if problem is None:
            self._become("running")
        else:
            state: StateName = "needs_attention" if problem.attention else "degraded"
            self._become(state, problem.code, problem.detail, problem.remedy)

    def _after(self, ended: Ended) -> float:
        """Show why it ended; answers the seconds until the next start."""
        limits = self._house.limits
        if ended.attention:
            self._become("needs_attention", ended.code, ended.in_full, ended.remedy)
            return limits.attention_wait_s
        self._failures += 1
        self._looping = self._looping or self._count_crash() >= limits.crash_loop_after
        if self._looping:
            self._become("crash_loop", ended.code, ended.in_full, ended.remedy)
            return limits.crash_loop_wait_s
        self._become("backing_off", ended.code, ended.in_full, ended.remedy)
        wait = min(limits.longest_wait_s, limits.first_wait_s * 2.0 ** (self._failures - 1))
        return wait * random.uniform(0.75, 1.25)  # noqa: S311 - spreads starts

    def _count_crash(self) -> int:
        now = asyncio.get_running_loop().time()
        self._crashes.append(now)
        while self._crashes[0] < now - self._house.limits.crash_window_s:
            self._crashes.popleft()
        return len(self._crashes)

    def _become(self, state: StateName, code: str = "", reason: str = "", remedy: str = "") -> None:
        """A new state, told when anything of it differs. A crash loop stays visible while the
        next try starts: it is over when a worker has run, not when one was started."""
        before = self._state
        if state == "starting" and before.state == "crash_loop":
            return
        if (before.state, before.code, before.reason) == (state, code, reason):
            return
        now = self._house.clock.now()
        self._state = State(
            source=self.instance.id,
            state=state,
            since=before.since if state == before.state else now,
            code=code,
            reason=reason,
            remedy=remedy,
            crashes=len(self._crashes),
        )
        self._changed(self._state)
