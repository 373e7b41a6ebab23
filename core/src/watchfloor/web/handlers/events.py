"""Events: the batch endpoint, lists, one event with its lineage, cameras nearby."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec
import orjson
from aiohttp import web
from msgspec import Raw

from watchfloor.access import PERSONAL, About, Weighed, purpose_needed
from watchfloor.alerts import faces
from watchfloor.audit import AuditEvent
from watchfloor.contracts import BY_NAME, GiveUp, NotFound, Refused, Summary, rfc3339
from watchfloor.contracts.normal import normal_phone
from watchfloor.contracts.protocol import Emit, Emitted
from watchfloor.identity import Permission, Role
from watchfloor.policy import LIVE, live_only, redact, redact_at
from watchfloor.ports.geometry import distance_m
from watchfloor.ports.store import EventFilter, KeyPattern, RawPage, RecordedEvent, Scope
from watchfloor.retention import words
from watchfloor.search import Query, fields_of
from watchfloor.web.admission import object_of
from watchfloor.web.handlers.reach import CURSOR, owner_of, page_end
from watchfloor.web.handlers.search import moment
from watchfloor.web.routes import (
    LIMIT,
    POSITIVE,
    TIME,
    Access,
    Answer,
    Call,
    Param,
    Route,
    one_of,
    path_param,
)

MAX_BATCH = 16 * 1024 * 1024

CLOCKS_DIFFER = 3_600_000_000
"""Microseconds by which a list may ask for more than what is live, and gets what is."""

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
    """The newest events, narrowed by kind, source, key and time: what is live, of a call what is
    older, too. Plate reads and all else that is older are searched for, which counts how far it
    reaches. Raises ``Refused`` for a time before."""
    params = call.params
    _check_live(call)
    where = EventFilter(
        keys=_keys(params),
        types=_types(params["kind"]),
        sources=[params["source"]] if params["source"] else [],
        since=moment(params["since"], None),
        until=moment(params["until"], None),
        before=page_end(params["cursor"]),
        scope=_listed_to(call),
    )
    rows = await call.hub.store.index.find(where, params["limit"])
    more = len(rows) == params["limit"]
    past = call.hub.clock.now() - LIVE
    noted = (row.seq for row in rows if row.type in PERSONAL or row.time < past)
    call.hub.handed_out.note(call.person.id, noted)
    return Events(
        items=[call.hub.summariser(row, call.grant.decision.redacts) for row in rows],
        next=f"{rows[-1].time}.{rows[-1].seq}" if more else None,
    )


def _listed_to(call: Call) -> Scope:
    """On a hub for development, whose data are made up, everything is listed."""
    scope = call.grant.scope
    if Role.DEVELOPER in call.person.roles:
        return scope
    scope = replace(scope, without_types=scope.without_types | PERSONAL)
    return scope if call.params["call"] else live_only(scope, call.hub.clock.now())


def _check_live(call: Call) -> None:
    """An empty list of what is older would look as if there were nothing."""
    since, now = moment(call.params["since"], None), call.hub.clock.now()
    if since is None or since >= now - LIVE - CLOCKS_DIFFER:
        return
    if call.grant.purpose is None:
        raise purpose_needed()
    if not call.params["call"] and Role.DEVELOPER not in call.person.roles:
        raise Refused(
            f"Only what is live is listed: {words(LIVE)} back.",
            code="only_live",
            remedy="Search for what is older: a search counts how far it reaches.",
        )


async def get_event(call: Call) -> dict[str, Any]:
    """One event whole, with where it came from and what was changed."""
    row = await shown(call)
    seq = row.seq
    lineage = await call.hub.store.log.lineage(seq)
    redacts = call.grant.decision.redacts
    return {
        "seq": seq,
        "summary": msgspec.to_builtins(call.hub.summariser(row, redacts)),
        "event": {**told(call, row), "recordedtime": rfc3339(row.recorded)},
        "lineage": {
            "source": row.source,
            "connector": lineage.connector,
            "raw_sha256": lineage.raw.sha256 if lineage.raw else None,
            "raw_bytes": len(lineage.raw.body) if lineage.raw else None,
            "raw_content_type": lineage.raw.content_type if lineage.raw else None,
            "pointer": lineage.pointer,
            "changes": list(_changes(orjson.loads(lineage.changes or "[]"), redacts)),
        },
    }


def _changes(changes: list[Any], redacts: Collection[str]) -> Iterator[dict[str, Any]]:
    """What was changed, of the fields that are shown."""
    for path, *values in changes:
        with suppress(KeyError):
            before, after = redact_at(path.split("."), values, redacts)
            yield {"path": path, "from": before, "to": after}


async def get_raw(call: Call) -> web.Response:
    """The event's part of the vendor's answer, as it came; of an answer that names no parts the
    whole. As text for reading, never as something to run."""
    row = await shown(call)
    if call.grant.decision.redacts:
        raise Refused(
            "The policy leaves fields out of what you see, and the vendor's bytes have them all.",
            code="raw_has_it_all",
            remedy="Read the event; ask the policy owner for more.",
        )
    lineage = await call.hub.store.log.lineage(row.seq)
    if lineage.raw is None:
        raise NotFound("This source does not hand over its raw form.", code="no_raw")
    headers = {
        "X-Raw-Sha256": lineage.raw.sha256,
        "Content-Disposition": f'inline; filename="raw-{row.seq}.txt"',
    }
    if lineage.pointer:
        body = _part_of(lineage.raw.body, lineage.pointer)
        headers["X-Raw-Part"] = quote(lineage.pointer)
    else:
        body = await _whole_page(call, row, lineage.raw)
    return web.Response(body=body, content_type="text/plain", headers=headers)


def _part_of(page: bytes, pointer: str) -> bytes:
    """What a JSON Pointer (RFC 6901) points to, byte for byte. Raises ``Refused`` where it cannot
    be cut out (a row of a table): beside it may be what no event here was made of, or is gone."""
    part = page
    try:
        for name in pointer.removeprefix("/").split("/"):
            inside = msgspec.json.decode(part, type=dict[str, Raw] | list[Raw])
            part = bytes(
                inside[int(name)]
                if isinstance(inside, list)
                else inside[name.replace("~1", "/").replace("~0", "~")]
            )
    except (msgspec.DecodeError, LookupError, ValueError):
        raise _raw_has_others() from None
    return part


async def _whole_page(call: Call, row: RecordedEvent, page: RawPage) -> bytes:
    """All of the answer, and with it the other records in it, which are counted as shown. Raises
    ``Refused`` where one of them is a plate read, or not for whoever asks."""
    others = await call.hub.store.log.beside(row.seq)
    if not all(call.grant.scope.shows(each) and each.type not in PERSONAL for each in others):
        raise _raw_has_others()
    if others:
        call.hub.handed_out.note(call.person.id, (each.seq for each in others))
        call.hub.door.answered(call.grant, count=1 + len(others), sha256=page.sha256)
    return page.body


def _raw_has_others() -> Refused:
    return Refused(
        "The vendor's answer has other records, from which this event's part cannot be told.",
        code="raw_has_others",
        remedy="Read the event: it has all that the connector took from its record.",
    )


def opening(call: Call) -> About:
    """The event of the path, for policy and record: whose data it is; of a plate read the plate,
    and, where nothing had shown it to whoever opens it, how far all that they opened so reaches."""

    async def weigh(scope: Scope) -> Weighed:
        try:
            row = await call.hub.store.log.get(call.params["seq"])
        except NotFound:
            return Weighed({})
        if not scope.shows(row):
            return Weighed({})
        owner = call.hub.engine.owners.get(row.source)
        facts: dict[str, Any] = {"owner": owner} if owner else {}
        if row.type not in PERSONAL:
            caller = _caller(row)
            is_past = row.time < call.hub.clock.now() - LIVE
            reach = await _reach(call, row, owner, caller) if caller and is_past else {}
            return Weighed({**facts, **reach}, fetched=row)
        subject = ("plate", dict(row.keys)["plate"])
        reach = await _reach(call, row, owner)
        return Weighed({**facts, **reach}, fetched=row, subject=subject)

    return About(
        object=object_of(call),
        weigh=weigh,
        alone="tell",
        instead="Search for it, for a 911 call by its own number: what a search showed opens. By"
        " number, they add up over a day.",
    )


def _caller(row: RecordedEvent) -> str:
    """The telephone number that an event tells, if it does."""
    return normal_phone(orjson.loads(row.body)["data"].get("callback") or "")


async def _reach(
    call: Call, row: RecordedEvent, owner: str | None, caller: str = ""
) -> Mapping[str, int]:
    """How far whoever opens it has got without a search; nothing for what they were shown."""
    hub, person = call.hub, call.person.id
    if hub.handed_out.has(person, row.seq) or await _alert_shows(call, row):
        return {}
    return hub.handed_out.opens(person, row, owner, hub.clock.now(), caller)


async def _alert_shows(call: Call, row: RecordedEvent) -> bool:
    """Whether an open alert that they see is about it."""
    alerts, _ = call.hub.door.shows(call.person, Permission.ALERTS_READ)
    return await call.hub.alerts.is_open_about(row, alerts.scope)


async def shown(call: Call) -> RecordedEvent:
    """The event of the path, if it may be seen; one that may not is as absent. Raises ``NotFound``,
    and ``Refused`` (code ``purpose_needed``) for one that a purpose would show."""
    row: RecordedEvent = call.grant.fetched or await call.hub.store.log.get(call.params["seq"])
    if call.grant.scope.shows(row):
        if row.type in PERSONAL or row.time < call.hub.clock.now() - LIVE:
            call.hub.handed_out.note(call.person.id, [row.seq])
        return row
    if _was_agreed(call, row):
        return row
    if call.grant.purpose is None and call.grant.decision.scope.shows(row):
        if row.type not in PERSONAL and await _alert_shows(call, row):
            return row
        raise purpose_needed()
    raise NotFound(f"There is no event {row.seq}.")


def _was_agreed(call: Call, row: RecordedEvent) -> bool:
    """Whether it is kept for the case that is worked on, and a search has shown it, to which a
    second person agreed."""
    case = call.grant.purpose.case_number if call.grant.purpose else None
    if case is None or not call.hub.handed_out.has(call.person.id, row.seq):
        return False
    held = call.hub.engine.world.held(case, call.hub.clock.now())
    return replace(call.grant.scope, held=held).shows(row)


def told(call: Call, row: RecordedEvent) -> dict[str, Any]:
    """The event without what policy leaves out."""
    event: dict[str, Any] = redact(orjson.loads(row.body), call.grant.decision.redacts)
    return event


async def nearest_cameras(call: Call) -> dict[str, Any]:
    """Cameras by distance from an event, and whether the event lies in their view."""
    row = await shown(call)
    place = told(call, row).get("data", {}).get("place") or {}
    if row.point is None or "point" not in place:
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
    return {"items": cameras[: call.params["limit"]], "next": None, "error_m": place.get("error_m")}


def listed(call: Call) -> About:
    """What a list is about, for policy and record."""
    params = call.params
    key = next(((kind, params[kind]) for kind in ("call", "unit", "asset") if params[kind]), None)
    since, until = (moment(params[name], None) for name in ("since", "until"))
    owner = owner_of(call, [params["source"]])
    by = Query(keys=_keys(params), types=_types(params["kind"]))
    facts = {"subject": _SUBJECTS[key and key[0]], "owner": owner, "fields": fields_of(by)}
    return About(facts=facts, subject=key, lookback=(since, until))


_SUBJECTS = {"call": "call", "unit": "device", "asset": "device", None: "none"}
"""By what is listed: never by a plate or a person."""


def _types(names: str | None) -> list[str]:
    return [BY_NAME[name].type for name in names.split(",")] if names else []


def _keys(params: dict[str, Any]) -> list[KeyPattern]:
    return [KeyPattern(kind, params[kind]) for kind in ("call", "unit", "asset") if params[kind]]


RADIUS = Param(
    "radius_m", "How far, in metres.", {"type": "number", "minimum": 1, "maximum": 20_000},
    default=500.0,
)  # fmt: skip

ROUTES = (
    Route("POST", "/events", "events", "Hand over a batch of events", post_events,
          access=Access(Permission.DATA_BRING, AuditEvent.EVENT_ACCEPTED, fails_open=True),
          params=(Param("source", "The push source that hands over.", required=True),),
          body=bytes, body_content_type="application/cloudevents-batch+json", max_body=MAX_BATCH,
          answers={200: Answer("All durable.", Emitted)}),
    Route("GET", "/events", "events", "The newest events", list_events,
          access=Access(Permission.DATA_LIVE, AuditEvent.EVENT_LISTED, "guarded", about=listed),
          params=(Param("kind", "Kinds, separated by commas. Plate reads are searched for instead.",
                        one_of(BY_NAME)),
                  Param("source", "Of one source."),
                  Param("call", "Filed under a call for service."), Param("unit", "Under a unit."),
                  Param("asset", "Under an asset."), Param("since", "From.", TIME),
                  Param("until", "To.", TIME), LIMIT,
                  CURSOR),
          answers={200: Answer("Newest first.", Events)}),
    Route("GET", "/events/{seq}", "events", "One event with its lineage", get_event,
          access=Access(Permission.DATA_LIVE, AuditEvent.EVENT_VIEWED, "guarded", about=opening),
          params=(SEQ,), answers={200: Answer("The event.", {"type": "object"})}),
    Route("GET", "/events/{seq}/raw", "events", "The vendor's bytes", get_raw,
          access=Access(Permission.DATA_LIVE, AuditEvent.EVENT_RAW_VIEWED, "needed", about=opening),
          params=(SEQ,),
          answers={200: Answer("As they came: this event's part.", None, "text/plain")}),
    Route("GET", "/events/{seq}/cameras", "events", "Nearest cameras", nearest_cameras,
          access=Access(Permission.DATA_LIVE, AuditEvent.EVENT_VIEWED, "guarded", about=opening),
          params=(SEQ, LIMIT, RADIUS),
          answers={200: Answer("By distance.", {"type": "object"})}),
)  # fmt: skip
