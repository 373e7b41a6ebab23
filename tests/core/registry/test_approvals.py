"""An approval counts from the moment that it is on the ledger."""

from __future__ import annotations

import asyncio
import json

from toy_index import manifest

from watchfloor.contracts import Impact
from watchfloor.hosting import parse_manifest
from watchfloor.ports.store import Instance
from watchfloor.registry import Approvals

TOY = parse_manifest(json.dumps(manifest("toy", "1.0.0", hosts=[])).encode())
SOURCE = Instance("t1", "toy", "Toy", {})


class SlowLedger:
    """Reading takes until ``read`` is set, as of a ledger with a hundred thousand notes."""

    def __init__(self):
        self.rows, self.read, self.asked = [], asyncio.Event(), asyncio.Event()

    async def note(self, kind, who, what):
        self.rows.insert(0, {"at": 1, "who": who, "what": what})

    async def notes(self, kind, limit):
        found = list(self.rows)
        self.asked.set()
        await self.read.wait()
        return found


async def test_one_that_comes_while_the_ledger_is_read_is_not_forgotten():
    ledger = SlowLedger()
    approvals = Approvals(ledger)
    looking = asyncio.create_task(approvals.view(SOURCE, TOY))
    await ledger.asked.wait()
    approving = asyncio.create_task(
        approvals.approve(SOURCE, TOY, Impact(data="-", legal_basis="-", retention_days=1), "Alex")
    )
    await asyncio.sleep(0)
    ledger.read.set()
    await asyncio.gather(looking, approving)
    assert (await approvals.view(SOURCE, TOY)).approved.by == "Alex"
