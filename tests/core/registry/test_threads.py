"""Many threads verify what is installed when a hub with many sources starts."""

from __future__ import annotations

import json
import subprocess
import sys

from toy_index import manifest

CHILD = """
import sys, threading
import msgspec
from watchfloor import bootstrap  # as in a hub: all is imported before there are threads
from watchfloor.registry.installations import Record

sys.setswitchinterval(1e-6)
document = sys.stdin.buffer.read()
begin = threading.Barrier(8)
read = []

def verify():
    begin.wait()
    read.append(msgspec.json.decode(document, type=Record))

threads = [threading.Thread(target=verify) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(read) == 8
"""


def test_what_is_installed_may_be_read_by_many_threads_at_once():
    """msgspec 0.22 crashes when threads meet a type for the first time at once, as they did when
    fifty sources started."""
    release = {
        "version": "1.0.0", "min_hub": "0.1.0", "manifest": manifest("toy", "1.0.0"),
        "manifest_sha256": "0" * 64,
    }  # fmt: skip
    record = {"connector": "toy", "release": release, "by": "Alex", "at": 1, "files": {}}
    done = subprocess.run(
        [sys.executable, "-c", CHILD], input=json.dumps(record).encode(), capture_output=True,
        timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
