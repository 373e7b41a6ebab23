"""Runs all tests: the fast ones first, then the slow ones, then those that need the machine for
themselves (they kill, fill disks or drive a browser).

``make test`` calls this. System programs that the tests need are installed when that is allowed;
otherwise it says what to install and fails: nothing is skipped in silence.

A few failed tests are tried once more by themselves: on a busy machine a deadline is missed now and
then. What passes only then is named at the end, and is to be mended: it waits for the wrong thing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
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
FEW = 5
"""More failures than these are no accident."""
TESTS_FAILED = 1
"""pytest's exit status when tests ran and some failed."""


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
        ["-m", ALONE, f"--maxfail={FEW}", *extra],
    ]
    at_second_try: list[str] = []
    # Hundreds of processes import the same modules: each is compiled once and kept.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory(prefix="watchfloor-tests-") as cache:
        for stage in stages:
            status = run(stage, cache, environment)
            failed = failed_in(cache)
            if status == TESTS_FAILED and len(failed) <= FEW:
                print(f"\nOnce more, by themselves: {', '.join(failed)}\n", flush=True)
                status = run(["--last-failed", *extra], cache, environment)
                at_second_try += failed
            if status:
                return status
    status = console_tests()
    if at_second_try:
        print(f"\nPassed at the second try only: {', '.join(at_second_try)}")
    return status


def run(arguments: list[str], cache: str, environment: dict[str, str]) -> int:
    """pytest's exit status. What failed is kept in ``cache``."""
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *arguments]
    return subprocess.call(command, cwd=ROOT, env=environment)


def failed_in(cache: str) -> list[str]:
    """The tests that failed in the last run."""
    kept = Path(cache) / "v" / "cache" / "lastfailed"
    return sorted(json.loads(kept.read_text())) if kept.exists() else []


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
