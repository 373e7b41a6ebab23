"""How a source fares, as whoever does not operate it is told: that it fails, since when, and what
that means for them. What connectors and vendors write names hosts, files and processes."""

from __future__ import annotations

from msgspec import structs

from .repairs import Repair, fault_of
from .view import SourceView

_MEANS = {
    "degraded": "What it gives may come late, or be missing.",
    "backing_off": "Nothing comes from it until it runs again; it is tried again by itself.",
    "crash_loop": "What it gives comes late, or not at all, until that is mended.",
    "needs_attention": "What it gives is missing until somebody has mended that.",
}
"""By the states in which a source fails."""


def plainly(source: SourceView) -> SourceView:
    """Without settings, addresses, paths and processes."""
    told = structs.replace(source, config={}, pid=None)
    if (means := _MEANS.get(source.state)) is None:
        return told
    return structs.replace(told, reason=f"{fault_of(source).name}.", remedy=means)


def repairs_plainly(found: list[Repair], sources: list[SourceView]) -> list[Repair]:
    """The same of what is to be repaired: of what its own state tells."""
    failing = {(each.id, each.code): _MEANS[each.state] for each in sources if each.state in _MEANS}
    return [
        structs.replace(each, detail=means, remedy="Who operates sources sees what mends it.")
        if (means := failing.get((each.source, each.code))) is not None
        else each
        for each in found
    ]
