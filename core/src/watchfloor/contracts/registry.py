"""The registry document: which connectors there are, in which releases, and which are withdrawn.

It is ``connector-registry.json`` of this repository (without wheels: nothing is built for it) and
the signed target of the same name in a connector index. The normative form is
``schemas/registry.schema.json``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .event import Contract, ShortText

Level = Literal["none", "bronze", "silver", "gold", "platinum"]
"""The quality level that ``watchfloor-sdk check`` computed."""

FileName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}\Z")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
ConnectorId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}\Z")]
Version = Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.+-]*\Z")]
Date = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]


class Wheel(Contract):
    """One built distribution in the index."""

    file: FileName
    sha256: Sha256


class Requirement(Contract):
    """One distribution of a release's environment, pinned. ``wheels``: one a platform."""

    name: ShortText
    version: ShortText
    wheels: Annotated[list[Wheel], Meta(min_length=1)]


class Release(Contract):
    """One version of a connector. ``manifest`` is its ``connector.json``; a hub that is too old to
    know all of its fields can still list the release. ``requirements`` is the whole environment,
    the connector's own wheel first."""

    version: Version
    min_hub: ShortText
    manifest_sha256: Sha256
    manifest: dict[str, Any]
    level: Level = "none"
    last_verified: Date | None = None
    requirements: list[Requirement] = []


class Listed(Contract):
    """One connector. ``releases``: newest last."""

    id: ConnectorId
    package: ShortText
    releases: Annotated[list[Release], Meta(min_length=1)]


class Revocation(Contract):
    """Releases of ``connector`` below ``lowest_good`` must not run; without it, none may."""

    connector: ConnectorId
    reason: ShortText
    since: Date
    lowest_good: Version | None = None


class Registry(Contract, omit_defaults=False):
    """The whole document."""

    version: Literal[1]
    connectors: list[Listed]
    revoked: list[Revocation] = []
