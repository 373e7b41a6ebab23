"""Long work on one connector goes one after the other, whatever it came by."""

from __future__ import annotations

import asyncio

from watchfloor.adapters.clock import SystemClock
from watchfloor.registry import Jobs


async def test_work_that_finds_out_its_connector_later_waits_for_its_turn():
    jobs, order, go = Jobs(SystemClock()), [], asyncio.Event()

    async def named(step):
        order.append("named begins")
        await go.wait()
        order.append("named ends")

    async def unnamed(step):
        order.append("unnamed begins")
        async with jobs.turn("toy"):
            order.append("unnamed's turn")

    started = [jobs.start("install", "toy", "Alex", named)]
    started += [jobs.start_unnamed("install-bundle", "Alex", unnamed)]
    other = jobs.start("install", "other", "Alex", named)
    async with asyncio.timeout(2):
        while len(order) < 3:
            await asyncio.sleep(0)
        go.set()
        while any(job.state == "running" for job in (*started, other)):
            await asyncio.sleep(0)
    assert order.index("unnamed's turn") > order.index("named ends")
    assert order[:3] == ["named begins", "unnamed begins", "named begins"]
