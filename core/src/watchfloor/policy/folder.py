"""The agency's policy as files: rules (``*.cedar``), settings, sensitive zones, test cases.

Where a folder has no rules, the packaged ones hold; where there is no folder, all of the packaged
default does.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import as_file
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath

import msgspec

from watchfloor.contracts import AskAPerson

from .engine import Policy
from .gates import GATES, Gate
from .presets import PRESETS
from .rules import RuleReader
from .settings import PolicySettings
from .zones import Zones, read_zones

SETTINGS, ZONES, CASES = "settings.toml", "zones.geojson", "tests"

Files = Mapping[str, str]
"""A policy's files: relative name → text."""


def packaged() -> Files:
    """The strict default that a hub runs until its agency adopts a policy."""
    return _resources("defaults")


def starter() -> Files:
    """What an agency begins with when it writes its own: the same, with everything to be set."""
    return {**packaged(), **_resources("templates")}


def _resources(name: str) -> Files:
    with as_file(resources(__package__) / name) as folder:
        return read_folder(folder)


def read_folder(folder: Path) -> Files:
    """A policy's files; other files (a version control's, a read-me) are none of it. Raises
    ``AskAPerson`` (``bad_policy``) for one that cannot be read."""
    return {name: _text(folder, name) for name in sorted(_names(folder))}


def _names(folder: Path) -> Iterator[str]:
    for pattern in ("*.cedar", SETTINGS, ZONES, f"{CASES}/*.toml"):
        yield from (path.relative_to(folder).as_posix() for path in folder.glob(pattern))


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise bad(name, f"it cannot be read: {type(error).__name__}") from None


def version_of(files: Files) -> str:
    """SHA-256 over names and texts in the order of names, each with its length before it."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name].encode()):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return digest.hexdigest()


def load(files: Files, agency: str, read_rules: RuleReader) -> Policy:
    """A policy, checked as a whole. Raises ``AskAPerson`` (``bad_policy``) with the file and line
    of the first thing that is wrong."""
    settings = read_settings(files)
    return Policy(
        version=version_of(files), agency=agency, settings=settings,
        rules=read_rules(rules_of(files)), gates=gates_of(settings), zones=zones_of(files),
    )  # fmt: skip


def rules_of(files: Files) -> Files:
    """The rules among the files; the packaged ones where there are none."""
    return {name: text for name, text in files.items() if name.endswith(".cedar")} or packaged()


def read_settings(files: Files) -> PolicySettings:
    """The settings among the files; the strict ones where there are none."""
    if SETTINGS not in files:
        return PolicySettings()
    try:
        settings = msgspec.convert(tomllib.loads(files[SETTINGS]), PolicySettings)
        settings.lookback_by_type()
        settings.owners()
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise bad(SETTINGS, str(error)) from None
    for known, chosen in ((GATES, settings.gates), (PRESETS, settings.presets)):
        for name in chosen.keys() - known.keys():
            raise bad(SETTINGS, f"there is no {name!r}; `watchfloor policy templates` lists all")
    return settings


def gates_of(settings: PolicySettings) -> tuple[Gate, ...]:
    """The gates that are on, by themselves or as parts of presets, each once."""
    chosen = [GATES[name] for name in settings.gates]
    parts = [gate for name in settings.presets for gate in PRESETS[name].gates]
    return tuple({gate.id: gate for gate in (*chosen, *parts)}.values())


def zones_of(files: Files) -> Zones:
    """The sensitive zones among the files."""
    if ZONES not in files:
        return Zones()
    try:
        return read_zones(files[ZONES])
    except ValueError as error:
        raise bad(ZONES, str(error)) from None


def cases_of(files: Files) -> Files:
    """The test cases among the files."""
    return {name: text for name, text in files.items() if PurePosixPath(name).parent.name == CASES}


def bad(file: str, what: str) -> AskAPerson:
    """A file of a policy that cannot be used."""
    return AskAPerson(
        f"{file}: {what}.",
        code="bad_policy",
        remedy="Mend the file; `watchfloor policy check` says when all are sound.",
    )
