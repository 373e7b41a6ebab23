"""A source's documents to pages for the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from watchfloor.contracts import GiveUp, RetryLater
from watchfloor_sdk.connector import Page

from .loading import Plan
from .mapper import Mapped, Scope
from .plan import Source

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context

_TYPES = {"csv": "text/csv", "xml": "application/xml", "geojson": "application/geo+json"}


def mapped_of(plan: Plan, source: Source, body: bytes, ctx: Context[Any]) -> Mapped:
    """What a document comes to. Raises ``RetryLater`` for one that is none of its format."""
    try:
        return plan.mappers[source.name].page(body, Scope(ctx.now()))
    except GiveUp as wrong:
        raise RetryLater(
            f"{source.name} is not what it should be: {wrong.detail}",
            code="unreadable_answer",
            remedy="If it stays so, look at what writes it, or correct the mapping.",
        ) from None


def page_of(source: Source, mapped: Mapped, body: bytes, checkpoint: Any) -> Page:
    """A document's page."""
    return Page(
        events=mapped.events,
        checkpoint=checkpoint,
        raw=body if mapped.events else None,
        content_type=_TYPES.get(source.layout.format, "application/json"),
        pointers=mapped.pointers,
        rejected=mapped.rejected,
    )
