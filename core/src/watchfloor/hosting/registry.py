"""Writes ``connector-registry.json``: the catalogue of known connectors, from their manifests."""

from __future__ import annotations

import json
import sys
from typing import Any

from .catalogue import Catalogue

FIELDS = (
    "id", "name", "version", "vendor", "description", "licence", "owner", "capabilities",
    "event_types", "asset_kinds", "handling", "hosts", "delivery", "min_hub",
)  # fmt: skip


def registry() -> dict[str, Any]:
    """The catalogue of the connectors installed here. Raises ``ValueError`` for a broken one."""
    connectors = []
    for installed in Catalogue().all():
        if installed.manifest is None:
            raise ValueError(f"{installed.id}: {installed.problem}")
        entry = {field: getattr(installed.manifest, field) for field in FIELDS}
        connectors.append({**entry, "package": f"watchfloor-connector-{installed.id}"})
    return {"version": 1, "connectors": connectors}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(registry(), indent=2, ensure_ascii=False) + "\n")
