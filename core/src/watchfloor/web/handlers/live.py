"""The board now, and what changes on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from watchfloor.access import operator_of
from watchfloor.audit import AuditEvent, Entry, Outcome
from watchfloor.contracts import KINDS, GiveUp, rfc3339
from watchfloor.identity import Permission, Person, Session
from watchfloor.live import Subject, Subscriber
from watchfloor.policy import WHOLE, Sight, live_only
from watchfloor.ports.store import Micros
from watchfloor.web.admission import still_opens
from watchfloor.web.handlers.sources import source_views
from watchfloor.web.routes import Access, Answer, Call, Route

_ROWS: Mapping[Subject, Permission] = {
    "data": Permission.DATA_LIVE, "alerts": Permission.ALERTS_READ,
}  # fmt: skip
"""What people are told of as far as policy shows it to them."""

_WHOLE: Mapping[Subject, Permission] = {
    "hub": Permission.HUB_READ, "oversight": Permission.OVERRIDE_REVIEW,
}  # fmt: skip

_OF_SOURCES: Sequence[tuple[Permission, Subject]] = (
    (Permission.SOURCES_OPERATE, "settings"),
    (Permission.SOURCES_READ, "sources"),
    (Permission.DATA_LIVE, "sources"),  # a wall shows what is missing
)
"""What of these somebody is told of: the first that they may."""

_NOT_ON_A_WALL = frozenset(
    kind.type for kind in KINDS if kind.name not in ("call", "gunshot", "unit", "vehicle")
)
"""A room sees what goes on, and nothing that could be searched for."""


async def get_live(call: Call) -> dict[str, Any]:
    """Calls, gunshots, units, the newest events, reads per reader, alert counts, sources, and in
    words what of all this policy closes to whoever looks."""
    hub, wall = call.hub, call.signed_in.wall
    sight = _openly(call.grant.sight) if wall else call.grant.sight
    alerts: dict[str, Any]
    if wall:
        shown = await hub.alerts.new_publicly(sight)
        alerts = {"new": len(shown), "shown": shown}
    else:
        alerts = {"new": len(await hub.alerts.list(["new"], limit=1000, sight=sight))}
    return {
        **hub.board.snapshot(_now(_on_a_wall(sight) if wall else sight, hub.clock.now())),
        "now": rfc3339(hub.clock.now()),
        "alerts": alerts,
        "sources": await source_views(call),
        "closed": call.grant.decision.closed,
    }


async def stream(call: Call) -> web.StreamResponse:
    """Server-sent events; resumes after ``Last-Event-ID``. It ends with the session, when the
    screen locks or becomes a wall's, when a training lapses, and when another policy is adopted."""
    after = _position(call.request.headers.get("Last-Event-ID"))
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(call.request)
    # From here to the feed nothing waits: no end of a session and no policy comes between.
    hub, session, wall = call.hub, call.signed_in, call.signed_in.wall
    sights, ends = _told_of(call)

    def reader() -> str | None:
        is_there = call.request.transport is not None  # else only the next write would find out
        is_open = session.state(hub.clock.now()) == "open"
        return session.person.handle if is_there and is_open else None

    subscriber = Subscriber(sights, reader)

    def ended(other: Session) -> None:
        if other is session:
            subscriber.end()

    stop = hub.sessions.on_end(ended)
    if not still_opens(call):
        subscriber.end()
    # With a training ends what it opens, as does what policy gave for a while.
    later = asyncio.get_running_loop().call_later
    ending = later(min(ends), subscriber.start_over) if ends else None
    feed = hub.feed.follow(subscriber, after)
    try:
        with contextlib.suppress(ConnectionResetError):
            async with contextlib.aclosing(feed):
                async for chunk in feed:
                    if session.state(hub.clock.now()) == "locked" or session.wall is not wall:
                        break
                    await response.write(chunk)
    finally:
        stop()
        hub.audit.note(
            Entry(
                event=AuditEvent.FEED_CLOSED,
                outcome=Outcome.DONE,
                operator=operator_of(call.person),
                session=session.id,
            )
        )
        if ending:
            ending.cancel()
    return response


def _told_of(call: Call) -> tuple[Mapping[Subject, Sight], Sequence[float]]:
    """What a person is told of as it happens, what they see of it, and in how many seconds each
    thing that opens some of it ends."""
    door, person, now = call.hub.door, call.person, call.hub.clock.now()
    by_policy = {
        subject: door.shows(person, permission)
        for subject, permission in _ROWS.items()
        if permission in person.permissions
    }
    sights: dict[Subject, Sight] = {subject: sight for subject, (sight, _) in by_policy.items()}
    for subject, permission in _WHOLE.items():
        if permission in person.permissions:
            sights[subject] = WHOLE
    for permission, subject in _OF_SOURCES:
        if permission in person.permissions:
            sights[subject] = WHOLE
            break
    if "data" in sights:
        sights["data"] = _now(sights["data"], now)
    if call.signed_in.wall:
        sights["wall"] = _openly(sights["data"])
        sights["data"] = _on_a_wall(sights["data"])
    lasting = [lasts for _, lasts in by_policy.values() if lasts is not None]
    return sights, [*_lapses(person, now), *lasting]


def _now(sight: Sight, now: Micros) -> Sight:
    """What is live. What comes in late, or was missed for long, is looked for with a purpose."""
    return replace(sight, scope=live_only(sight.scope, now))


def _openly(sight: Sight) -> Sight:
    """What may be said to a room, whoever signed in there."""
    scope = sight.scope
    return replace(sight, scope=replace(scope, without_handling=scope.without_handling | {"cji"}))


def _on_a_wall(sight: Sight) -> Sight:
    """Of events, what may be shown to a room."""
    scope = _openly(sight).scope
    return replace(sight, scope=replace(scope, without_types=scope.without_types | _NOT_ON_A_WALL))


def _lapses(person: Person, now: Micros) -> list[float]:
    """In how many seconds each of a person's trainings ends."""
    return [(until - now) / 1_000_000 for until in person.certified.values() if until > now]


def _position(header: str | None) -> int | None:
    if not header:
        return None
    if not header.isdecimal() or len(header) > 18:
        raise GiveUp("Last-Event-ID is a position in the log.", code="bad_parameter")
    return int(header)


ROUTES = (
    Route("GET", "/live", "live", "The board now", get_live,
          access=Access(Permission.DATA_LIVE, AuditEvent.LIVE_VIEWED, fails_open=True),
          answers={200: Answer("The board.", {"type": "object"})}),
    Route("GET", "/stream", "live", "What changes, as server-sent events", stream,
          access=Access(Permission.HUB_READ, AuditEvent.FEED_OPENED, fails_open=True),
          answers={200: Answer("A stream that does not end.", None, "text/event-stream")}),
)  # fmt: skip
