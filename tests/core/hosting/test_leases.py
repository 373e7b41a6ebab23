"""Leases: what is in a worker's hands is in the book, and ends with the worker."""

import asyncio
import os
import signal
from dataclasses import replace

import pytest

from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import Refused, RetryLater
from watchfloor.hosting import Catalogue, Leases

SOURCE, NAME = "toy-1", "secret"


@pytest.fixture
async def store(tmp_path):
    one = SqliteStore(tmp_path / "hub.sqlite", SystemClock())
    await one.open()
    yield one
    await one.close()


class Keyring:
    """Of one value."""

    value = {"secret": "first"}

    async def get(self, owner, name):
        return self.value


@pytest.fixture
def keyring():
    return Keyring()


@pytest.fixture
def leases(keyring, store):
    return Leases(keyring, store.ledger, b"key", store.leases)


@pytest.fixture
def manifest(toys):
    return Catalogue().manifest("toy")


class Held:
    """A process as far as leases know it."""

    def __init__(self, pid):
        self.pid, self.killed = pid, False

    def kill(self):
        self.killed = True


async def test_what_a_process_has_in_hand_is_in_the_book_and_ends_with_it(
    leases, store, manifest, keyring
):
    async with leases.held_by(SOURCE, Held(7)):
        for _ in range(3):
            await leases.lease(SOURCE, manifest, NAME, 7)
        [held] = await store.leases.find(10, still_open=True)
        assert (held.source, held.name, held.connector) == (SOURCE, NAME, "toy")
        assert (held.process, held.times, held.until) == (7, 3, None)
        assert held.fingerprint == leases.fingerprint(keyring.value)
    [ended] = await store.leases.find(10)
    assert ended.ended == "worker_ended"
    assert ended.until >= ended.last
    assert len(await store.ledger.notes("credential_lease", 10)) == 1


async def test_a_value_that_was_replaced_is_another_lease(leases, store, manifest, keyring):
    await leases.lease(SOURCE, manifest, NAME, 7)
    keyring.value = {"secret": "second"}
    await leases.lease(SOURCE, manifest, NAME, 7)
    new, old = await store.leases.find(10)
    assert (old.ended, new.ended) == ("replaced", None)
    assert old.fingerprint != new.fingerprint
    assert "first" not in str([old, new])


async def test_ending_them_kills_whoever_has_them_and_nobody_else(leases, store, manifest):
    one, other = Held(7), Held(8)
    async with leases.held_by(SOURCE, one), leases.held_by("toy-2", other):
        await leases.lease(SOURCE, manifest, NAME, 7)
        await leases.lease("toy-2", manifest, NAME, 8)
        assert await leases.end_all(SOURCE) == 1
        assert (one.killed, other.killed) == (True, False)
    assert {lease.source: lease.ended for lease in await store.leases.find(10)} == {
        SOURCE: "cut_off", "toy-2": "worker_ended",
    }  # fmt: skip


async def test_what_a_crash_left_open_is_ended_at_the_next_start(leases, store, manifest):
    await leases.lease(SOURCE, manifest, NAME, 7)
    await leases.open()
    [left] = await store.leases.find(10)
    assert left.ended == "hub_ended"


async def test_what_cannot_be_written_down_is_not_handed_out(leases, store, manifest, monkeypatch):
    async def full(_lease):
        raise RetryLater("busy")

    monkeypatch.setattr(store.leases, "lend", full)
    with pytest.raises(RetryLater):
        await leases.lease(SOURCE, manifest, NAME, 7)


async def test_what_is_not_declared_is_not_in_the_book(leases, store, manifest):
    with pytest.raises(Refused):
        await leases.lease(SOURCE, manifest, "other", 7)
    assert await store.leases.find(10) == []


async def test_a_real_worker_that_is_killed_has_nothing_in_hand(
    hub, store, leases, supervise, until, keyring
):
    """The toy leases its secret when it is checked."""
    hub.services = replace(hub.services, leases=leases)
    supervisor = await supervise()
    await until(lambda: supervisor.state(SOURCE).state == "running")
    await supervisor.check(SOURCE)
    [held] = await store.leases.find(10, still_open=True)
    assert held.process == supervisor.state(SOURCE).pid
    os.kill(held.process, signal.SIGKILL)

    async with asyncio.timeout(10):
        while (ended := await again(store, held)).until is None:
            await asyncio.sleep(0.02)
    assert ended.ended == "worker_ended"


async def again(store, lease):
    """A lease as the book has it now."""
    return next(one for one in await store.leases.find(10) if one.id == lease.id)
