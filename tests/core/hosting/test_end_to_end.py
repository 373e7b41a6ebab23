"""A real worker process of the SDK under a real supervisor."""

import msgspec


async def test_events_arrive_whole_and_in_order_with_their_checkpoint(hub, supervise, until):
    await supervise({"total": 1050, "page": 100})
    await until(lambda: sum(hub.events["toy-1"].values()) >= 1050)
    assert set(hub.events["toy-1"].values()) == {1}
    assert msgspec.json.decode(hub.checkpoints["toy-1"]) == 1050
    origin, emit, _ = hub.batches[0]
    assert origin.connector == "toy/1.2.3"
    assert origin.types == {"watchfloor.lpr.read.v1"}
    assert emit.pointers[:2] == ["/0", "/1"]
    assert emit.raw.body.startswith("[0, 1, ")


async def test_it_runs_lists_assets_and_assures(hub, supervise, until):
    supervisor = await supervise({"total": 5})
    await until(lambda: hub.assured_until and hub.inventories)
    state = supervisor.state("toy-1")
    assert state.state == "running"
    assert state.pid
    assert 10 < state.memory_mb < 60
    assert hub.inventories[0][1].complete


async def test_check_and_media_are_answered(hub, supervise, until):
    supervisor = await supervise()
    await until(lambda: supervisor.state("toy-1").state == "running")
    missing, toy = (await supervisor.check("toy-1")).findings
    assert (missing.ok, missing.what) == (False, "credential secret")
    assert toy.ok
    assert (await supervisor.fetch_media("toy-1", "abc")).body == "YWJjYWJjYWJj"
    assert (await supervisor.fetch_media("toy-1", "gone")).state == "expired"


async def test_webhooks_become_events_and_leave_the_inbox(hub, supervise, until):
    supervisor = await supervise()
    hub.deliver("toy-1", *(b'{"number": %d}' % number for number in range(1200)))
    supervisor.nudge("toy-1")
    await until(lambda: not hub.rows)
    assert len(hub.events["toy-1"]) == 1200
