"""One run of a worker: from its first line to its end, and why it ended.

A worker is a stranger. Whatever it writes, at whatever speed, is bounded here; what breaks the
protocol ends it with a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NoReturn

import msgspec

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    AskAPerson,
    GiveUp,
    LookupAnswer,
    LookupRequest,
    RetryLater,
    WatchfloorError,
    rpc,
)
from watchfloor.contracts import protocol as p
from watchfloor.ports.world import WaysOut, WorkerProcess

from .credit import Account
from .in_order import InOrder, Pending
from .knowing import action_told, lookup_told
from .leases import open_parts
from .line import Line
from .questions import Hear, Questions
from .redaction import Redactor
from .role import Role
from .services import Services
from .states import Ended, Limits, SessionOver

log = logging.getLogger(__name__)

MOST_REQUESTS = 64
"""Of one worker, at work at the same time."""
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Session:
    """Speaks the protocol with one process. ``said`` is called with each news of its health:
    a problem, or ``None`` when there is none."""

    def __init__(
        self,
        process: WorkerProcess,
        role: Role,
        services: Services,
        limits: Limits,
        said: Callable[[p.Problem | None], None],
    ) -> None:
        self.process = process
        self.role = role
        self.line = Line(process)
        self.lag_s: float | None = None
        self.skew_s: float | None = None
        self.ready = asyncio.Event()
        self._services = services
        self._limits = limits
        self._said = said
        self._redactor = Redactor()
        self._leased: dict[str, Mapping[str, str]] = {}
        self._batches = InOrder(self._file, self._durable, self.blocked)
        self._questions = Questions(self.line, role.origin.uri)
        self._problem: p.Problem | None = None
        self._store_problem: p.Problem | None = None
        self._egress_problem: p.Problem | None = None
        self._egress: p.Egress | None = None
        self._account = Account(limits)
        self._looks_without_beat = 0
        self._messages = 0
        self._log_lines = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._renewals: set[asyncio.Task[Any]] = set()
        self._stopping = False
        self._knows: frozenset[str] = frozenset()

    async def run(self, besides: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()) -> Ended:
        """Until it ends. Nothing of it is left afterwards: no process, no task.

        ``besides`` are jobs that run once the worker is ready.
        """
        leases, source = self._services.leases, self.role.origin.source
        with contextlib.ExitStack() as stack:
            if self._services.ways_out:
                self._egress = stack.enter_context(self._admitted(self._services.ways_out))
            async with leases.held_by(source, self.process):
                await self._learn_secrets()
                return await self._run(besides)

    async def _learn_secrets(self) -> None:
        """Also those that it has not leased: the vendor knows them from earlier runs."""
        manifest = self.role.manifest
        known = await self._services.leases.secrets_of(self.role.origin.source, manifest)
        for name, value in known.items():
            self._redactor.learn(value, open_parts(manifest, name))

    def _admitted(self, ways_out: WaysOut) -> contextlib.AbstractContextManager[p.Egress]:
        source, hosts = self.role.origin.source, self.role.hosts
        return ways_out.admitted(
            source, self.process.pid, hosts.allowed, hosts.internal, self._strayed
        )

    def _strayed(self, problem: p.Problem | None) -> None:
        """It asked for a host that it may not reach; or, with ``None``, that is over."""
        if problem is not None:
            problem.detail = self._clean(problem.detail)
        if problem != self._egress_problem:
            self._egress_problem = problem
            self._said(self.problem())

    async def _run(self, besides: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> Ended:
        jobs = [
            asyncio.create_task(job)
            for job in (self._read(), self.line.run(), self._batches.run(), self._watch())
        ]
        try:
            await self._shake_hands(jobs)
            jobs += [asyncio.create_task(job()) for job in besides]
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            return await self._why(jobs)
        except SessionOver as over:
            return over.ended
        finally:
            self.process.kill()
            if self._renewals:  # the vendor takes the old ones no more
                await asyncio.wait(self._renewals, timeout=self._limits.request_s)
            for task in (*jobs, *self._tasks):
                task.cancel()
            await asyncio.gather(*jobs, *self._tasks, return_exceptions=True)
            await self.process.wait()

    async def stop(self) -> None:
        """Ask it to finish what is in hand; whoever runs the session sees it end."""
        self._stopping = True
        deadline = self._limits.stop_s
        try:
            params = p.StopParams(deadline_s=deadline)
            await self.line.request("stop", params, dict[str, Any], deadline)
        except WatchfloorError:
            self.process.kill()
            return
        try:
            async with asyncio.timeout(deadline):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()

    async def lookup(self, request: LookupRequest, hear: Hear) -> LookupAnswer:
        """Ask; ``hear`` is called with what is found as it comes. Raises ``RetryLater``."""
        return await self._questions.ask(lookup_told(request, self._knows), hear)

    async def act(self, request: ActionRequest, deadline_s: float) -> ActionReceipt:
        """Do it outside. Raises the worker's errors, and ``RetryLater`` when it is silent."""
        told = action_told(request, self._knows)
        return await self.line.request("act", told, ActionReceipt, deadline_s)

    def problem(self) -> p.Problem | None:
        """What is wrong now; what the hub finds comes before what the worker says."""
        return self._store_problem or self._egress_problem or self._problem

    def complaints(self) -> list[str]:
        """The last lines of its standard error, without credentials."""
        return [self._redactor.clean(text) for text in self.process.complaints()]

    async def _shake_hands(self, jobs: Sequence[asyncio.Future[None]]) -> None:
        params = self.role.initialize(self._account.balance(), self._egress)
        limit = self._limits.handshake_s
        asking: asyncio.Task[p.Initialized] = asyncio.create_task(
            self.line.request("initialize", params, p.Initialized, limit)
        )
        self._tasks.add(asking)  # ended with the session, also when that is cancelled now
        first: list[asyncio.Future[Any]] = [asking, *jobs]
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            asking.cancel()
            raise SessionOver(await self._why(jobs))
        try:
            answer = asking.result()
        except RetryLater as error:
            raise self._unstarted("no_handshake", error.detail) from None
        except WatchfloorError as error:
            raise self._unstarted(error.code, error.detail, error.remedy, attention=True) from None
        if answer.connector != self.role.manifest.id:
            raise self._unstarted("wrong_connector", f"It is {answer.connector:.80}.")
        self._knows = frozenset(answer.knows)
        self._looks_without_beat = 0
        self.ready.set()

    async def _read(self) -> None:
        try:
            async for line in self.process.lines():
                self._take(self._frame(line), len(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._over("garbage", "The worker wrote something that is not the protocol.")
        except ValueError:
            self._over("line_too_long", f"The worker wrote more than {p.MAX_LINE} bytes in a line.")

    def _frame(self, line: bytes) -> p.Frame:
        """What it said, without the credentials that it was handed: a vendor may echo them, and
        from here on it is filed, answered and shown. But what is to be sealed stays whole."""
        cleansed = self._redactor.cleanse(line)
        frame = rpc.read(cleansed)
        if cleansed is not line and frame.method == "credential_renewed":
            return rpc.read(line)
        return frame

    def _take(self, frame: p.Frame, size: int) -> None:
        if frame.method == "emit" and frame.id is not None:
            self._emit(frame.id, msgspec.json.decode(frame.params, type=p.Emit), size)
            return
        self._messages += 1
        if self._messages > self._limits.messages_per_look:
            self._over("flood", "The worker writes more messages than anybody could read.")
        if frame.method is None:
            self.line.settle(frame)
        elif frame.method == "heartbeat":
            self._heartbeat(msgspec.json.decode(frame.params, type=p.Heartbeat))
        elif frame.method == "log":
            self._log(msgspec.json.decode(frame.params, type=p.LogLine))
        elif frame.method == "found":
            self._questions.found(msgspec.json.decode(frame.params, type=p.Found))
        elif frame.id is not None:
            if len(self._tasks) > MOST_REQUESTS:
                self._over("flood", "The worker asks more than it waits for.")
            serving = self._spawn(self._serve(frame.id, frame.method, frame.params))
            if frame.method == "credential_renewed":
                self._renewals.add(serving)
                serving.add_done_callback(self._renewals.discard)

    def _emit(self, id: int, emit: p.Emit, size: int) -> None:
        if not self._account.spend(len(emit.events), size):
            self._over("flood", "The worker sent more than its credits.")
        if emit.pointers and len(emit.pointers) != len(emit.events):
            self._over("pointers_mismatch", "A batch has pointers, and not one for each event.")
        self._batches.put(id, emit, size)

    async def _file(self, emit: p.Emit) -> p.Emitted:
        return await self._services.ingest.accept(self.role.origin, emit)

    def _durable(self, batch: Pending, emitted: p.Emitted) -> None:
        self.line.answer(batch.id, emitted)
        self._account.earn(len(batch.emit.events), batch.size)
        self._pay()
        if batch.emit.assured_until:
            self._assure(batch.emit.assured_until)

    def _pay(self) -> None:
        if paid := self._account.pay(self._batches.oldest_s()):
            self.line.send(rpc.notification("credit", paid))

    def _assure(self, until: str) -> None:
        self._spawn(self._services.gaps.assured(self.role.origin.source, until))

    def blocked(self, error: WatchfloorError | None) -> None:
        """The store refuses what this worker hands over; or, with ``None``, it does no more."""
        self._store_problem = _problem(error) if error else None
        self._said(self.problem())

    def _heartbeat(self, beat: p.Heartbeat) -> None:
        self._looks_without_beat = 0
        self.lag_s = beat.lag_s
        certain = beat.skew_s is not None and abs(beat.skew_s) > (beat.skew_error_s or 0.0)
        self.skew_s = beat.skew_s if certain else None
        if beat.assured_until:
            self._assure(beat.assured_until)
        if beat.problem:
            beat.problem.detail = self._clean(beat.problem.detail)
        if beat.problem != self._problem:
            self._problem = beat.problem
            self._said(self.problem())

    def _log(self, line: p.LogLine) -> None:
        self._log_lines += 1
        if self._log_lines <= self._limits.log_lines_per_look:
            message = self._clean(line.message)
            log.log(_LEVELS[line.level], "%s: %s", self.role.origin.source, message)

    async def _serve(self, id: int, method: str, params: msgspec.Raw) -> None:
        try:
            self.line.answer(id, await self._answered(method, params))
        except WatchfloorError as error:
            self.line.refuse(id, error)
        except msgspec.DecodeError:
            self.line.refuse(id, GiveUp(f"Not the params of {method[:80]}.", code="bad_params"))
        except Exception:
            self.line.refuse(id, RetryLater("The hub failed on this.", code="hub_error"))
            raise

    async def _answered(self, method: str, params: msgspec.Raw) -> Any:
        if method == "credential":
            wanted = msgspec.json.decode(params, type=p.CredentialParams)
            source, manifest = self.role.origin.source, self.role.manifest
            value = await self._services.leases.lease(
                source, manifest, wanted.name, self.process.pid
            )
            self._redactor.learn(value, open_parts(manifest, wanted.name))
            self._leased[wanted.name] = value
            return dict(value)
        if method == "credential_renewed":
            await self._renew(msgspec.json.decode(params, type=p.CredentialRenewed))
            return {}
        if method == "assets":
            listed = msgspec.json.decode(params, type=p.AssetsParams)
            return {"changed": await self._services.assets.accept(self.role.origin, listed)}
        raise GiveUp(f"The hub has no method {method[:80]!r}.", code="no_such_method")

    async def _renew(self, renewed: p.CredentialRenewed) -> None:
        """Keep what the vendor gave in exchange for what this worker was handed."""
        source, manifest = self.role.origin.source, self.role.manifest
        self._redactor.learn(renewed.fields, open_parts(manifest, renewed.name))
        self._leased[renewed.name] = await self._services.leases.renew(
            source, manifest, renewed, self._leased.get(renewed.name)
        )

    async def _watch(self) -> None:
        """Look at heartbeat and memory. Looks are counted, not seconds: if it was the hub that
        stood still, the worker is not to blame."""
        allowed = self._limits.heartbeat_s / self._limits.look_s
        while True:
            await asyncio.sleep(self._limits.look_s)
            self._look_at_memory()
            self._pay()
            self._forget_counts()
            self._looks_without_beat += 1
            if self.ready.is_set() and self._looks_without_beat > allowed:
                limit = self._limits.heartbeat_s
                self._over("no_heartbeat", f"No sign of life for {limit:g} s.")

    def _look_at_memory(self) -> None:
        used, allowed = self.process.memory_mb(), self.role.manifest.memory_mb
        if used is not None and used > allowed:
            self._over("memory", f"The worker used {used:.0f} MB of memory; {allowed} are allowed.")

    def _forget_counts(self) -> None:
        if (dropped := self._log_lines - self._limits.log_lines_per_look) > 0:
            log.warning("%s: %d more log lines dropped", self.role.origin.source, dropped)
        self._log_lines = self._messages = 0

    async def _why(self, jobs: Sequence[asyncio.Future[None]]) -> Ended:
        """The reason that the first finished job gives; a closed line is explained by the exit."""
        for job in jobs:
            error = job.exception() if job.done() else None
            if isinstance(error, SessionOver):
                return error.ended
            if error is not None and not isinstance(error, BrokenPipeError):
                log.error("the session of %s failed", self.role.origin.source, exc_info=error)
                return Ended("hub_error", "The hub failed on this worker's messages.")
        try:
            async with asyncio.timeout(self._limits.look_s * 2):
                status = await self.process.wait()
        except TimeoutError:
            return Ended("closed_output", "The worker closed its output and went on running.")
        return self._exit(status)

    def _exit(self, status: int) -> Ended:
        if self._stopping:
            return Ended("stopped", "It was asked to stop.", orderly=True)
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        words = "".join(self.complaints()[-1:])
        return Ended("exited", f"The worker ended {how}.", words=words)

    def _clean(self, text: str) -> str:
        return self._redactor.clean(text[:2000])

    def _over(self, code: str, reason: str) -> NoReturn:
        raise SessionOver(Ended(code, reason))

    def _unstarted(self, code: str, words: str, remedy: str = "", **more: bool) -> SessionOver:
        reason = "The worker did not start."
        return SessionOver(Ended(code, reason, remedy, words=self._clean(words), **more))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Side work must not end a session; what failed is said again with the next news."""
        try:
            await work
        except WatchfloorError as error:
            log.warning("%s: %s", self.role.origin.source, error.detail)
        except Exception:
            log.exception("side work of %s failed", self.role.origin.source)


def _problem(error: WatchfloorError) -> p.Problem:
    attention = isinstance(error, AskAPerson)
    return p.Problem(code=error.code, detail=error.detail, remedy=error.remedy, attention=attention)
