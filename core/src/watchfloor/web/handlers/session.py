"""Signing in with the one-time link, and out."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.web.routes import Answer, Call, Route
from watchfloor.web.sessions import COOKIE, SESSION_LIFE


class Token(Struct, forbid_unknown_fields=True):
    """The one-time token from the sign-in link."""

    token: Annotated[str, Meta(min_length=16, max_length=256)]


class Who(Struct):
    """Who is signed in."""

    person: str


async def sign_in(call: Call) -> web.Response:
    """Exchange the token for a session cookie that scripts cannot read."""
    session = call.hub.sessions.exchange(call.body.token)
    person = call.hub.sessions.person(session) or ""
    response = web.Response(
        body=msgspec.json.encode(Who(person)), status=201, content_type="application/json"
    )
    response.set_cookie(
        COOKIE,
        session,
        httponly=True,
        samesite="Strict",
        secure=call.request.secure,
        max_age=SESSION_LIFE // 1_000_000,
    )
    return response


async def who_am_i(call: Call) -> Who:
    """The signed-in person."""
    return Who(call.actor)


async def sign_out(call: Call) -> web.Response:
    """End the session here and at the hub."""
    call.hub.sessions.end(call.request.cookies[COOKIE])
    response = web.Response(status=204)
    response.del_cookie(COOKIE)
    return response


ROUTES = (
    Route("POST", "/session", "session", "Sign in with a one-time token", sign_in,
          body=Token, answers={201: Answer("Signed in; the cookie is set.", Who)}, session=False),
    Route("GET", "/session", "session", "Who is signed in", who_am_i,
          answers={200: Answer("The signed-in person.", Who)}),
    Route("DELETE", "/session", "session", "Sign out", sign_out),
)  # fmt: skip
