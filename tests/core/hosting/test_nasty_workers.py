"""A worker may do what it likes: the hub goes on, says what happened and starts it again."""

import asyncio
import contextlib
import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest


@pytest.fixture
def lean(limits):
    """Limits that a test can reach soon."""
    return replace(limits, credit_events=500)


@pytest.fixture
def may_have_children(monkeypatch):
    """As on a kernel that cannot confine a worker."""
    monkeypatch.setattr("watchfloor.adapters.processes.grants", lambda *_: "")


async def seen(supervisor, *states):
    """The first state of these that the source comes into."""
    async with asyncio.timeout(15):
        async for state in supervisor.changes():
            if state.state in states:
                return state
    raise AssertionError("unreachable")


def gone(pid):
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        return False
    return True


@pytest.mark.parametrize(
    ("nasty", "code", "words"),
    [
        ("garbage", "garbage", "not the protocol"),
        ("garbage_first", "garbage", "not the protocol"),
        ("nests", "garbage", "not the protocol"),
        ("not_text", "garbage", "not the protocol"),
        ("huge_line", "line_too_long", "in a line"),
        ("floods", "flood", "more than its credits"),
        ("floods_messages", "flood", "more messages"),
        ("floods_requests", "flood", ""),
        ("hogs_memory", "memory", "are allowed"),
        ("grabs_memory", "exited", "MemoryError"),
        ("exits", "exited", "with status 3. Its last words: no licence for this camera"),
        ("exits_and_leaves_a_child", "exited", "with status 4"),
        ("closes_output", "closed_output", "closed its output"),
        ("pointers_mismatch", "pointers_mismatch", "pointers"),
        ("bad_params", "garbage", "not the protocol"),
        ("other_connector", "wrong_connector", "Its last words: It is other."),
        ("will_not_start", "no_handshake", "Its last words: gate.example.org is busy"),
    ],
)
async def test_it_is_ended_with_a_reason_and_started_again(
    hub, supervise, lean, until, nasty, code, words, request
):
    if "child" in nasty:
        request.getfixturevalue("may_have_children")
    hub.delay_s = 0.05
    if code == "exited":  # a busy machine is slow to tell that one has
        lean = replace(lean, look_s=0.5)
    supervisor = await supervise(nasty=nasty, limits=lean)
    ended = await seen(supervisor, "backing_off", "crash_loop")
    assert ended.code == code
    assert words in ended.reason
    assert "ZZT" not in ended.reason, "what a worker wrote by mistake may be a plate"
    source, lost = hub.lost_reasons[0]
    assert (source, lost) == ("toy-1", ended.reason.partition(" Its last words:")[0])
    again = await seen(supervisor, "starting", "running")
    assert again.source == "toy-1"


async def test_what_a_worker_says_that_takes_a_person_is_no_gap_s_reason(hub, supervise):
    supervisor = await supervise(nasty="takes_a_person")
    ended = await seen(supervisor, "needs_attention")
    assert (ended.code, ended.remedy) == ("bad_settings", "Ask them.")
    assert "gate.example.org knows no such site" in ended.reason
    assert hub.lost_reasons[0] == ("toy-1", "The worker did not start.")


async def test_one_that_gives_no_sign_of_life_is_ended(supervise, limits):
    supervisor = await supervise(nasty="hangs", limits=replace(limits, heartbeat_s=0.5))
    ended = await seen(supervisor, "backing_off")
    assert ended.code == "no_heartbeat"
    assert "No sign of life for 0.5 s" in ended.reason


async def test_one_that_never_answers_is_given_up_after_the_handshakes_deadline(supervise, limits):
    supervisor = await supervise(nasty="never_answers", limits=replace(limits, handshake_s=0.3))
    assert (await seen(supervisor, "backing_off")).code == "no_handshake"


async def test_dying_in_the_middle_of_a_batch_loses_and_doubles_nothing(hub, supervise, until):
    await supervise(nasty="dies_mid_batch")
    await until(lambda: len(hub.events["toy-1"]) == 50)
    assert set(hub.events["toy-1"].values()) == {1}
    assert [number for number in range(50) if f"read-{number}" not in hub.events["toy-1"]] == []


async def test_a_crash_loop_is_visible_with_its_reason_and_is_tried_on(supervise, limits):
    quick = replace(limits, crash_loop_wait_s=0.1)
    supervisor = await supervise(nasty="exits", limits=quick)
    looping = await seen(supervisor, "crash_loop")
    assert looping.crashes == 5
    assert "no licence" in looping.reason
    assert (await seen(supervisor, "running")).state == "running", "it is tried again"
    assert (await seen(supervisor, "crash_loop")).code == "exited", "and is no less a loop"


async def test_one_that_ignores_stop_is_killed_at_the_deadline(supervise, limits, until):
    supervisor = await supervise(nasty="ignores_stop", limits=replace(limits, stop_s=0.3))
    await until(lambda: supervisor.state("toy-1").state == "running")
    pid = supervisor.state("toy-1").pid
    async with asyncio.timeout(3):
        await supervisor.stop()
    assert gone(pid)
    assert supervisor.state("toy-1").state == "stopped"


async def test_what_it_started_ends_with_it(supervise, until, caplog, may_have_children):
    caplog.set_level(logging.WARNING)
    supervisor = await supervise(nasty="leaves_a_child")
    await until(lambda: "child" in caplog.text)
    child = int(caplog.text.rsplit("child ", 1)[1].split()[0])
    await supervisor.stop()
    await until(lambda: gone(child) or _is_zombie(child))


def _is_zombie(pid):
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


async def test_a_chatty_one_is_cut_short_and_told_so(supervise, until, caplog):
    caplog.set_level(logging.INFO)
    supervisor = await supervise(nasty="chats")
    await until(lambda: "more log lines dropped" in caplog.text)
    assert 50 <= caplog.text.count("line ") < 200, "of 500"
    assert supervisor.state("toy-1").state == "running"
