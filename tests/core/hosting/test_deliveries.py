"""Webhooks from the inbox through the worker: none lost, none stuck, bad ones set aside."""

import asyncio
import json
from types import SimpleNamespace

import msgspec
import pytest

from watchfloor.contracts import RetryLater
from watchfloor.hosting import Limits
from watchfloor.hosting.deliveries import Deliveries, Suspects
from watchfloor.ingest import Origin


async def test_a_bad_delivery_is_set_aside_and_the_rest_flows(hub, supervise, until):
    supervisor = await supervise()
    hub.deliver(
        "toy-1", b'{"number": 1}', b"not json", b'{"give_up": 1}', b'{"number": 2}', b"\xff"
    )
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows)
    assert set(hub.events["toy-1"]) == {"read-1", "read-2"}
    raws = {record.raw: record.code for record in hub.rejected}
    assert raws["not json"] == "mapping_failed"
    assert raws['{"give_up": 1}'] == "empty"
    assert len(raws) == 3, "the undecodable one as well"


async def test_each_event_points_into_the_bodies_as_they_came(hub, supervise, until):
    supervisor = await supervise()
    hub.deliver("toy-1", b'{"number": 7, "extra": [1]}', b"\xff\xfe", b'{"number": 8}')
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows)
    [(_, emit, settles)] = hub.batches
    page = json.loads(emit.raw.body)
    assert emit.pointers == ["/0", "/2"]
    assert page[0] == {"number": 7, "extra": [1]}
    assert page[2] == {"number": 8}
    assert settles == (1, 2, 3)


async def test_rows_wait_while_the_worker_is_down(hub, supervise, until):
    hub.deliver("toy-1", b'{"number": 1}')
    supervisor = await supervise(enabled=False)
    supervisor.nudge("toy-1")
    assert hub.rows
    await supervisor.restart("toy-1")
    hub.configured[0].enabled = True
    await supervisor.apply(hub.configured[0])
    await until(lambda: not hub.rows)
    assert list(hub.events["toy-1"]) == ["read-1"]


async def test_one_that_ends_the_worker_does_not_hold_up_the_rest(hub, supervise, until):
    supervisor = await supervise()
    bodies = [b'{"number": %d}' % number for number in range(30)]
    hub.deliver("toy-1", *bodies[:15], b'{"die": 1}', *bodies[15:])
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows, 40)
    assert len(hub.events["toy-1"]) == 30
    assert [record.code for record in hub.rejected] == ["ends_the_worker"]
    assert [record.raw for record in hub.rejected] == ['{"die": 1}']


async def test_a_worker_that_refuses_webhooks_is_shown_and_they_are_set_aside(
    hub, supervise, until
):
    supervisor = await supervise(nasty="refuses_webhooks")
    told = []
    supervisor.on_change(lambda state: told.append(state.code))
    hub.deliver("toy-1", b'{"number": 1}', b'{"number": 2}')
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows, 20)
    assert "webhooks_refused" in told
    assert [record.code for record in hub.rejected] == ["ends_the_worker"] * 2


async def test_a_refusing_store_only_delays(hub, supervise, until):
    hub.failures += [RetryLater("busy"), RetryLater("busy")]
    supervisor = await supervise()
    told = []
    supervisor.on_change(lambda state: told.append((state.state, state.reason)))
    hub.deliver("toy-1", *(b'{"number": %d}' % number for number in range(10)))
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows)
    assert len(hub.events["toy-1"]) == 10
    assert supervisor.state("toy-1").crashes == 0
    assert ("degraded", "busy") in told
    assert told[-1][0] == "running"


async def test_large_bodies_travel_in_several_lines(hub, supervise, until):
    padding = "x" * 1_500_000
    bodies = [msgspec.json.encode({"number": n, "padding": padding}) for n in range(12)]
    supervisor = await supervise()
    hub.deliver("toy-1", *bodies)
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows, 20)
    assert len(hub.events["toy-1"]) == 12
    assert len(hub.batches) >= 4


async def test_a_pump_that_is_ended_while_a_request_fails_does_end(hub):
    """A task group reports the failure and forgets the cancellation; the pump must not."""
    asked = asyncio.get_running_loop().create_future()

    async def request(*_):
        return await asked

    origin = Origin("toy-1", "toy-1", "toy/1", frozenset())
    pump = Deliveries(
        SimpleNamespace(request=request), origin, hub.store.inbox, hub.services, Limits(),
        Suspects(), lambda _: None,
    )  # fmt: skip
    hub.deliver("toy-1", b"{}")
    running = asyncio.create_task(pump.run())
    while not pump.in_hand:
        await asyncio.sleep(0)
    asked.set_exception(RetryLater("The worker has ended."))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(running), 2)
    assert running.done()
