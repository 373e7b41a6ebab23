"""One rehearsal: a simulator, a hub double, and worker processes that come and go between them."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from watchfloor.contracts import ActionRequest, LookupRequest, WatchfloorError
from watchfloor.contracts import protocol as p
from watchfloor_sdk.simulation import Fault, HttpSimulator, Setup, Simulator
from watchfloor_sdk.simulation.records import Change, changed
from watchfloor_sdk.testing.contract import EVERY_S, door, pump
from watchfloor_sdk.testing.harness import SOURCE, Worker, worker_process
from watchfloor_sdk.testing.hub import HubDouble

from .connections import watch
from .rule import Broken, Inapplicable
from .subject import Subject

_WATCHED = (sys.executable, "-I", "-m", "watchfloor_sdk.check.watched")
SHOWN = 40
"""Happenings and requests of a demonstration, which may go on without end."""
_AGO = timedelta(minutes=1)
_STEP = timedelta(milliseconds=10)


Request = TypeVar("Request", LookupRequest, ActionRequest)


class _Hub(HubDouble):
    """A hub double whose mail may be spoilt on the way. ``delivered`` is what came by it."""

    change: Change | None = None
    most: int | None = None

    def __init__(self, credentials: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(credentials, delay_s=0.01)
        self.delivered: list[p.Delivery] = []

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """A store that files nothing: answers are late."""
        async with self._filing:
            yield

    def roomy(self) -> None:
        """Credits as a hub gives them, and no delay: for measurements."""
        self.window = p.Credits(events=20_000, bytes=32 * 1024 * 1024)
        self._delay_s = 0.0

    def deliver(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        if self.change is not None:
            body, count = changed(body, self.change, self.most)
            self.most = None if self.most is None else self.most - count
        super().deliver(body, headers)
        self.delivered.append(next(reversed(self.inbox.values())))


class Stage:
    """What a rule works with. ``fed`` counts the happenings so far; ``connected`` are the
    ``host:port`` that workers of the SDK went to."""

    def __init__(self, subject: Subject, simulator: Simulator, setup: Setup, folder: Path) -> None:
        self.subject = subject
        self.simulator = simulator
        self.setup = setup
        self.hub = _Hub(setup.credentials)
        self.config: dict[str, Any] = {**setup.config, "every_s": EVERY_S}
        self.fed = 0
        self._began = datetime.now(UTC) - _AGO
        self._furnished = False
        self._folder = folder
        self._seen: set[str] = set()

    @property
    def vendor(self) -> HttpSimulator:
        """The simulator, which plays faults. Raises ``Inapplicable`` where the rehearsal goes over
        no network."""
        if not self.subject.hosts(self.config):
            raise Inapplicable("In its rehearsal it asks no host.")
        if not isinstance(self.simulator, HttpSimulator):
            raise Inapplicable("Its simulator answers no HTTP.")
        return self.simulator

    @asynccontextmanager
    async def worker(self, *, watched: bool = False) -> AsyncIterator[Worker]:
        """A worker process after its handshake; webhooks are handed over as they come. What it
        connects to is looked at closely where it is ``watched``."""
        async with self.raw_worker() as worker:
            ready = await worker.peer.request(
                "initialize", self.params(self.config), self.subject.patience_s
            )
            capabilities = msgspec.json.decode(ready, type=p.Initialized).capabilities
            beside = [
                asyncio.create_task(pump(self.hub, worker, "webhook" in capabilities)),
                *([asyncio.create_task(watch(worker.process, self._seen))] if watched else []),
            ]
            try:
                yield worker
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    @asynccontextmanager
    async def raw_worker(self) -> AsyncIterator[Worker]:
        """A worker process before its handshake."""
        command = self.subject.command or (*_WATCHED, str(self._folder / "connected"))
        with self._errors.open("ab") as stderr:
            async with worker_process(self.subject.id, self.hub, command, stderr=stderr) as worker:
                yield worker

    def params(self, settings: Mapping[str, Any]) -> p.Initialize:
        """The handshake, with the hosts that the manifest declares and no others."""
        hosts = self.subject.hosts(self.config)
        return p.Initialize(
            protocol=p.PROTOCOL,
            instance=SOURCE,
            source=SOURCE,
            connector=self.subject.id,
            config=dict(settings),
            hosts=hosts,
            internal_hosts=hosts,
            credits=self.hub.window,
            checkpoint=self.hub.checkpoint,
        )

    def happenings(self, count: int) -> Iterator[Any]:
        """The next ``count`` of the rehearsal, within the last minute."""
        for number in range(self.fed, self.fed + count):
            yield self.simulator.rehearse(number, self._began + number * _STEP)
        self.fed += count

    def questions(self) -> list[LookupRequest]:
        """The first of each look-up that its rehearsal asks. Raises ``Broken`` where there should
        be one and is none."""
        return self._first("lookup", LookupRequest, lambda one: one.offer)

    def orders(self) -> list[ActionRequest]:
        """The first of each action, likewise."""
        return self._first("action", ActionRequest, lambda one: one.action)

    async def work(self, worker: Worker, count: int, deadline_s: float | None = None) -> None:
        """What it is for: ``count`` records arrive, questions are asked, actions done."""
        if self.subject.brings:
            self.feed(count)
            await self.arrive(deadline_s)
        for question in self.questions():
            await worker.ask(question)
        for order in self.orders():
            with suppress(WatchfloorError):  # what becomes of it is another rule's
                await worker.act(order)

    def feed(self, count: int) -> None:
        """``count`` happenings more."""
        for happening in self.happenings(count):
            self.simulator.feed(happening)

    def change(self, change: Change, *, most: int | None = None) -> None:
        """From now on records come changed: in the vendor's answers and in its webhooks."""
        self.hub.change, self.hub.most = change, most
        if isinstance(self.simulator, HttpSimulator):
            fault = Fault.changing(change, most=most)
            self.simulator.faults.always(fault, path=self.simulator.records_path)

    def heal(self) -> None:
        """The vendor has mended it."""
        self.hub.change = None
        if isinstance(self.simulator, HttpSimulator):
            self.simulator.faults.clear()

    @property
    def source(self) -> str:
        """The name under which the worker works."""
        return SOURCE

    async def arrive(self, deadline_s: float | None = None) -> None:
        """Wait until all that happened and all that was handed out has arrived, as long as the
        subject's patience lasts unless told otherwise. Raises ``Broken``."""
        within = deadline_s or self.subject.patience_s
        await self.until(self._whole, lambda: self._missing(within), within)

    async def calm(self) -> None:
        """Wait until nothing new has come for some cadences."""
        seen, quiet = len(self.hub.events), 0
        while quiet < 4:
            await asyncio.sleep(EVERY_S)
            quiet = quiet + 1 if len(self.hub.events) == seen else 0
            seen = len(self.hub.events)

    async def until(
        self,
        condition: Callable[[], bool],
        otherwise: Callable[[], str],
        deadline_s: float | None = None,
    ) -> None:
        """Wait for it, likewise. Raises ``Broken`` with what ``otherwise`` says."""
        try:
            await self.hub.until(condition, deadline_s or self.subject.patience_s)
        except TimeoutError:
            raise Broken(otherwise()) from None

    def _furnish(self) -> None:
        """The vendor gets what can be asked for, once."""
        if not self._furnished:
            self._furnished = True
            for happening in islice(self.simulator.demo(), SHOWN):
                self.simulator.feed(happening)

    def _first(
        self, capability: str, kind: type[Request], name: Callable[[Request], str]
    ) -> list[Request]:
        if capability not in self.subject.manifest.capabilities:
            return []
        self._furnish()
        told = [one for one in islice(self.simulator.demo_requests(), SHOWN)
                if isinstance(one, kind)]  # fmt: skip
        found = {name(one): one for one in reversed(told)}
        if not found:
            raise Broken(f"Its simulator's demo_requests has no {capability}.")
        return list(found.values())

    @property
    def problems(self) -> list[p.Problem]:
        """What heartbeats said was wrong, in order."""
        return [beat.problem for beat in self.hub.heartbeats if beat.problem]

    @property
    def said(self) -> str:
        """All that the worker has told people: its log, its problems, the reasons of rejected
        records, its standard error."""
        problems = (f"{one.code} {one.detail} {one.remedy}" for one in self.problems)
        rejected = (f"{one.code} {one.detail}" for one in self.hub.rejected)
        logged = (line.message for line in self.hub.logged)
        return "\n".join(
            [*logged, *problems, *rejected, self._errors.read_text("utf-8", "replace")]
        )

    @property
    def connected(self) -> set[str]:
        """Where its workers connected to, as ``host:port``: by Python's own account, and by the
        system's, which sees what lasts some milliseconds."""
        lines: list[str] = []
        with suppress(FileNotFoundError):
            lines = (self._folder / "connected").read_text().splitlines()
        return self._seen | {":".join(line.rsplit(" ", 1)) for line in lines}

    @property
    def _errors(self) -> Path:
        return self._folder / "stderr"

    def _whole(self) -> bool:
        arrived, ledger = self.hub.events.keys(), self.simulator.ledger
        return (
            len(arrived) >= self.fed
            and not self.hub.inbox
            and all(one in arrived for one in ledger)
        )

    def _missing(self, deadline_s: float) -> str:
        arrived = len(self.hub.events.keys() & set(self.simulator.ledger))
        last = self.problems[-1:]
        problem = f" The last problem: {last[0].code}: {last[0].detail}" if last else ""
        told = len(self.simulator.ledger)
        withheld = (
            f" The simulator was fed {self.fed} happenings and handed out {told}: where it keeps "
            "to a limit of its vendor's, `rehearsing` makes one that does not."
            if arrived == told < self.fed
            else ""
        )
        return (
            f"Within {deadline_s:g} s {arrived} of {told} records arrived, "
            f"{len(self.hub.rejected)} were rejected.{problem}{withheld}"
        )


@asynccontextmanager
async def stage(subject: Subject, simulator: Simulator | None = None) -> AsyncIterator[Stage]:
    """The simulator runs (the connector's own, unless another is given), webhooks have a door.
    Raises ``Broken``."""
    simulator = simulator or subject.simulator()
    setup = await simulator.start()
    try:
        with tempfile.TemporaryDirectory(prefix="watchfloor-check-") as folder:
            (Path(folder) / "stderr").touch()
            made = Stage(subject, simulator, setup, Path(folder))
            async with door(made.hub, simulator):
                try:
                    yield made
                except WatchfloorError as error:
                    raise Broken(f"{error.code}: {error.detail}") from None
    finally:
        await simulator.stop()
