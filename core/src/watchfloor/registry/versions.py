"""Which version is newer, and which may run (Semantic Versioning 2.0.0, section 11)."""

from __future__ import annotations

import re
from typing import TypeAlias

from watchfloor.contracts.registry import Registry, Revocation

Key: TypeAlias = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def version_key(version: str) -> Key:
    """Sorts versions: ``1.2.0-rc.1`` before ``1.2.0``, ``1.9.0`` before ``1.10.0``."""
    core, _, before = version.partition("+")[0].partition("-")
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", core)
    numbers = tuple(int(part) for part in match.groups()) if match else ()
    parts = tuple(
        (not part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in before.split(".")
        if part
    )
    return numbers, not before, parts


def revoked(registry: Registry | None, connector: str, version: str) -> Revocation | None:
    """Why a version must not run, if it must not."""
    for each in registry.revoked if registry else ():
        good = each.lowest_good
        if each.connector == connector and (
            good is None or version_key(version) < version_key(good)
        ):
            return each
    return None
