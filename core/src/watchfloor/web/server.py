"""Serves the route table with aiohttp: session, parameters, body, errors, headers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import jsonschema_rs
import msgspec
from aiohttp import ClientConnectionResetError, web

from watchfloor.answers import (
    JSON,
    SECURITY_HEADERS,
    error_body,
    read_body,
    retry_after,
    status_of,
)
from watchfloor.contracts import GiveUp, Refused, WatchfloorError

from .hub import HUB, Hub
from .routes import Call, Param, Route
from .sessions import COOKIE

log = logging.getLogger(__name__)

API = "/api/v1"

_encode = msgspec.json.Encoder().encode


def error_response(status: int, error: WatchfloorError) -> web.Response:
    """What went wrong, in the shape that every route uses."""
    response = web.Response(body=error_body(error), status=status, content_type=JSON)
    if (seconds := retry_after(error)) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def add_routes(app: web.Application, routes: Sequence[Route]) -> None:
    """Put the table on an application."""
    for route in routes:
        app.router.add_route(route.method, API + route.path, _serve(route))


def _serve(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    checks = [(param, jsonschema_rs.validator_for(dict(param.schema))) for param in route.params]

    async def handle(request: web.Request) -> web.StreamResponse:
        hub = request.app[HUB]
        try:
            call = Call(
                request=request,
                hub=hub,
                actor=_actor(request, hub, route),
                params=_params(request, checks),
            )
            if route.body is not None:
                call.body = await _body(request, route)
            answer = await route.handler(call)
        except WatchfloorError as error:
            return error_response(status_of(error), error)
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            return web.Response(status=204)
        return web.Response(body=_encode(answer), content_type=JSON)

    return handle


def _actor(request: web.Request, hub: Hub, route: Route) -> str:
    person = hub.sessions.person(request.cookies.get(COOKIE))
    if person is None and route.session:
        raise Refused(
            "Nobody is signed in here.",
            code="not_signed_in",
            remedy="Open the sign-in link that the hub printed when it started.",
        )
    if person is not None and request.method != "GET":
        _same_origin(request)
    return person or "nobody"


def _same_origin(request: web.Request) -> None:
    """A page of another site cannot act with this person's cookie."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.split("//", 1)[-1] != request.host:
        raise Refused("This came from a page of another site.", code="cross_origin")


def _params(
    request: web.Request, checks: Sequence[tuple[Param, jsonschema_rs.Validator]]
) -> dict[str, Any]:
    known = {param.name for param, _ in checks}
    for name in request.query:
        if name not in known:
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
    raw = await read_body(request, route.max_body)
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
    except ClientConnectionResetError:
        raise  # whoever asked has gone: no failure of ours
    except Exception:
        route = request.match_info.route.resource
        log.exception("unexpected error in %s %s", request.method, route and route.canonical)
        return error_response(500, WatchfloorError("The hub failed on this.", code="internal"))


async def secure(_request: web.Request, response: web.StreamResponse) -> None:
    """Signal ``on_response_prepare``: the headers that every answer carries."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
