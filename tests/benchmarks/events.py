"""Made-up events for the benchmarks. Plates start with ZZ and are never real."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def plate(chance: random.Random) -> str:
    return "ZZ" + "".join(chance.choices(LETTERS, k=5))


def read(source: str, number: int, chance: random.Random, text: str | None = None) -> dict:
    """A plate read as a vendor with pictures sends it: about 600 bytes."""
    reader = number % 200
    return {
        "specversion": "1.0", "id": f"r-{number:09}", "source": source,
        "type": "watchfloor.lpr.read.v1", "time": datetime.now(UTC).isoformat(),
        "dataclassification": "le-sensitive", "subject": f"reader/R-{reader}",
        "data": {
            "plate": text or plate(chance), "reader": f"R-{reader}", "region": "US-LA",
            "confidence": 0.93, "heading_deg": 90.0,
            "place": {"point": [-90.1 + reader / 1000, 29.9 + reader / 1000], "error_m": 10.0},
            "vehicle": {"make": "Example", "colour": "blue", "body": "sedan"},
            "media": [{"handle": f"http://127.0.0.1:9/p/{number}", "kind": "plate_picture",
                       "owner": "Example PD", "retention_class": "lpr"}],
        },
    }  # fmt: skip


def call(source: str, number: int) -> dict:
    """A new call for service."""
    return {
        "specversion": "1.0", "id": f"c-{number:09}", "source": source,
        "type": "watchfloor.cad.incident.v1", "time": datetime.now(UTC).isoformat(),
        "dataclassification": "agency", "subject": f"call/C-{number:09}",
        "data": {
            "call_number": f"C-{number:09}", "status": "Active",
            "incident_type": {"text": "DISTURBANCE"}, "priority": 3,
            "place": {"point": [-90.05, 29.95], "address": f"{number % 90}00 Example St"},
            "notes": [{"text": f"sent {time.time():.6f}"}],
        },
    }  # fmt: skip


def batch(events: list[dict]) -> bytes:
    return json.dumps(events).encode()
