"""A worker's process has what it needs and nothing else."""

import asyncio
import json
import resource
import signal
import sys
from pathlib import Path

import pytest

from watchfloor.adapters.processes import Processes
from watchfloor.contracts import AskAPerson

TELL = """
import json, os, resource
print(json.dumps({
    "environment": dict(os.environ), "session": os.getsid(0), "pid": os.getpid(),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "data": resource.getrlimit(resource.RLIMIT_DATA),
    "files": len(os.listdir("/proc/self/fd")),
}))
"""


async def start(script, memory_mb=64, work=None):
    workers = Processes([sys.executable, "-c", script], work=work)
    return await workers.start("toy", "toy-1", memory_mb)


async def finish(process):
    process.kill()
    return await process.wait()


async def test_environment_session_and_limits_are_its_own(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_HUB", "hush")
    monkeypatch.setenv("PYTHONPATH", "/tmp/elsewhere")
    process = await start(TELL)
    told = json.loads(await anext(process.lines()))
    await process.wait()
    allowed = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR",
               "LD_LIBRARY_PATH", "WATCHFLOOR_INSTANCE", "PYTHONUNBUFFERED", "HOME",
               "TMPDIR"}  # fmt: skip
    assert set(told["environment"]) <= allowed
    assert told["environment"]["WATCHFLOOR_INSTANCE"] == "toy-1"
    assert told["session"] == told["pid"] == process.pid
    assert told["core"] == [1, 1], "none, not even by a pipe"
    assert told["data"] == [(2 * 64 + 256) * 1024 * 1024] * 2
    assert told["files"] <= 4, "its three pipes and the folder it looks at"
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != told["data"][0], "not the hub's"


async def test_lines_go_both_ways_and_a_last_half_line_is_none():
    echo = "import sys\nfor line in sys.stdin: print(line.strip().upper(), flush=True); break\n"
    process = await start(echo + "sys.stdout.write('half')")
    await process.write(b"hello")
    assert [line async for line in process.lines()] == [b"HELLO\n"]
    assert await process.wait() == 0


async def test_writing_to_one_that_is_gone_breaks():
    process = await start("import os; os.close(0)")
    await process.wait()
    with pytest.raises(BrokenPipeError):
        await process.write(b"hello")


async def test_complaints_are_the_last_lines_of_its_standard_error():
    noisy = "import sys\nfor n in range(500): print('line', n, 'x' * 2000, file=sys.stderr)"
    process = await start(noisy)
    await process.wait()
    complaints = process.complaints()
    assert len(complaints) == 50
    assert complaints[-1].startswith("line 499 ")
    assert all(len(line) <= 500 for line in complaints)


async def test_a_flood_on_standard_error_without_newlines_costs_nothing():
    process = await start("import sys\nfor _ in range(200): sys.stderr.write('x' * 100_000)")
    assert await process.wait() == 0
    assert sum(map(len, process.complaints())) <= 500


async def test_memory_is_seen_while_it_runs():
    process = await start("x = b'x' * 50_000_000; print('ready', flush=True); input()")
    await anext(process.lines())
    assert 50 < process.memory_mb() < 100
    await finish(process)
    assert process.memory_mb() is None


async def test_signals_end_it():
    process = await start("import time; print('up', flush=True); time.sleep(100)")
    await anext(process.lines())
    process.terminate()
    assert await process.wait() == -signal.SIGTERM
    process.terminate()
    process.kill()


async def test_what_cannot_be_started_is_a_matter_for_a_person(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(AskAPerson) as info:
        await start("pass")
    assert info.value.code == "worker_not_started"


async def test_its_children_end_with_it_where_the_kernel_lets_it_have_any(monkeypatch):
    monkeypatch.setattr("watchfloor.adapters.processes.grants", lambda *_: "")
    script = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'])\n"
        "print(child.pid, flush=True)\n"
    )
    process = await start(script)
    child = int(await anext(process.lines()))
    await process.wait()
    for _ in range(100):
        if not _runs(child):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the child outlived the worker")


async def test_its_folder_goes_with_it_though_nobody_waits_for_its_end(tmp_path):
    process = await start(
        "import os; open(os.path.join(os.environ['HOME'], 'x'), 'w')", 64, tmp_path
    )
    waiting = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await emptied(tmp_path)


async def test_a_start_that_is_given_up_leaves_no_folder(tmp_path):
    starting = asyncio.create_task(start("import time; time.sleep(100)", 64, tmp_path))
    while not list(tmp_path.iterdir()):
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await emptied(tmp_path)


async def emptied(folder):
    async with asyncio.timeout(10):
        while list(folder.iterdir()):
            await asyncio.sleep(0.02)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
