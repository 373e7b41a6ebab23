"""Writes the registry document from manifests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from msgspec.structs import replace

from watchfloor.contracts.registry import (
    Level,
    Listed,
    Registry,
    Release,
    Requirement,
    Revocation,
)

from .versions import version_key


def release_of(
    manifest: bytes,
    level: Level = "none",
    last_verified: str | None = None,
    requirements: Sequence[Requirement] = (),
) -> Release:
    """The release that a ``connector.json`` describes. The manifest was checked before."""
    document = json.loads(manifest)
    return Release(
        version=document["version"],
        min_hub=document["min_hub"],
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        manifest=document,
        level=level,
        last_verified=last_verified,
        requirements=list(requirements),
    )


def with_release(registry: Registry, package: str, release: Release) -> Registry:
    """The registry with one release more; one of the same version is replaced."""
    id_ = release.manifest["id"]
    listed = {each.id: each for each in registry.connectors}
    known = listed[id_].releases if id_ in listed else []
    releases = [each for each in known if each.version != release.version] + [release]
    releases.sort(key=lambda each: version_key(each.version))
    listed[id_] = Listed(id=id_, package=package, releases=releases)
    return replace(registry, connectors=[listed[each] for each in sorted(listed)])


def with_revocation(registry: Registry, revocation: Revocation) -> Registry:
    """The registry with a connector's releases withdrawn; an earlier one for it is replaced."""
    others = [each for each in registry.revoked if each.connector != revocation.connector]
    return replace(registry, revoked=[*others, revocation])
