"""What a worker is started for, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from watchfloor.contracts import Manifest
from watchfloor.contracts import protocol as p
from watchfloor.ingest import Origin
from watchfloor.ports.store import Instance

from .catalogue import check_config
from .hosts import Hosts, allowed_hosts
from .paths import named_paths


@dataclass(frozen=True, slots=True)
class Role:
    """One instance's connector, settings and place in the log."""

    origin: Origin
    manifest: Manifest
    config: dict[str, Any]
    hosts: Hosts
    paths: Sequence[str] = ()
    checkpoint: Any = None

    def initialize(self, credits: p.Credits, egress: p.Egress | None = None) -> p.Initialize:
        """The first line's params."""
        return p.Initialize(
            protocol=p.PROTOCOL,
            instance=self.origin.source,
            source=self.origin.uri,
            connector=self.manifest.id,
            config=self.config,
            hosts=list(self.hosts.allowed),
            internal_hosts=list(self.hosts.internal),
            credits=credits,
            checkpoint=self.checkpoint,
            egress=egress,
        )


def role_of(instance: Instance, manifest: Manifest, checkpoint: bytes | None) -> Role:
    """The role of an instance as it is configured now. Raises ``AskAPerson``."""
    check_config(manifest, instance.config)
    return Role(
        origin=Origin(
            source=instance.id,
            uri=instance.id,
            connector=f"{manifest.id}/{manifest.version}",
            types=frozenset(manifest.event_types),
        ),
        manifest=manifest,
        config=instance.config,
        hosts=allowed_hosts(manifest.hosts, instance.config),
        paths=named_paths(manifest.config_schema, instance.config),
        checkpoint=msgspec.json.decode(checkpoint) if checkpoint else None,
    )
