"""Mapped rows to a page for the hub."""

from __future__ import annotations

from typing import Any

from watchfloor_sdk import Context, Event, Page

from .mapping import Call
from .reading import Batch
from .settings import Settings


def page_of(ctx: Context[Settings], batch: Batch, checkpoint: Any) -> Page:
    """The batch with its rows as they were written, and where each event stands among them."""
    rows = [raw for _, raw in batch.calls]
    if batch.objects:
        raw, kind = b"[" + b",".join(rows) + b"]", "application/json"
        pointers = [f"/{index}" for index in range(len(rows))]
    else:
        raw, kind = b"".join([batch.header, *rows]), "text/csv"
        # RFC 7111: rows are counted from 1, and the header is the first.
        pointers = [f"row={index}" for index in range(2, len(rows) + 2)]
    return Page(
        events=[_event(ctx, call) for call, _ in batch.calls],
        checkpoint=checkpoint,
        raw=raw if rows else None,
        content_type=kind,
        pointers=pointers,
        rejected=batch.rejected,
    )


def _event(ctx: Context[Settings], call: Call) -> Event:
    return ctx.event(
        call.incident,
        id=call.id,
        time=call.time,
        subject=f"call/{call.incident.call_number}",
        observed=call.updated,
        time_error_s=call.error_s,
    )
