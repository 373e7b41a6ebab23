"""The search box, and where data is missing."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from aiohttp import web

from watchfloor.contracts import GiveUp, micros
from watchfloor.search import describe_gap
from watchfloor.web.routes import Answer, Call, Param, Route

T = TypeVar("T", int, None)

CURSOR = Param(
    "cursor",
    "Where the last answer ended.",
    {"type": "string", "pattern": r"^-?[0-9]{1,18}\.[0-9]{1,18}$"},
)
_LINE = {"type": "string", "minLength": 1, "maxLength": 2000}
_TIME = {"type": "string", "format": "date-time", "maxLength": 64}


async def search(call: Call) -> web.StreamResponse:
    """Answer lines as they come (JSON lines)."""
    before = page_end(call.params["cursor"])
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(call.request)
    async for line in call.hub.search.answer(call.params["q"], call.params["limit"], before):
        await response.write(msgspec.json.encode(line) + b"\n")
    return response


async def list_gaps(call: Call) -> dict[str, Any]:
    """Intervals without assured data that touch a time."""
    now = call.hub.clock.now()
    since = moment(call.params["since"], now - 86_400_000_000)
    until = moment(call.params["until"], now)
    gaps = await call.hub.store.gaps.between(since, until, call.params["source"])
    return {"items": [describe_gap(gap) for gap in gaps], "next": None}


def page_end(cursor: str | None) -> tuple[int, int] | None:
    """A list's cursor: (time, position) of the last row."""
    if cursor is None:
        return None
    time, _, seq = cursor.partition(".")
    return int(time), int(seq)


def moment(text: str | None, default: T) -> int | T:
    """A time parameter in microseconds. Raises ``GiveUp``."""
    if text is None:
        return default
    try:
        return micros(text)
    except (ValueError, OverflowError):
        raise GiveUp("A time is written as 2026-05-02T21:14:07Z.", code="bad_parameter") from None


ROUTES = (
    Route("GET", "/search", "search", "Ask everything one question", search,
          params=(
              Param("q", "The line as typed.", _LINE, required=True),
              Param("limit", "How many events at most.",
                    {"type": "integer", "minimum": 1, "maximum": 5000}, default=500),
              CURSOR,
          ),
          answers={200: Answer("The answer's lines.", None, "application/x-ndjson")}),
    Route("GET", "/gaps", "search", "Where no data is assured", list_gaps,
          params=(Param("source", "Of one source."), Param("since", "From.", _TIME),
                  Param("until", "To.", _TIME)),
          answers={200: Answer("Gaps.", {"type": "object"})}),
)  # fmt: skip
