"""Writes the table of connectors in README.md from their manifests and computed levels.

After a connector was added or changed, run ``.venv/bin/python tests/docs/connector_table.py
--write``. Without the option it prints. ``test_readme.py`` fails while the page is behind.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "README.md"
START = "<!-- connectors: written by tests/docs/connector_table.py -->"
END = "<!-- end of connectors -->"
EVENTS = {
    "watchfloor.cad.incident.v1": "calls for service",
    "watchfloor.cad.unit-status.v1": "unit status",
    "watchfloor.camera.status.v1": "camera status",
    "watchfloor.e911.call.v1": "911 calls",
    "watchfloor.gunshot.detection.v1": "gunshots",
    "watchfloor.lpr.hit.v1": "hot-list hits",
    "watchfloor.lpr.read.v1": "plate reads",
    "watchfloor.rms.report.v1": "incident reports",
    "watchfloor.security.alarm.v1": "alarms",
    "watchfloor.vehicle.position.v1": "vehicle positions",
    "watchfloor.video.detection.v1": "detections",
}
WAYS = {"poll": "polled", "webhook": "webhook", "stream": "stream", "assets": "assets",
        "lookup": "look-ups", "action": "actions", "audit_log": "its audit log",
        "sharing": "how it shares", "user_sign_in": "sign-in by users"}  # fmt: skip


def table() -> str:
    """A row a connector, by id."""
    rows = [
        "| connector | brings, answers or does | how | level |",
        "|---|---|---|---|",
        *(_row(path) for path in sorted(ROOT.glob("connectors/*/src/*/connector.json"))),
    ]
    return "\n".join(rows)


def _row(path: Path) -> str:
    manifest = json.loads(path.read_text("utf-8"))
    folder = path.parents[2]
    code = "" if (path.parent / "connector.py").exists() else ", no code"
    return " | ".join(
        [
            f"| [`{manifest['id']}`](connectors/{folder.name}/README.md)",
            ", ".join([*_brings(manifest), *_does(manifest)]),
            ", ".join(WAYS[one] for one in manifest["capabilities"]) + code,
            f"{_level(folder, manifest['version'])} |",
        ]
    )


def _brings(manifest: dict[str, Any]) -> Iterator[str]:
    yield from (EVENTS[kind] for kind in manifest["event_types"])
    yield from (f"{kind.replace('_', ' ')}s".replace("ys", "ies")
                for kind in manifest.get("asset_kinds", []))  # fmt: skip


def _does(manifest: dict[str, Any]) -> Iterator[str]:
    for part in ("lookups", "actions"):
        yield from (one["name"].replace("-", " ") for one in manifest.get(part, []))


def _level(folder: Path, version: str) -> str:
    """What was computed for this very version; nothing is claimed."""
    path = folder / "conformance.json"
    said = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return said["level"] if said.get("version") == version else "–"


def page() -> str:
    """The whole page with the table as it should be."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), "utf-8")
    else:
        print(table())
