"""Connectors as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from watchfloor.contracts import Manifest
from watchfloor.contracts.registry import Level, Listed, Registry, Release, Revocation

from .versions import revoked


class OfferedRelease(Struct):
    """A release in the index."""

    version: str
    min_hub: str
    level: Level
    last_verified: str | None
    revoked: str | None
    """Why it must not run, where it must not."""


class Offer(Struct, kw_only=True):
    """A connector in the index, described by its newest release that may run. ``manifest`` is that
    release's ``connector.json``; ``installed``: the version in use here."""

    id: str
    package: str
    name: str
    vendor: str
    description: str
    owner: str
    licence: str
    version: str
    level: Level
    installed: str | None
    revoked: Revocation | None
    releases: list[OfferedRelease]
    manifest: dict[str, Any]


class ConnectorInfo(Struct, kw_only=True):
    """An installed connector; one that cannot be used says why in ``problem``. ``verified``: every
    file is as the registry installed it; ``None`` for one that lies in the hub's own environment
    and came with it, where nothing was signed that it could be compared with. ``previous``: the
    version that a roll-back goes to. ``newer``: a version to upgrade to. ``revoked``: why it must
    no longer run."""

    id: str
    version: str | None
    manifest: Manifest | None
    problem: str = ""
    verified: bool | None = None
    previous: str | None = None
    newer: str | None = None
    revoked: str | None = None
    sources: list[str] = []


class ConnectorPage(Struct):
    """Everything about one connector: what is offered and what is installed."""

    id: str
    offer: Offer | None
    installed: ConnectorInfo | None


def best(registry: Registry | None, connector: str) -> Release | None:
    """The newest release that may run, if there is one."""
    releases = _releases(registry, connector)
    good = [each for each in releases if not revoked(registry, connector, each.version)]
    return good[-1] if good else None


def release_named(registry: Registry, connector: str, version: str) -> Release | None:
    """The release of that version, if there is one."""
    releases = _releases(registry, connector)
    return next((each for each in releases if each.version == version), None)


def _releases(registry: Registry | None, connector: str) -> Sequence[Release]:
    listed = registry.connectors if registry else ()
    return next((each.releases for each in listed if each.id == connector), ())


def offer(registry: Registry, listed: Listed, installed: str | None) -> Offer:
    """A connector as it is offered."""
    newest = best(registry, listed.id) or listed.releases[-1]
    said = newest.manifest
    return Offer(
        id=listed.id,
        package=listed.package,
        name=said.get("name", listed.id),
        vendor=said.get("vendor", ""),
        description=said.get("description", ""),
        owner=said.get("owner", ""),
        licence=said.get("licence", ""),
        version=newest.version,
        level=newest.level,
        installed=installed,
        revoked=revoked(registry, listed.id, newest.version),
        releases=[_offered(registry, listed.id, each) for each in listed.releases],
        manifest=said,
    )


def _offered(registry: Registry, connector: str, release: Release) -> OfferedRelease:
    withdrawn = revoked(registry, connector, release.version)
    return OfferedRelease(
        release.version,
        release.min_hub,
        release.level,
        release.last_verified,
        withdrawn.reason if withdrawn else None,
    )


def fits(offer: Offer, text: str) -> bool:
    """Whether every word of ``text`` stands in what is said of a connector."""
    said = offer.manifest
    kinds = [*said.get("capabilities", ()), *said.get("event_types", ())]
    kinds += said.get("categories", ())
    whole = " ".join((offer.id, offer.name, offer.vendor, offer.description, *kinds)).casefold()
    return all(word in whole for word in text.casefold().split())
