"""Signing in for a command line: in the browser, by the agency's provider, then over loopback."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.contracts import WatchfloorError
from watchfloor.identity import Terminal
from watchfloor.web.admission import origin_of
from watchfloor.web.routes import Answer, Call, Param, Route

from .session import Who, begin_session, refused, who
from .sign_on import send_away

_SECRET = "^[A-Za-z0-9._~-]{43,128}$"  # noqa: S105 - RFC 7636, section 4.1


class Code(Struct, forbid_unknown_fields=True):
    """What the browser brought, and the secret of the command line that it was meant for."""

    code: Annotated[str, Meta(min_length=1, max_length=256)]
    verifier: Annotated[str, Meta(pattern=_SECRET)]


async def depart_for_terminal(call: Call) -> web.Response:
    """Send the browser to the provider. Everybody shows anew who they are: a session there that
    goes on would hand a command line over without a word."""
    params = call.params
    terminal = Terminal(params["port"], params["challenge"], params["state"])
    return await send_away(call, "/", again=True, terminal=terminal)


async def sign_in_terminal(call: Call) -> web.Response:
    """Exchange what the browser brought for a session."""
    try:
        vouched = call.hub.handovers.take(call.body.code, call.body.verifier)
    except WatchfloorError as error:
        refused(call, error, more={"by": "terminal"})
        raise
    response = web.Response(status=201, content_type="application/json")
    session = begin_session(
        call, response, vouched, origin_of(call.request), more={"by": "terminal"}
    )
    response.body = msgspec.json.encode(who(call, session))
    return response


def _text(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": pattern}


ROUTES = (
    Route("GET", "/sign-in/terminal", "session", "Sign in for a command line",
          depart_for_terminal, session=False,
          params=(Param("port", "Where it listens, on loopback.",
                        {"type": "integer", "minimum": 1024, "maximum": 65535}, required=True),
                  Param("challenge", "SHA-256 of its secret (RFC 7636, S256).",
                        _text("^[A-Za-z0-9_-]{43}$"), required=True),
                  Param("state", "Its own mark.", _text("^[A-Za-z0-9_-]{22,128}$"),
                        required=True)),
          answers={302: Answer("The browser goes on.")}),
    Route("POST", "/session/terminal", "session", "Take a command line's session",
          sign_in_terminal, body=Code, session=False,
          answers={201: Answer("Signed in; the cookie is set.", Who)}),
)  # fmt: skip
