"""The handlers, a module per noun. ``ROUTES`` is the whole table."""

from __future__ import annotations

from . import (
    actions,
    alerts,
    assets,
    connectors,
    dead_letters,
    events,
    hub,
    live,
    lookups,
    search,
    session,
    sources,
)

ROUTES = (
    *session.ROUTES,
    *hub.ROUTES,
    *live.ROUTES,
    *events.ROUTES,
    *assets.ROUTES,
    *search.ROUTES,
    *sources.ROUTES,
    *connectors.ROUTES,
    *lookups.ROUTES,
    *actions.ROUTES,
    *alerts.ROUTES,
    *dead_letters.ROUTES,
)

__all__ = ["ROUTES"]
