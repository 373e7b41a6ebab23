"""Web: the HTTP API, what becomes of vendors' webhooks, and the console's files."""

from .app import make_app
from .banner import Banner, banner_of
from .cookies import COOKIE
from .departures import Departures
from .handlers import ROUTES
from .hooks import receive
from .hub import Hub, all_repairs, inventory
from .notices import tell_of_audit, tell_of_overrides, tell_owner
from .openapi import document
from .server import API

__all__ = [
    "API",
    "COOKIE",
    "ROUTES",
    "Banner",
    "Departures",
    "Hub",
    "all_repairs",
    "banner_of",
    "document",
    "inventory",
    "make_app",
    "receive",
    "tell_of_audit",
    "tell_of_overrides",
    "tell_owner",
]
