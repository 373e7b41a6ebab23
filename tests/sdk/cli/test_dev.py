"""``watchfloor-sdk dev`` in a generated connector's folder: a real hub, reloaded on change."""

import os
import queue
import signal
import subprocess
import threading
import time

import pytest
from scaffolded import COMMAND

pytestmark = pytest.mark.slow

DEADLINE_S = 60


class Told:
    """The lines of a running command, as they come."""

    def __init__(self, process):
        self.lines = queue.Queue()
        self.all = []
        threading.Thread(target=self._read, args=[process.stdout], daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self.lines.put(line)

    def until(self, words):
        """The first line from now on that has them."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            try:
                line = self.lines.get(timeout=1)
            except queue.Empty:
                continue
            self.all.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} was not said: {self.all}")


def test_a_change_is_reloaded_and_a_mistake_is_said(outside):
    folder = outside.folder / "sim-poll"
    mapping = folder / "src/watchfloor_sim_poll/mapping.py"
    right = mapping.read_text()
    with subprocess.Popen(
        [outside.python, *COMMAND, "dev", "--port", "0"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        told = Told(process)
        try:
            assert "/#token=" in told.until("Sign in as")
            told.until("running")
            mapping.write_text(right + "x =\n")
            told.until("mapping.py changed: reloaded")
            assert "cannot be loaded (SyntaxError)" in told.until("needs_attention")
            mapping.write_text(right)
            told.until("mapping.py changed: reloaded")
            told.until("running")
            (folder / "src/watchfloor_sim_poll/connector.json").touch()
            told.until("connector.json changed: end this and start it again")
        finally:
            mapping.write_text(right)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
