"""Runs all tests: the fast ones first, then the slow ones, then those that need the machine for
themselves (they kill, fill disks or drive a browser).

``make test`` calls this. System programs that the tests need are installed when that is allowed;
otherwise it says what to install and fails: nothing is skipped in silence.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.programs import located

ROOT = Path(__file__).parent.parent

PROGRAMS = {
    "curl": "the examples of the documentation are run with it",
    "chromium": "the end-to-end tests drive it",
    "initdb": "the tests of SQL replicas start a PostgreSQL of their own",
    "strace": "a test watches that the hub syncs before it acknowledges",
    "unshare": "the disk-full test mounts a tiny file system",
    "xmlsec1": "SAML's signatures are checked with it",
}
PACKAGES = {
    "curl": "curl",
    "chromium": "chromium",
    "initdb": "postgresql",
    "strace": "strace",
    "unshare": "util-linux",
    "xmlsec1": "xmlsec1",
}

ALONE = "survival or browser"
"""What needs the machine for itself."""


def main() -> int:
    """Exit status of the first stage that fails; 0 when all pass."""
    provided = [provide(program) for program in PROGRAMS]
    if not all(provided):
        return 1
    extra = sys.argv[1:]
    cores = min(4, os.cpu_count() or 1)
    workers = ["-n", str(cores)]
    more = ["-n", str(cores + 1)]  # slow tests wait for others as often as they compute
    stages = [
        ["-m", f"not ({ALONE} or slow)", *workers, *extra],
        # What a file's tests share takes longest, so they mostly stay together. (By loadscope they
        # would wholly, but of tests with one name, as schemathesis makes them, it runs only one.)
        ["-m", f"slow and not ({ALONE})", *more, "--dist", "worksteal", *extra],
        ["-m", ALONE, "-x", *extra],
    ]
    # Hundreds of processes import the same modules: each is compiled once and kept.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for stage in stages:
        status = subprocess.call(
            [sys.executable, "-m", "pytest", *stage], cwd=ROOT, env=environment
        )
        if status:
            return status
    return console_tests()


def provide(program: str) -> bool:
    """Whether a program is there, after trying to install it."""
    if located(program):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {program} ({PROGRAMS[program]}) ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["update"],
            ["install", "-y", "--no-install-recommends", PACKAGES[program]],
        ):
            subprocess.call(
                ["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL
            )
        if located(program):
            return True
    print(
        f"{program} is missing ({PROGRAMS[program]}). Install it, for example: "
        f"sudo apt-get install {PACKAGES[program]}",
        file=sys.stderr,
    )
    return False


def console_tests() -> int:
    """The console's own unit tests, with the Node that the build brought."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.call(
        ["npm", "run", "--silent", "test"], cwd=ROOT / "ui", env={**os.environ, "PATH": path}
    )


if __name__ == "__main__":
    sys.exit(main())
