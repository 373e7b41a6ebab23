"""The hub's cookies: how they are called, set, read and taken away.

Over TLS their names begin with ``__Host-``: such a one a browser takes from this very host alone,
by TLS, for all of its paths, so that no neighbour under the same domain, and nobody on a line in
clear, plants one (RFC 6265bis, section 4.1.3.2; OWASP ASVS 5.0.0, 3.3.1).
"""

from __future__ import annotations

from typing import Literal

from aiohttp import web

from .forwarded import peer_of

COOKIE = "watchfloor_session"
DEVICE = "watchfloor_device"
"""A random mark of one browser: sessions are told apart by it, and ended by it."""
PENDING = "watchfloor_departure"
"""Ties a sign-on to the browser in which it was begun, for as long as it takes."""


def cookie_name(name: str, *, secure: bool) -> str:
    """As browsers and command lines know it. ``secure``: by TLS."""
    return f"__Host-{name}" if secure else name


def cookie(request: web.Request, name: str) -> str | None:
    """What the caller showed."""
    return request.cookies.get(cookie_name(name, secure=peer_of(request).secure))


def set_cookie(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    *,
    max_age: int | None,
    samesite: Literal["Strict", "Lax", "None"] = "Strict",
) -> None:
    """No script reads it. ``max_age`` in seconds; without, it lasts until the browser closes."""
    secure = peer_of(request).secure
    response.set_cookie(
        cookie_name(name, secure=secure), value, httponly=True, samesite=samesite,
        max_age=max_age, secure=secure,
    )  # fmt: skip


def drop_cookie(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """With the attributes that it was set with: else a browser keeps it."""
    secure = peer_of(request).secure
    response.del_cookie(cookie_name(name, secure=secure), httponly=True, secure=secure)
