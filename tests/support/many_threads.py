"""Programs in which threads do the same for the first time, one while others are at it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_AT_ONCE = """
import sys, threading, time

def slowly(frame, event, _):
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        time.sleep(0.01)

def at_once(work, threads=10):
    threading.setprofile(slowly)  # msgspec learns a class: the others come meanwhile
    done = []
    def one(number):
        time.sleep(0.004 * number)
        done.append(work())
    all_ = [threading.Thread(target=one, args=(number,)) for number in range(threads)]
    for each in all_:
        each.start()
    for each in all_:
        each.join()
    assert len(done) == threads
"""


def run(program: str) -> tuple[int, str]:
    """Run a program that may call ``at_once(work)``: its status, negative for a signal such as that
    of a crash, and what it complained of."""
    support = f"sys.path.append({str(Path(__file__).parent)!r})"
    done = subprocess.run(
        [sys.executable, "-c", f"{_AT_ONCE}\n{support}\n{program}"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stderr
