"""A hub's services in memory, as hosting knows them, and a supervisor over them."""

import asyncio
import sys
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from watchfloor.adapters.processes import Processes
from watchfloor.contracts import AskAPerson
from watchfloor.contracts.protocol import Emitted
from watchfloor.hosting import Catalogue, House, Leases, Limits, Services, Supervisor
from watchfloor.ingest.lanes import Lane
from watchfloor.ports.store import Instance, StoredDelivery

TOYS = Path(__file__).parents[2] / "sdk" / "toys"
NASTY = Path(__file__).parent / "workers" / "nasty.py"

QUICK = Limits(
    handshake_s=10, heartbeat_s=15, stop_s=1, webhook_s=5, request_s=5,
    first_wait_s=0.05, longest_wait_s=0.1, crash_loop_wait_s=0.2, attention_wait_s=0.2, look_s=0.1,
)  # fmt: skip


class MemoryHub:
    """Every port and service that hosting uses, with what a test wants to look at."""

    def __init__(self):
        self.now_us = 1_790_000_000_000_000
        self.events: dict[str, Counter] = defaultdict(Counter)
        self.batches = []
        self.rejected = []
        self.checkpoints: dict[str, bytes] = {}
        self.rows: dict[int, StoredDelivery] = {}
        self.rows_ever = 0
        self.configured: list[Instance] = []
        self.secrets = {}
        self.leased = []
        self.inventories = []
        self.lost_reasons = []
        self.assured_until = []
        self.failures: list[Exception] = []
        self.delay_s = 0.0
        self._lanes = defaultdict(lambda: Lane(self._commit))
        store = SimpleNamespace(
            log=SimpleNamespace(checkpoint=self._checkpoint),
            inbox=SimpleNamespace(waiting=self._waiting),
            instances=SimpleNamespace(all=self._all),
        )
        self.services = Services(
            ingest=SimpleNamespace(accept=self._accept),
            assets=SimpleNamespace(accept=self._assets),
            gaps=self,
            leases=Leases(SimpleNamespace(get=self._secret), self, b"key"),
        )
        self.store = store

    def now(self):
        return self.now_us

    def deliver(self, source, *bodies):
        for body in bodies:
            self.rows_ever += 1
            self.rows[self.rows_ever] = StoredDelivery(
                self.rows_ever, source, self.now_us, '{"x-id": "1"}', body
            )

    async def _accept(self, origin, emit, settles=()):
        handed = SimpleNamespace(events=emit.events, work=(origin, emit, settles))
        return await self._lanes[origin.source].commit(self._prepared(handed))

    async def _prepared(self, handed):
        await asyncio.sleep(self.delay_s)
        return handed

    async def _commit(self, batches):
        if self.failures:
            raise self.failures.pop(0)
        return [self._file(*batch.work) for batch in batches]

    def _file(self, origin, emit, settles):
        seen = self.events[origin.source]
        ids = [msgspec.json.decode(raw)["id"] for raw in emit.events]
        fresh = sum(1 for id_ in ids if not seen[id_])
        seen.update(ids)
        self.batches.append((origin, emit, tuple(settles)))
        self.rejected += emit.rejected
        if emit.checkpoint is not None:
            self.checkpoints[origin.source] = msgspec.json.encode(emit.checkpoint)
        for row in settles:
            self.rows.pop(row)
        return Emitted(accepted=fresh, duplicates=len(ids) - fresh, dead=len(emit.rejected))

    async def _assets(self, origin, params):
        self.inventories.append((origin.source, params))
        return len(params.assets)

    async def _checkpoint(self, source):
        return self.checkpoints.get(source)

    async def _waiting(self, source, after, limit):
        rows = sorted(self.rows.values(), key=lambda row: row.id)
        return [row for row in rows if row.source == source and row.id > after][:limit]

    async def _all(self):
        return self.configured

    async def _secret(self, source, name):
        if (source, name) not in self.secrets:
            raise AskAPerson(f"The credential {name} is not set.", code="credential_missing")
        return self.secrets[source, name]

    async def note(self, kind, who, what):
        self.leased.append((kind, who, what))

    async def watch(self, source, cadence_s, *, backfill): ...

    def forget(self, source): ...

    async def assured(self, source, until=None):
        self.assured_until.append((source, until))

    async def lost(self, source, reason):
        self.lost_reasons.append((source, reason))


@pytest.fixture
def limits():
    """Short waits, real limits."""
    return QUICK


@pytest.fixture
def hub():
    return MemoryHub()


@pytest.fixture
def toys(monkeypatch):
    """The toy connectors are installed, as far as the catalogue can see."""
    monkeypatch.syspath_prepend(str(TOYS))


@pytest.fixture
async def supervise(hub, toys):
    """``await supervise({...config}, nasty="floods", limits=QUICK)``: a supervisor with one
    source, ``toy-1``, of the connector ``toy`` or another; stopped at the end."""
    started = []

    async def start(config=None, *, connector="toy", nasty=None, limits=QUICK, enabled=True):
        command = (NASTY, nasty) if nasty else (TOYS / "run_worker.py",)
        house = House(
            catalogue=Catalogue(),
            store=hub.store,
            workers=Processes([sys.executable, *map(str, command)]),
            services=hub.services,
            clock=hub,
            limits=limits,
        )
        hub.configured = [Instance("toy-1", connector, "Toy", config or {}, enabled=enabled)]
        supervisor = Supervisor(house)
        started.append(supervisor)
        await supervisor.start()
        return supervisor

    yield start
    for supervisor in started:
        await supervisor.stop()


@pytest.fixture
def until():
    """``await until(lambda: condition)``: soon, or the test fails."""

    async def wait(condition, deadline_s=10.0):
        async with asyncio.timeout(deadline_s):
            while not condition():
                await asyncio.sleep(0.01)

    return wait
