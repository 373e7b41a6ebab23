"""Serves the route table with aiohttp: session, parameters, body, errors, headers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import jsonschema_rs
import msgspec
from aiohttp import ClientConnectionResetError, web

from watchfloor.access import Asking, Grant
from watchfloor.answers import (
    JSON,
    error_body,
    read_body,
    retry_after,
    status_of,
)
from watchfloor.audit import AuditEvent, Entry, Outcome
from watchfloor.audit import Origin as Whence
from watchfloor.contracts import GiveUp, Refused, WatchfloorError
from watchfloor.identity import Permission, Session

from .admission import (
    admit,
    asked_for,
    bearer,
    check_open,
    check_still_open,
    not_signed_in,
    origin_of,
)
from .cookies import COOKIE, cookie
from .csrf import check_same_origin
from .forwarded import peer_of
from .hub import HUB, Hub
from .limits import Buckets, Rate
from .routes import Call, Param, Route

log = logging.getLogger(__name__)

API = "/api/v1"

NOTED = Rate(burst=1, per_second=1 / 600)
"""How often it is written down that one session was kept out for one reason, or that an address
shows tokens that are none: a locked screen goes on asking, and so does a vendor's program."""

READ_S = 30.0
"""Seconds that a body gets, and"""
SLOWEST = 128 * 1024
"""so many bytes in each more: what is uploaded over a slow line."""

_encode = msgspec.json.Encoder().encode


GRANT = web.RequestKey("grant", Grant)


async def recorded_first(request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``: no answer leaves before what was asked is on record, whatever
    its handler does. A refusal shows nothing, and may be there because there is no record."""
    grant = request.get(GRANT)
    if grant is not None and response.status < 400:
        await grant.on_record()


def error_response(status: int, error: WatchfloorError) -> web.Response:
    """What went wrong, in the shape that every route uses."""
    response = web.Response(body=error_body(error), status=status, content_type=JSON)
    if (seconds := retry_after(error)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def add_routes(app: web.Application, routes: Sequence[Route]) -> None:
    """Put the table on an application."""
    noted = Buckets(NOTED)
    for route in routes:
        app.router.add_route(route.method, API + route.path, _serve(route, noted))


def _serve(route: Route, noted: Buckets) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    params = asked_for(route)
    checks = [(param, jsonschema_rs.validator_for(dict(param.schema))) for param in params]

    async def handle(request: web.Request) -> web.StreamResponse:
        hub = request.app[HUB]
        try:
            session = await _session(request, hub, route, noted)
            call = Call(request, hub, _params(request, checks, route.any_query), session=session)
            if route.body is not None:
                call.body = await _body(request, route)
                # It came when its sender let it: what opened anything before may not any more.
                call.session = await _session(request, hub, route, noted)
            if route.access is not None:
                call.given = request[GRANT] = await admit(call, route.access)
            return await _handled(route, call)
        except WatchfloorError as error:
            return error_response(status_of(error), error)

    return handle


async def _handled(route: Route, call: Call) -> web.StreamResponse:
    """What the handler answers. What it was admitted to stands in the audit log by now: where it
    ends with an error, whatever that is, this has to stand there, too."""
    try:
        answer = _response(await route.handler(call))
        await call.hub.sessions.settle()
        if _only_shows(route) and not answer.prepared:  # a stream looks after itself
            check_still_open(call)
        return answer
    except ClientConnectionResetError:
        raise  # whoever asked has gone: no failure of ours
    except Exception as error:
        if call.given is not None:
            await call.hub.door.came_to_nothing(call.given, error)
        raise


def _only_shows(route: Route) -> bool:
    """Of what was changed, its author hears, even where that ended their session."""
    return route.access is not None and (route.method == "GET" or route.access.only_shows)


def _response(answer: Any) -> web.StreamResponse:
    if isinstance(answer, web.StreamResponse):
        return answer
    if answer is None:
        return web.Response(status=204)
    return web.Response(body=_encode(answer), content_type=JSON)


async def _session(request: web.Request, hub: Hub, route: Route, noted: Buckets) -> Session | None:
    """The caller's session. Raises ``Refused`` where the route needs one that is open. Who shows a
    token is who it was made for: a cookie beside it counts for nothing, and a token opens no route
    about one's own session."""
    if (shown := bearer(request)) is not None:
        service = hub.tokens.session(shown, peer_of(request).address)
        if service is None or route.access is None:
            if not noted.take(f"token {peer_of(request).address}"):
                _note_token(request, hub)
            raise not_signed_in("Show a token that is valid; ask who gave it to you.")
        return service
    session = hub.sessions.find(cookie(request, COOKIE))
    if session is None:
        if route.session:
            raise not_signed_in("Sign in; the console's page does it.")
        if not route.from_elsewhere:
            check_same_origin(request)  # nobody is signed in as somebody else by another's page
        return None
    try:
        check_same_origin(request)
        if route.access is not None:
            check_open(session, hub)
    except Refused as refused:
        if not noted.take(f"{refused.code} {session.id}"):
            await hub.door.turn_away(_kept_out(request, route, session), refused)
        raise
    if route.access is not None and request.method != "GET":
        hub.sessions.touch(session)
    return session


def _kept_out(request: web.Request, route: Route, session: Session) -> Asking:
    """What a session that opens nothing now was used for."""
    access = route.access
    return Asking(
        person=session.person,
        permission=access.permission if access else Permission.HUB_READ,
        event=access.event if access else AuditEvent.SESSION_CONFIRMED,
        origin=origin_of(request),
        session=session.id,
        recording="soon",
    )


def _note_token(request: web.Request, hub: Hub) -> None:
    """A token that opens nothing was shown."""
    hub.door.recorder.note(
        Entry(
            event=AuditEvent.SESSION_BEGUN,
            outcome=Outcome.DENIED,
            origin=Whence(address=peer_of(request).address),
            more={"by": "token", "reason": "not_signed_in"},
        )
    )


def _params(
    request: web.Request,
    checks: Sequence[tuple[Param, jsonschema_rs.Validator]],
    any_query: bool,
) -> dict[str, Any]:
    known = {param.name for param, _ in checks}
    for name in request.query:
        if name not in known and not any_query:
            raise GiveUp(f"There is no parameter “{name}” here.", code="unknown_parameter")
    return {param.name: _param(request, param, check) for param, check in checks}


def _param(request: web.Request, param: Param, check: jsonschema_rs.Validator) -> Any:
    text = request.match_info.get(param.name) if param.where == "path" else None
    if param.where == "query":
        text = request.query.get(param.name)
    if text is None:
        if param.required:
            raise GiveUp(f"The parameter “{param.name}” is missing.", code="missing_parameter")
        return param.default
    value = _typed(text, param)
    if not check.is_valid(value):
        reason = next(iter(check.iter_errors(value))).message
        raise GiveUp(f"The parameter “{param.name}”: {reason[:200]}.", code="bad_parameter")
    return value


def _typed(text: str, param: Param) -> Any:
    try:
        match param.schema.get("type"):
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text]
    except (ValueError, KeyError):
        wanted = param.schema["type"]
        raise GiveUp(
            f"The parameter “{param.name}” is no {wanted}.", code="bad_parameter"
        ) from None
    return text


async def _body(request: web.Request, route: Route) -> Any:
    size = request.content_length or route.max_body
    raw = await read_body(request, route.max_body, READ_S + size / SLOWEST)
    if route.body is bytes:
        return raw
    try:
        return msgspec.json.decode(raw, type=route.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise GiveUp(f"The body does not fit: {error}.", code="bad_body") from None


@web.middleware
async def in_shape(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The server's own errors (no such path, wrong method) in the shape of all others, and
    failures that nobody foresaw as a plain 500: what failed stands in the log alone."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        said = WatchfloorError(f"{error.reason}.", code=f"http_{error.status}")
        response = error_response(error.status, said)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except WatchfloorError as error:  # a guard's
        return error_response(status_of(error), error)
    except ClientConnectionResetError:
        raise  # whoever asked has gone: no failure of ours
    except Exception:
        route = request.match_info.route.resource
        log.exception("unexpected error in %s %s", request.method, route and route.canonical)
        return error_response(500, WatchfloorError("The hub failed on this.", code="internal"))
