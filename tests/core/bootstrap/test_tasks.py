"""What goes on beside answering goes on, whatever happens to it."""

import asyncio
import contextlib

import pytest
from hub import hub_here, until

from watchfloor.alerts import AlertRouter, AlertService, Courier
from watchfloor.bootstrap import tasks
from watchfloor.live import Feed
from watchfloor.logs import OneLine
from watchfloor.oversight import Oversight
from watchfloor.reconciliation import Reconciliation
from watchfloor.retention import PurgeJob


@pytest.fixture
def pauses(monkeypatch):
    """How long was waited; nobody waits."""
    waited, sleep = [], asyncio.sleep

    async def noted(seconds):
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(tasks.asyncio, "sleep", noted)
    return waited


class Fails:
    """Something that fails so often and then goes on."""

    def __init__(self, times):
        self.left = times
        self.goes_on = asyncio.Event()

    async def __call__(self, *_):
        if self.left:
            self.left -= 1
            raise OverflowError("ZZT1234")
        self.goes_on.set()
        await asyncio.Event().wait()


async def test_what_failed_begins_again_after_a_pause_that_grows(pauses, caplog):
    fails = Fails(8)
    async with contextlib.AsyncExitStack() as stack:
        tasks.keep(stack, "the purge", fails)
        await fails.goes_on.wait()
        [task] = [each for each in asyncio.all_tasks() if each.get_name() == "the purge"]
    assert task.cancelled()
    assert len(pauses) == 8
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] == pauses[-2]
    line = OneLine().format(caplog.records[0])
    assert "the purge failed" in line
    assert "OverflowError" in line
    assert "ZZT1234" not in line


async def test_what_had_run_for_long_begins_again_soon(pauses, monkeypatch):
    monkeypatch.setattr(tasks, "STEADY_S", -1.0)
    fails = Fails(8)
    async with contextlib.AsyncExitStack() as stack:
        tasks.keep(stack, "the purge", fails)
        await fails.goes_on.wait()
    assert pauses == [tasks.AGAIN_S[0]] * 8


async def test_all_that_a_hub_does_by_itself_begins_again(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "AGAIN_S", (0.0,))
    kept = [
        (AlertService, "keep_watch"), (AlertRouter, "run"), (Courier, "run"), (Feed, "run"),
        (PurgeJob, "keep"), (Oversight, "keep"), (Reconciliation, "keep"),
    ]  # fmt: skip
    made = [Fails(1) for _ in kept]
    for (owner, name), fails in zip(kept, made, strict=True):
        monkeypatch.setattr(owner, name, fails)
    async with hub_here(tmp_path / "hub"):
        await until(lambda: all(each.goes_on.is_set() for each in made))
