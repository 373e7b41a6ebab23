"""The board now, and what changes on it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import web

from watchfloor.access import operator_of
from watchfloor.alerts import publicly, takes_certification
from watchfloor.audit import AuditEvent, Entry, Outcome
from watchfloor.contracts import BY_NAME, GiveUp, rfc3339
from watchfloor.identity import Permission, Person, Session
from watchfloor.live import Subject, Subscriber
from watchfloor.ports.store import Micros, Scope
from watchfloor.web.handlers.alerts import is_shown
from watchfloor.web.routes import Access, Answer, Call, Route


async def get_live(call: Call) -> dict[str, Any]:
    """Calls, gunshots, units, the newest events, reads per reader, alert counts, sources."""
    hub = call.hub
    board = _seen(hub.board.snapshot(), call.grant.scope)
    new = await hub.alerts.list(["new"], limit=1000)
    new = [alert for alert in new if is_shown(alert, call.grant.scope)]
    alerts: dict[str, Any] = {"new": len(new)}
    if call.signed_in.wall:
        alerts["shown"] = [publicly(alert) for alert in new if not takes_certification(alert)]
        board["recent"] = [each for each in board["recent"] if not BY_NAME[each.kind].personal]
    return {
        **board,
        "now": rfc3339(hub.clock.now()),
        "alerts": alerts,
        "sources": await hub.sources.views(),
    }


async def stream(call: Call) -> web.StreamResponse:
    """Server-sent events; resumes after ``Last-Event-ID``. It ends with the session, when the
    screen locks, and when a training lapses."""
    after = _position(call.request.headers.get("Last-Event-ID"))
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(call.request)
    hub, session = call.hub, call.signed_in
    scope, lasts_s = hub.door.shows(call.person, Permission.DATA_LIVE)
    subscriber = Subscriber(_subjects(call, scope))

    def ended(other: Session) -> None:
        if other is session:
            subscriber.end()

    stop = hub.sessions.on_end(ended)
    # With a training ends what it opens, as does what policy gave for a while: the console asks
    # anew, and is told what is left.
    ends = [*_lapses(call.person, hub.clock.now()), *([] if lasts_s is None else [lasts_s])]
    ending = asyncio.get_running_loop().call_later(min(ends), subscriber.end) if ends else None
    feed = hub.feed.follow(subscriber, after)
    try:
        with contextlib.suppress(ConnectionResetError):
            async with contextlib.aclosing(feed):
                async for chunk in feed:
                    if session.state(hub.clock.now()) == "locked":
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


def _seen(board: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The board without what policy does not show this person."""
    hidden = scope.without_handling
    lists = {
        name: [each for each in board[name] if each.handling not in hidden]
        for name in ("calls", "gunshots", "recent")
    }
    return {**board, **lists}


def _subjects(call: Call, scope: Scope) -> frozenset[Subject]:
    """What a person is told of as it happens."""
    session = call.signed_in
    may = session.person.permissions
    subjects: dict[Subject, Permission] = {
        "data": Permission.DATA_LIVE, "alerts": Permission.ALERTS_READ, "hub": Permission.HUB_READ,
        "oversight": Permission.OVERRIDE_REVIEW,
    }  # fmt: skip
    told = {subject for subject, needed in subjects.items() if needed in may}
    if session.wall:
        told.add("wall")
    if scope.only_sources is not None:
        told.discard("data")
    elif "cji" not in scope.without_handling:
        told |= {_OF_CJI[subject] for subject in told & _OF_CJI.keys()}
    return frozenset(told)


_OF_CJI: dict[Subject, Subject] = {"data": "cji", "alerts": "cji_alerts"}


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
