"""Made-up events, sources and vendors for tests of the whole hub. No real plate, no real person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hub import Api

from watchfloor_city import Look, PlatePassed
from watchfloor_sdk.simulation import Setup

HERE = (-90.07, 29.95)
LOOK = Look("Ford", "F-150", "white", "pickup")


def call(number: int, source: str = "push-1", **changes: Any) -> dict[str, Any]:
    """A call for service as a push source hands it over. ``changes`` replace attributes."""
    return {
        "specversion": "1.0",
        "id": f"call-{number}",
        "source": source,
        "type": "watchfloor.cad.incident.v1",
        "time": datetime.now(UTC).isoformat(),
        "dataclassification": "agency",
        "subject": f"call/ZZ-{number:05}",
        "data": {
            "call_number": f"ZZ-{number:05}",
            "status": "Active",
            "incident_type": {"text": "Armed robbery"},
            "priority": 1,
            "place": {"point": list(HERE), "address": "100 Main St"},
        },
        **changes,
    }


def read(number: int, source: str = "push-1", **changes: Any) -> dict[str, Any]:
    """A plate read. ``changes`` replace attributes."""
    return {
        "specversion": "1.0",
        "id": f"read-{number}",
        "source": source,
        "type": "watchfloor.lpr.read.v1",
        "time": datetime.now(UTC).isoformat(),
        "dataclassification": "le-sensitive",
        "data": {"plate": f"ZZT{number:04}", "reader": "gate-1", "place": {"point": list(HERE)}},
        **changes,
    }


def hit(number: int, source: str = "push-1", **changes: Any) -> dict[str, Any]:
    """What a vendor found on a list of its own. ``changes`` replace attributes."""
    seen = read(number, source)
    data = {**seen["data"], "hot_list": "BOLO"}
    return {**seen, "id": f"hit-{number}", "type": "watchfloor.lpr.hit.v1", "data": data, **changes}


def passed(number: int, at: datetime | None = None, reader: str = "gate-1") -> PlatePassed:
    """A plate that passed a reader, as vendors' simulators are told. Plates never repeat."""
    return PlatePassed(
        at=at or datetime.now(UTC) - timedelta(milliseconds=50),
        reader=reader,
        plate=f"ZZ{number:06}",
        region="US-LA",
        confidence=0.9,
        heading_deg=90.0,
        point=HERE,
        vehicle=LOOK,
    )


async def push_source(api: Api, id: str = "push-1") -> str:
    """Configure a push source; its id."""
    await api.send("PUT", f"/sources/{id}", {"connector": "push", "name": id})
    return id


async def connect(api: Api, id: str, setup: Setup, **config: Any) -> str:
    """Configure a connector against a vendor, as agency IT would; its id."""
    wanted = {"connector": setup.connector, "name": id, "config": {**setup.config, **config}}
    await api.send("PUT", f"/sources/{id}", wanted)
    for name, value in setup.credentials.items():
        await api.send("PUT", f"/sources/{id}/credentials/{name}", {"value": dict(value)})
    return id


def ids(events: list[Mapping[str, Any]]) -> list[str]:
    """The ids of events, sorted, repeated ones included."""
    return sorted(event["id"] for event in events)


async def hot_list(api: Api, *plates: str, id: str = "stolen", **terms: str) -> None:
    """A list of these plates, as another system's file: while no request is open."""
    request = (await api.get("/session"))["request"]
    await api.send("PUT", "/session/request", {"request": None})
    whose = {"name": "Stolen", "owner": "Example PD", "reason": "Stolen vehicle"}
    await api.send("PUT", f"/hot-lists/{id}", {**whose, **terms})
    await api.send("PUT", f"/hot-lists/{id}/entries", "\n".join(["plate", *plates]).encode())
    await api.send("PUT", "/session/request", {"request": request})
