"""A page of another site cannot act with a person's cookie (OWASP, Cross-Site Request Forgery
Prevention Cheat Sheet: Fetch Metadata, verifying the origin, custom request headers)."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from watchfloor.contracts import Refused

from .forwarded import peer_of

HEADER: Final = "Watchfloor-Request"
"""Scripts of the hub's own pages, and programs, send it. A form cannot; a script of another site
would have to ask first (CORS), and the hub never says yes."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""RFC 9110, 9.2.1."""


def check_same_origin(request: web.Request) -> None:
    """For what is asked with a cookie, or to get one. Raises ``Refused`` (code ``cross_origin``)
    for a method that changes something unless it came from the hub's own pages, or from no browser
    at all."""
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", own := own_origin(request))
    if site != "same-origin" or origin.lower() != own or HEADER not in request.headers:
        raise Refused(
            "This did not come from the hub's own pages.",
            code="cross_origin",
            remedy=f"Use the console's own address; a program sends the header {HEADER}: 1.",
        )


def own_origin(request: web.Request) -> str:
    """As browsers see the hub. ``Names`` has checked the host (RFC 6454, 4)."""
    scheme = "https" if peer_of(request).secure else "http"
    return f"{scheme}://{request.host}".lower()
