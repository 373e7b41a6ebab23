"""Prepares a worker's process, then becomes the worker.

Run by file name in a bare interpreter (``python -I -S launch.py <parent> <memory> <command> ...``),
so it imports nothing of ours. It runs after the fork of a process with threads, where a hook
between fork and exec could wait for a lock that nobody holds any more.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Limits, then exec."""
    parent, memory, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold credentials
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    # uvloop leaves copies of the three pipes open, so that closing one would not be seen.
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.execv(command[0], command)  # noqa: S606 - the command is the hub's own


def _die_with(parent: int) -> None:
    """Be killed when the hub ends, however it ends (prctl(2)); Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


if __name__ == "__main__":
    main()
