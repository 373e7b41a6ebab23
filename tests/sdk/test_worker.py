"""The real worker process at the end of a line: what it answers, and what it must not do."""

import asyncio
import json
import os
import sys

import msgspec
import pytest

from watchfloor.contracts import AskAPerson
from watchfloor.contracts.protocol import Credits
from watchfloor_sdk.testing import Fault, HubDouble, worker_process


@pytest.fixture
def hub():
    return HubDouble({"secret": {"secret": "hush"}})


@pytest.fixture
def worker(hub, toy_command):
    return lambda connector="toy": worker_process(connector, hub, toy_command)


async def test_the_handshake_says_who_it_is(worker):
    async with worker() as one:
        answer = await one.initialize("toy", {})
        assert (answer.connector, answer.version, answer.protocol) == ("toy", "1.2.3", 1)
        assert answer.capabilities == ["poll", "webhook", "assets"]
        await one.stop()
        assert one.process.returncode == 0


@pytest.mark.parametrize(
    ("connector", "config", "code"),
    [
        ("absent", {}, "connector_missing"),
        ("toy", {"total": "many"}, "bad_settings"),
        ("toy", {"unknown": 1}, "bad_settings"),
    ],
)
async def test_what_a_person_must_mend_is_answered_to_the_handshake(
    worker, connector, config, code
):
    async with worker(connector) as one:
        with pytest.raises(AskAPerson) as info:
            await one.initialize(connector, config)
        assert info.value.code == code


async def test_another_protocol_version_is_refused(worker, hub):
    async with worker() as one:
        params = {"protocol": 99, "instance": "i", "source": "s", "connector": "toy",
                  "config": {}, "hosts": [], "credits": {"events": 1, "bytes": 1}}  # fmt: skip
        with pytest.raises(AskAPerson) as info:
            await one.peer.request("initialize", params, 10)
        assert info.value.code == "protocol_version"


async def test_pages_flow_within_credits_and_the_checkpoint_follows(toy_command):
    hub = HubDouble(credits=Credits(events=50, bytes=1_000_000), delay_s=0.005)
    async with worker_process("toy", hub, toy_command) as one:
        await one.initialize("toy", {"total": 1000, "page": 40})
        await hub.until(lambda: len(hub.events) == 1000)
        assert not hub.overdrawn
        assert hub.checkpoint == 1000
        assert hub.repeats == 0


async def test_a_stop_in_the_middle_leaves_events_and_checkpoint_together(toy_command):
    hub = HubDouble(credits=Credits(events=100, bytes=1_000_000), delay_s=0.01)
    async with worker_process("toy", hub, toy_command) as one:
        await one.initialize("toy", {"total": 100_000, "page": 20})
        await hub.until(lambda: len(hub.events) > 200)
        await one.stop()
        assert hub.checkpoint == len(hub.events)


async def test_a_kill_at_any_moment_loses_and_doubles_nothing(toy_command):
    hub = HubDouble(credits=Credits(events=100, bytes=1_000_000), delay_s=0.005)
    for round_ in range(1, 6):
        async with worker_process("toy", hub, toy_command) as one:
            await one.initialize("toy", {"total": 2000, "page": 20})
            await hub.until(lambda mark=round_ * 300: len(hub.events) >= mark)
            one.kill()
    async with worker_process("toy", hub, toy_command) as one:
        await one.initialize("toy", {"total": 2000, "page": 20})
        await hub.until(lambda: len(hub.events) == 2000)
    assert hub.conflicts == []
    assert sorted(hub.events) == sorted(f"read-{number}" for number in range(2000))


async def test_heartbeats_say_up_to_when_nothing_is_missing(worker, hub):
    async with worker() as one:
        await one.initialize("toy", {"total": 5})
        await hub.until(lambda: any(beat.assured_until for beat in hub.heartbeats))
        assert len(hub.events) == 5, "assured only once it is durable"


async def test_trouble_is_in_the_heartbeat_and_ends_with_it(hub, counter, toy_command):
    setup = await counter.start()
    counter.feed(1)
    counter.faults.add(Fault.status(503), times=3)
    async with worker_process("toy-http", hub, toy_command) as one:
        await one.initialize("toy-http", {**setup.config, "every_s": 0.1})
        await hub.until(lambda: any(beat.problem for beat in hub.heartbeats))
        problem = next(beat.problem for beat in hub.heartbeats if beat.problem)
        assert (problem.code, problem.attention) == ("vendor_unavailable", False)
        await hub.until(lambda: hub.events and hub.heartbeats[-1].problem is None)
    await counter.stop()


async def test_one_bad_webhook_is_an_error_and_the_rest_are_events(worker, hub):
    for body in (b'{"number": 1}', b"}", b'{"give_up": 1}', b'{"plate": "ZZT1"}', b'{"number": 2}'):
        hub.deliver(body)
    async with worker() as one:
        await one.initialize("toy", {})
        await hub.hand_over(one.peer)
        assert set(hub.events) == {"read-1", "read-2"}
        assert [record.code for record in hub.rejected] == [
            "mapping_failed", "empty", "mapping_failed",
        ]  # fmt: skip
        assert "ZZT1" not in "".join(record.detail for record in hub.rejected)


async def test_a_webhook_may_be_mapped_async(worker, hub):
    """Where something must be fetched first. Each delivery still stands for itself."""
    for body in (b'{"later": 1}', b'{"later": -1}', b'{"number": 2}', b'{"later": 3}'):
        hub.deliver(body)
    async with worker() as one:
        await one.initialize("toy", {})
        await hub.hand_over(one.peer)
        assert set(hub.events) == {"read-1", "read-2", "read-3"}
        assert [record.code for record in hub.rejected] == ["bad_number"]


async def test_deliveries_that_wait_for_something_wait_together(worker, hub):
    for number in (1, 2, 3):
        hub.deliver(b'{"three": %d}' % number)
    async with worker() as one:
        await one.initialize("toy", {})
        await hub.hand_over(one.peer, 5.0)
        assert list(hub.events) == ["read-1", "read-2", "read-3"]


async def test_check_media_and_inventory(worker, hub):
    async with worker() as one:
        await one.initialize("toy", {})
        assert [finding.ok for finding in await one.check()] == [True, True]
        hub.credentials.clear()
        await hub.until(lambda: "c-1" in hub.assets)
        assert (await one.fetch_media("gone")).state == "expired"
        assert (await one.fetch_media("abc")).content_type == "image/jpeg"


async def test_what_it_has_no_method_for_is_answered(worker):
    from watchfloor.contracts import GiveUp

    async with worker() as one:
        with pytest.raises(GiveUp) as info:
            await one.peer.request("make_coffee", {}, 10)
        assert info.value.code == "no_such_method"


async def run_raw(command, *lines, connector="toy"):
    """Lines in, (lines out, status): no double between."""
    process = await asyncio.create_subprocess_exec(
        *command, connector, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(b"".join(line + b"\n" for line in lines))
    return out, err, process.returncode


INITIALIZE = json.dumps({
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocol": 1, "instance": "i", "source": "s", "connector": "toy",
               "config": {"total": 3}, "hosts": [], "credits": {"events": 9, "bytes": 9999}},
}).encode()  # fmt: skip
STOP = b'{"jsonrpc":"2.0","id":2,"method":"stop","params":{"deadline_s":0.2}}'


async def test_a_vendors_print_does_not_reach_the_protocol(toy_command):
    process = await asyncio.create_subprocess_exec(
        *toy_command, "toy", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    process.stdin.write(INITIALIZE + b"\n")
    seen = b""
    while b'"emit"' not in seen:
        line = await process.stdout.readline()
        msgspec.json.decode(line)
        seen += line
    process.kill()
    _, err = await process.communicate()
    assert b"a vendor's print" in err
    assert b"a vendor's print" not in seen


async def test_it_ends_when_the_hub_is_gone(toy_command):
    out, _, status = await asyncio.wait_for(run_raw(toy_command, INITIALIZE), 20)
    assert status == 0
    assert b'"result"' in out or out == b""


async def test_garbage_from_the_hub_ends_it_with_a_status(toy_command):
    _, err, status = await asyncio.wait_for(run_raw(toy_command, b"hello"), 20)
    assert status == 76
    assert b"hello" not in err


MEASURE = """
import sys
sys.path.insert(0, {toys!r})
import watchfloor_sdk.worker, watchfloor_sdk.finding
watchfloor_sdk.finding.find("toy")
heavy = [name for name in ("aiohttp", "httpx2", "jsonschema", "hypothesis") if name in sys.modules]
assert heavy == {expected!r}, heavy
"""


async def test_a_worker_starts_light():
    """No web server's library, and the HTTP client only with its first use."""
    from pathlib import Path

    toys = str(Path(__file__).parent / "toys")
    script = MEASURE.format(toys=toys, expected=[])
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await process.wait() == 0
