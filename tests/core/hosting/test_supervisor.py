"""Starting, stopping, changing and watching instances."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from watchfloor.contracts import AskAPerson, NotFound, RetryLater
from watchfloor.ports.store import Instance

TOYS = Path(__file__).parents[2] / "sdk" / "toys"


async def test_an_instance_that_is_switched_off_is_not_started(supervise):
    supervisor = await supervise(enabled=False)
    assert supervisor.state("toy-1").state == "stopped"
    with pytest.raises(RetryLater):
        await supervisor.check("toy-1")


async def test_changes_are_told_in_order_and_a_stop_is_orderly(hub, supervise, until):
    supervisor = await supervise(enabled=False)
    told = []
    end = supervisor.on_change(told.append)
    await supervisor.apply(Instance("toy-1", "toy", "Toy", {}))
    await until(lambda: supervisor.state("toy-1").state == "running")
    await supervisor.stop()
    end()
    assert [state.state for state in told] == ["starting", "running", "stopped"]
    assert hub.lost_reasons == [], "a stop is not an outage"


async def test_a_stop_waits_until_what_is_in_flight_is_durable(hub, supervise, until):
    hub.delay_s = 0.1
    supervisor = await supervise({"total": 100_000, "page": 50})
    await until(lambda: hub.batches)
    await supervisor.stop()
    kept = len(hub.events["toy-1"])
    assert hub.checkpoints["toy-1"] == b"%d" % kept, "checkpoint and events belong together"


async def test_a_restart_goes_on_from_the_checkpoint(hub, supervise, until):
    supervisor = await supervise({"total": 300, "page": 50})
    await until(lambda: len(hub.events["toy-1"]) == 300)
    first = supervisor.state("toy-1").pid
    await supervisor.restart("toy-1")
    await until(lambda: supervisor.state("toy-1").state == "running")
    assert supervisor.state("toy-1").pid != first
    await supervisor.apply(Instance("toy-1", "toy", "Toy", {"total": 400, "page": 50}))
    await until(lambda: len(hub.events["toy-1"]) == 400)
    assert set(hub.events["toy-1"].values()) == {1}


async def test_a_removed_source_is_unknown(supervise, until):
    supervisor = await supervise()
    await until(lambda: supervisor.state("toy-1").state == "running")
    await supervisor.remove("toy-1")
    assert supervisor.states() == {}
    with pytest.raises(NotFound):
        await supervisor.restart("toy-1")


@pytest.mark.parametrize(
    ("config", "connector", "code", "words"),
    [
        ({"total": -1}, "toy", "bad_settings", "total"),
        ({"unknown": 1}, "toy", "bad_settings", "unknown"),
        ({"every_s": 0}, "toy", "bad_settings", "every_s"),
        ({}, "absent", "not_installed", "absent"),
    ],
)
async def test_what_a_person_must_mend_is_said(supervise, until, config, connector, code, words):
    supervisor = await supervise(enabled=False)
    await supervisor.apply(Instance("toy-1", connector, "Toy", config))
    await until(lambda: supervisor.state("toy-1").state == "needs_attention")
    state = supervisor.state("toy-1")
    assert state.code == code
    assert words in state.reason


@pytest.mark.parametrize(
    ("mode", "state", "words"),
    [
        ("retry_later", "degraded", "The vendor is busy."),
        ("ask_a_person", "needs_attention", "The vendor refuses."),
        ("bug", "degraded", "ValueError in __init__.py, line"),
    ],
)
async def test_a_connectors_trouble_shows_while_its_worker_runs(
    supervise, until, mode, state, words
):
    supervisor = await supervise({"mode": mode})
    await until(lambda: supervisor.state("toy-1").state == state)
    shown = supervisor.state("toy-1")
    assert words in shown.reason
    assert "ZZT1234" not in shown.reason
    assert shown.pid


async def test_a_refusing_store_degrades_and_loses_nothing(hub, supervise, until):
    """Two kinds of refusal, in the middle of batches that are in flight together."""
    hub.failures += [RetryLater("busy"), AskAPerson("The disk is full.", code="disk_full")]
    hub.delay_s = 0.02
    supervisor = await supervise({"total": 2000, "page": 50})
    told = []
    supervisor.on_change(told.append)
    await until(lambda: sum(hub.events["toy-1"].values()) >= 2000)
    await until(lambda: supervisor.state("toy-1").state == "running")
    assert "busy" in [state.reason for state in told]
    assert set(hub.events["toy-1"].values()) == {1}
    marks = [emit.checkpoint for _, emit, _ in hub.batches]
    assert marks == sorted(marks), "no batch passed another"


async def test_a_slow_store_holds_the_worker_back(hub, supervise, limits, until):
    """By count: no more is in flight than the credit and one page. By age: while the oldest is
    too old, what is finished gives no new credit."""
    hub.delay_s = 0.3
    slow = replace(limits, credit_events=200, oldest_s=0.0)
    supervisor = await supervise({"total": 10_000, "page": 100}, limits=slow)
    in_flight = []
    accept = hub.services.ingest.accept

    async def counted(origin, emit, settles=()):
        in_flight.append(len(emit.events))
        assert sum(in_flight) <= 300
        try:
            return await accept(origin, emit, settles)
        finally:
            in_flight.pop()

    hub.services.ingest.accept = counted
    await until(lambda: len(hub.events["toy-1"]) >= 600)
    assert supervisor.state("toy-1").state == "running"


async def test_a_credential_is_leased_noted_and_never_shown(hub, supervise, until, caplog):
    caplog.set_level("INFO")
    hub.secrets["toy-1", "secret"] = {"secret": "hush/hush=42"}
    await supervise({"mode": "leak"})
    await until(lambda: "the secret is" in caplog.text)
    assert "hush" not in caplog.text
    assert "the secret is [credential]" in caplog.text
    kind, who, what = hub.leased[0]
    assert (kind, who, what["name"]) == ("credential_lease", "toy-1", "secret")
    assert what["fingerprint"]
    assert "hush" not in str(what)


async def test_a_fault_of_the_hub_is_answered_and_logged(hub, supervise, until, caplog):
    """The worker does not wait for it until its deadline."""

    async def note(*_):
        raise KeyError("a fault")

    hub.note, hub.secrets["toy-1", "secret"] = note, {"secret": "hush"}
    supervisor = await supervise({"mode": "leak"})
    await until(lambda: "side work of toy-1 failed" in caplog.text)
    await until(lambda: supervisor.state("toy-1").code == "hub_error")


async def test_a_credential_that_is_not_declared_is_refused(hub, supervise, until):
    supervisor = await supervise({"mode": "undeclared"})
    await until(lambda: supervisor.state("toy-1").state == "needs_attention")
    assert supervisor.state("toy-1").code == "credential_not_declared"
    assert hub.leased == []


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def children():
    me = str(os.getpid())
    stats = (
        path.read_text().rsplit(")", 1)[1].split() for path in Path("/proc").glob("[0-9]*/stat")
    )
    return sum(1 for fields in stats if fields[1] == me)


async def test_a_hundred_starts_and_stops_leave_nothing_behind(supervise, until):
    """Plain processes stand in for the SDK's, which would take longer to start than to test."""
    supervisor = await supervise(nasty="stops_well")
    await until(lambda: supervisor.state("toy-1").state == "running")
    await supervisor.stop()
    files, processes, tasks = open_files(), children(), len(asyncio.all_tasks())
    for _ in range(100):
        await supervisor.restart("toy-1")
        await until(lambda: supervisor.state("toy-1").state == "running")
    await supervisor.stop()
    await asyncio.sleep(0.1)
    assert (open_files(), children(), len(asyncio.all_tasks())) == (files, processes, tasks)


def test_workers_end_with_the_hub_even_when_it_is_killed():
    """A hub in a process of its own starts a worker that reads nothing; then kill -9."""
    nasty = Path(__file__).parent / "workers" / "nasty.py"
    script = textwrap.dedent(f"""
        import asyncio, sys
        from watchfloor.adapters.processes import Processes
        async def main():
            workers = Processes([sys.executable, {str(nasty)!r}, "never_answers"])
            process = await workers.start("toy", "toy-1", 64)
            print(process.pid, flush=True)
            await asyncio.sleep(100)
        asyncio.run(main())
    """)
    hub = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    worker = int(hub.stdout.readline())
    hub.send_signal(signal.SIGKILL)
    hub.wait()
    hub.stdout.close()
    for _ in range(200):
        if not _alive(worker):
            return
        time.sleep(0.01)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker outlived its hub")


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
