"""The files by which a data directory says that a hub runs on it, and where."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from watchfloor.adapters import disk
from watchfloor.contracts import AskAPerson
from watchfloor.identity import Origin, Permission, Person, Sessions

RUN_FILE = "run.json"
LOCK_FILE = "hub.lock"


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Around what the start writes. Raises ``AskAPerson`` (``disk_full``, ``disk_error``)."""
    try:
        yield
    except OSError as error:
        raise disk.trouble(error, "the data directory's files") from error


@contextlib.contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """One hub a data directory. Raises ``AskAPerson`` (code ``already_running``)."""
    with writing():
        opened = (data_dir / LOCK_FILE).open("w")
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AskAPerson(
                f"A hub runs on {data_dir} already.",
                code="already_running",
                remedy="End it first, or name another --data-dir.",
            ) from None
        yield


def runs(data_dir: Path) -> bool:
    """Whether a hub runs on a data directory."""
    try:
        with (data_dir / LOCK_FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextlib.contextmanager
def run_file(data_dir: Path, url: str, sessions: Sessions, person: Person) -> Iterator[None]:
    """Where the command line finds this hub, readable by its owner alone."""
    vouches = Permission.SETTINGS_APPROVE in person.permissions
    authenticated = None if vouches else 0
    secret, session = sessions.begin(
        person, Origin("", RUN_FILE), authenticated=authenticated, passing=True
    )
    session.acknowledged = True  # a program has no screen to show the notice on
    path = data_dir / RUN_FILE
    new = path.with_suffix(".new")
    try:
        with writing():
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            new.write_text(json.dumps({"url": url, "session": secret, "pid": os.getpid()}))
            new.replace(path)  # it is there whole, or not at all
        yield
    finally:
        path.unlink(missing_ok=True)
