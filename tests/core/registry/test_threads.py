"""Many threads verify what is installed when a hub with many sources starts."""

from __future__ import annotations

import json

from many_threads import run
from toy_index import manifest


def test_what_is_installed_may_be_read_by_many_threads_at_once():
    """msgspec 0.22 crashes when threads meet a type for the first time at once, as they did when
    fifty sources started."""
    wheel = {"file": "toy-1.0.0-py3-none-any.whl", "sha256": "0" * 64}
    release = {
        "version": "1.0.0", "min_hub": "0.1.0", "manifest": manifest("toy", "1.0.0"),
        "manifest_sha256": "0" * 64,
        "requirements": [{"name": "toy", "version": "1.0.0", "wheels": [wheel]}],
    }  # fmt: skip
    record = {"connector": "toy", "release": release, "by": "Alex", "at": 1, "files": {}}
    program = f"""
import msgspec
from watchfloor import bootstrap  # as in a hub: all is imported before there are threads
from watchfloor.registry.installations import Record
at_once(lambda: msgspec.json.decode({json.dumps(record)!r}, type=Record))
"""
    assert run(program) == (0, "")
