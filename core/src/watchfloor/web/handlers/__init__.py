"""The handlers, a module per noun. ``ROUTES`` is the whole table."""

from __future__ import annotations

from . import alerts, assets, dead_letters, events, hub, live, search, session, sources

ROUTES = (
    *session.ROUTES,
    *hub.ROUTES,
    *live.ROUTES,
    *events.ROUTES,
    *assets.ROUTES,
    *search.ROUTES,
    *sources.ROUTES,
    *alerts.ROUTES,
    *dead_letters.ROUTES,
)

__all__ = ["ROUTES"]
