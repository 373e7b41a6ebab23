"""kill -9 while records are written: every acknowledged one is there, in both copies, once."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from audit_logs import audit_log

from watchfloor.adapters.clock import SystemClock
from watchfloor.audit import decode, frames
from watchfloor.audit.verify import verify

RECORDER = Path(__file__).with_name("recorder.py")


@pytest.mark.survival
async def test_every_acknowledged_record_survives(tmp_path):
    acknowledged: list[int] = []
    for number in range(4):
        acknowledged += killed(tmp_path, number * 10_000_000, after=0.15 + 0.05 * number)
    async with audit_log(tmp_path, clock=SystemClock()):
        pass
    for copy in ("audit", "audit-copy"):
        found = [decode(each.entry).count for each in frames.frames_from(tmp_path / copy, 0)]
        assert len(found) == len(set(found))
        assert set(acknowledged) <= set(found)
        assert verify(tmp_path / copy).holds
    assert len(acknowledged) > 100


def killed(folder: Path, first: int, after: float) -> list[int]:
    """What was acknowledged until it was killed."""
    with subprocess.Popen(
        [sys.executable, str(RECORDER), str(folder), str(first)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        begun = process.stdout.readline()
        time.sleep(after)
        process.kill()
        lines = (begun + process.stdout.read()).splitlines(keepends=True)
    return [int(line) for line in lines if line.endswith("\n")]
