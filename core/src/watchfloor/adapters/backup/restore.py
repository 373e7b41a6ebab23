"""Puts a backup into the place of a data directory that is not there any more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from watchfloor.contracts import AskAPerson, Refused
from watchfloor.ports.store import Micros

from .check import prove, unpack
from .database import close_ways_in
from .keys import DayKeys
from .manifest import Manifest
from .place import FOLDER, RESTORED, Place
from .trouble import Step, trouble_with_files


def restore(
    place: Place, file: Path, keys: Mapping[str, str], now: Micros, step: Step = lambda *_: None
) -> Manifest:
    """Fill an empty data directory, or make it. It gets its name in one step, when everything is
    there and proven: killed before, there is none. ``keys``, day → key in hex, become the new
    hub's. Nobody is signed in there: sessions, tokens and break-glass accounts have ended.

    Raises ``Refused`` (``not_empty``), ``AskAPerson`` (``backup_damaged``, ``backup_key_missing``,
    ``disk_full``, ``disk_error``).
    """
    target = place.data_dir
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(
            f"{target} is not empty: a restored hub replaces nothing.",
            code="not_empty",
            remedy="Stop the hub, move its directory away, and restore then.",
        )
    with trouble_with_files():
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f".{target.name}.restoring")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        try:
            manifest = unpack(file, half, keys, step)
            prove(replace(place, data_dir=half), manifest)
            close_ways_in(half / place.database, now)
            _take_over(half, keys, file)
            _sync_folders(half)
            _put(half, target)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return manifest


def _take_over(half: Path, keys: Mapping[str, str], file: Path) -> None:
    """Earlier backups stay readable, and their keys can still be destroyed. The hub that starts
    here says in its audit log from which backup."""
    own = half / FOLDER
    own.mkdir(mode=0o700)
    DayKeys(own).take_over(keys)
    (own / RESTORED).write_text(file.name, "utf-8")


def _put(half: Path, target: Path) -> None:
    try:
        half.rename(target)
    except OSError as error:
        raise AskAPerson(
            f"{target} cannot be put there: {error.strerror}.",
            code="disk_error",
            remedy="A mounted disk cannot be replaced in one step: name a folder on it.",
        ) from None
    _sync(target.parent)


def _sync_folders(half: Path) -> None:
    for folder, _, _ in os.walk(half):
        _sync(Path(folder))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
