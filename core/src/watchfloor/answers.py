"""What every HTTP server of the hub answers with: the shape of errors, their statuses, headers; and
how much of a body it reads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, Refused, RetryLater, WatchfloorError

if TYPE_CHECKING:
    from aiohttp import web

JSON = "application/json"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}

_STATUSES = {
    "not_signed_in": 401,
    "account_refused": 401,
    "session_locked": 401,
    "only_post": 405,
    "gone": 410,
    "too_large": 413,
    "wrong_host": 421,
    "too_many_requests": 429,
    "disk_full": 503,
    "disk_error": 503,
    "store_damaged": 503,
}
"""Where the code says more than the kind. While nothing can be kept, senders are to try again."""


def status_of(error: WatchfloorError) -> int:
    """The HTTP status that fits an error."""
    if error.code in _STATUSES:
        return _STATUSES[error.code]
    for kind, status in ((NotFound, 404), (Refused, 403), (RetryLater, 503), (AskAPerson, 409)):
        if isinstance(error, kind):
            return status
    return 422 if isinstance(error, GiveUp) else 500


def error_body(error: WatchfloorError) -> bytes:
    """What went wrong, in the one shape that errors have."""
    said = {"code": error.code, "detail": error.detail, "remedy": error.remedy}
    if isinstance(error, Refused) and error.approval:
        said["approval"] = error.approval
    return msgspec.json.encode({"error": said})


def retry_after(error: WatchfloorError) -> int | None:
    """Seconds for ``Retry-After``, where trying again makes sense."""
    return round(error.retry_after or 1) if isinstance(error, RetryLater) else None


async def read_body(request: web.BaseRequest, limit: int, within_s: float) -> bytes:
    """The whole body. Raises ``GiveUp`` (code ``too_large``) beyond ``limit`` bytes, and
    ``RetryLater`` (code ``too_slow``) for one that takes longer than ``within_s`` seconds."""
    if (request.content_length or 0) > limit:
        raise GiveUp(f"The body is larger than {limit} bytes.", code="too_large")
    if request.content.is_eof():  # it has come whole
        return await _pieces(request, limit)
    try:
        async with asyncio.timeout(within_s):
            return await _pieces(request, limit)
    except TimeoutError:
        raise RetryLater("The body did not come in time.", code="too_slow") from None


async def _pieces(request: web.BaseRequest, limit: int) -> bytes:
    chunks, size = [], 0
    while not request.content.at_eof():
        chunk = await request.content.readany()
        size += len(chunk)
        if size > limit:
            raise GiveUp(f"The body is larger than {limit} bytes.", code="too_large")
        chunks.append(chunk)
    return b"".join(chunks)
