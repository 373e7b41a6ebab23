"""What could not be accepted: look, mend, try again, or drop."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from watchfloor.audit import AuditEvent
from watchfloor.contracts import rfc3339
from watchfloor.identity import Permission
from watchfloor.ports.store import DeadLetter
from watchfloor.sources import REMEDIES, Redrive
from watchfloor.web.routes import LIMIT, POSITIVE, Access, Answer, Call, Param, Route, path_param


class Ids(Struct, forbid_unknown_fields=True):
    """Which dead letters."""

    ids: Annotated[
        list[Annotated[int, Meta(ge=1, le=2**53 - 1)]], Meta(min_length=1, max_length=1000)
    ]


class Dropped(Struct):
    """How many were waiting and are dropped now."""

    dropped: int


async def list_dead_letters(call: Call) -> dict[str, Any]:
    """Newest first, without their bytes."""
    params = call.params
    rows = await call.hub.store.dead_letters.list(
        params["source"], params["state"], params["before"], params["limit"]
    )
    more = len(rows) == params["limit"]
    return {"items": [_view(row) for row in rows], "next": rows[-1].id if more else None}


async def get_dead_letter(call: Call) -> dict[str, Any]:
    """One, with its original bytes as text (bytes that are no UTF-8 are shown as escapes). Whom
    they name nobody could read, and no filter either, so that it takes a purpose."""
    row = await call.hub.store.dead_letters.get(call.params["id"])
    return {**_view(row), "raw": row.raw[:1_000_000].decode("utf-8", "backslashreplace")}


async def redrive_dead_letters(call: Call) -> Redrive:
    """Try again, with today's connector and rules; once accepted they never count twice. What only
    the vendor can send again is counted and left as it is."""
    return await call.hub.sources.redrive(call.body.ids)


async def drop_dead_letters(call: Call) -> Dropped:
    """Give these up for good."""
    return Dropped(await call.hub.store.dead_letters.drop(call.body.ids))


def _view(row: DeadLetter) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source,
        "stage": row.stage,
        "code": row.code,
        "detail": row.detail,
        "connector": row.connector,
        "hub_version": row.hub_version,
        "received": rfc3339(row.received),
        "attempts": row.attempts,
        "state": row.state,
        "bytes": len(row.raw),
        "remedy": REMEDIES[row.stage] if row.state == "waiting" else "",
    }


_ITEM = {"type": "object"}

ROUTES = (
    Route("GET", "/dead-letters", "dead letters", "What could not be accepted", list_dead_letters,
          access=Access(Permission.SOURCES_READ, AuditEvent.DEAD_LETTER_VIEWED),
          params=(Param("source", "Of one source."),
                  Param("state", "Which.", {"enum": ["waiting", "redriven", "dropped"]},
                        default="waiting"),
                  Param("before", "Older than this id.", POSITIVE), LIMIT),
          answers={200: Answer("Newest first.", _ITEM)}),
    Route("GET", "/dead-letters/{id}", "dead letters", "One with its bytes", get_dead_letter,
          access=Access(Permission.RECORDS_REPAIR, AuditEvent.DEAD_LETTER_VIEWED, "needed"),
          params=(path_param("id", "Its id.", POSITIVE),), answers={200: Answer("It.", _ITEM)}),
    Route("POST", "/dead-letters/redrive", "dead letters", "Try again", redrive_dead_letters,
          access=Access(Permission.SOURCES_OPERATE, AuditEvent.DEAD_LETTER_ACTED),
          body=Ids, answers={200: Answer("How it went.", Redrive)}),
    Route("POST", "/dead-letters/drop", "dead letters", "Give up for good", drop_dead_letters,
          access=Access(Permission.RECORDS_REPAIR, AuditEvent.DEAD_LETTER_ACTED),
          body=Ids, answers={200: Answer("How many.", Dropped)}),
)  # fmt: skip
