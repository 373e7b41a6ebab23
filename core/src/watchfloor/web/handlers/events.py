"""Events: the batch endpoint, lists, one event with its lineage, cameras nearby."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson
from aiohttp import web

from watchfloor.alerts import faces
from watchfloor.contracts import BY_NAME, GiveUp, NotFound, Summary, rfc3339
from watchfloor.contracts.protocol import Emit, Emitted
from watchfloor.ports.geometry import distance_m
from watchfloor.ports.store import EventFilter, KeyPattern
from watchfloor.web.handlers.search import CURSOR, moment, page_end
from watchfloor.web.routes import (
    LIMIT,
    POSITIVE,
    Answer,
    Call,
    Param,
    Route,
    one_of,
    path_param,
)

MAX_BATCH = 16 * 1024 * 1024

SEQ = path_param("seq", "Position in the log.", POSITIVE)


class Events(msgspec.Struct):
    """A page of events."""

    items: list[Summary]
    next: str | None


async def post_events(call: Call) -> Emitted:
    """Take a batch of CloudEvents (JSON array) from a push source; answers when durable."""
    origin = call.hub.sources.push_origin(call.params["source"])
    try:
        events = msgspec.json.decode(call.body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        raise GiveUp(f"The body is no JSON array of events: {error}.", code="bad_body") from None
    accepted = await call.hub.ingest.accept(origin, Emit(events=events))
    await call.hub.gaps.assured(origin.source)
    return accepted


async def list_events(call: Call) -> Events:
    """The newest events, narrowed by kind, source, key and time."""
    params = call.params
    where = EventFilter(
        keys=_keys(params),
        types=_types(params["kind"]),
        sources=[params["source"]] if params["source"] else [],
        since=moment(params["since"], None),
        until=moment(params["until"], None),
        before=page_end(params["cursor"]),
    )
    rows = await call.hub.store.index.find(where, params["limit"])
    more = len(rows) == params["limit"]
    return Events(
        items=[call.hub.summariser(row) for row in rows],
        next=f"{rows[-1].time}.{rows[-1].seq}" if more else None,
    )


async def get_event(call: Call) -> dict[str, Any]:
    """One event whole, with where it came from and what was changed."""
    seq = call.params["seq"]
    row = await call.hub.store.log.get(seq)
    lineage = await call.hub.store.log.lineage(seq)
    event = orjson.loads(row.body)
    event["recordedtime"] = rfc3339(row.recorded)
    return {
        "seq": seq,
        "summary": msgspec.to_builtins(call.hub.summariser(row)),
        "event": event,
        "lineage": {
            "source": row.source,
            "connector": lineage.connector,
            "raw_sha256": lineage.raw.sha256 if lineage.raw else None,
            "raw_bytes": len(lineage.raw.body) if lineage.raw else None,
            "raw_content_type": lineage.raw.content_type if lineage.raw else None,
            "pointer": lineage.pointer,
            "changes": [
                {"path": path, "from": before, "to": after}
                for path, before, after in orjson.loads(lineage.changes or "[]")
            ],
        },
    }


async def get_raw(call: Call) -> web.Response:
    """The vendor's answer as it came. As text for reading, never as something to run."""
    lineage = await call.hub.store.log.lineage(call.params["seq"])
    if lineage.raw is None:
        raise NotFound("This source does not hand over its raw form.", code="no_raw")
    return web.Response(
        body=lineage.raw.body,
        content_type="text/plain",
        headers={
            "X-Raw-Sha256": lineage.raw.sha256,
            "Content-Disposition": f'inline; filename="raw-{call.params["seq"]}.txt"',
        },
    )


async def nearest_cameras(call: Call) -> dict[str, Any]:
    """Cameras by distance from an event, and whether the event lies in their view."""
    row = await call.hub.store.log.get(call.params["seq"])
    if row.point is None:
        raise GiveUp("This event has no place.", code="no_place")
    cameras: list[dict[str, Any]] = []
    for asset in await call.hub.store.assets.all(["camera"]):
        geometry = asset.get("geometry")
        if geometry and geometry["type"] == "Point":
            longitude, latitude = geometry["coordinates"][:2]
            camera = (longitude, latitude)
            distance = distance_m(row.point, camera)
            if distance <= call.params["radius_m"]:
                seen = faces(asset.get("field_of_view"), camera, row.point, distance)
                cameras.append({"asset": asset, "distance_m": round(distance, 1), "faces": seen})
    cameras.sort(key=lambda camera: camera["distance_m"])
    return {"items": cameras[: call.params["limit"]], "next": None, "error_m": _error(row.body)}


def _error(body: bytes) -> float | None:
    place = orjson.loads(body)["data"].get("place") or {}
    error: float | None = place.get("error_m")
    return error


def _types(names: str | None) -> list[str]:
    return [BY_NAME[name].type for name in names.split(",")] if names else []


def _keys(params: dict[str, Any]) -> list[KeyPattern]:
    return [KeyPattern(kind, params[kind]) for kind in ("call", "unit", "asset") if params[kind]]


RADIUS = Param(
    "radius_m", "How far, in metres.", {"type": "number", "minimum": 1, "maximum": 20_000},
    default=500.0,
)  # fmt: skip
_TIME = {"type": "string", "format": "date-time", "maxLength": 64}

ROUTES = (
    Route("POST", "/events", "events", "Hand over a batch of events", post_events,
          params=(Param("source", "The push source that hands over.", required=True),),
          body=bytes, body_content_type="application/cloudevents-batch+json", max_body=MAX_BATCH,
          answers={200: Answer("All durable.", Emitted)}),
    Route("GET", "/events", "events", "The newest events", list_events,
          params=(Param("kind", "Kinds, separated by commas.", one_of(BY_NAME)),
                  Param("source", "Of one source."),
                  Param("call", "Filed under a call for service."), Param("unit", "Under a unit."),
                  Param("asset", "Under an asset."), Param("since", "From.", _TIME),
                  Param("until", "To.", _TIME), LIMIT,
                  CURSOR),
          answers={200: Answer("Newest first.", Events)}),
    Route("GET", "/events/{seq}", "events", "One event with its lineage", get_event,
          params=(SEQ,), answers={200: Answer("The event.", {"type": "object"})}),
    Route("GET", "/events/{seq}/raw", "events", "The vendor's bytes", get_raw, params=(SEQ,),
          answers={200: Answer("As they came.", None, "text/plain")}),
    Route("GET", "/events/{seq}/cameras", "events", "Nearest cameras", nearest_cameras,
          params=(SEQ, LIMIT, RADIUS),
          answers={200: Answer("By distance.", {"type": "object"})}),
)  # fmt: skip
