"""Web: the HTTP API, what becomes of vendors' webhooks, and the console's files."""

from .app import make_app
from .handlers import ROUTES
from .hooks import receive
from .hub import Banner, Hub
from .openapi import document
from .server import API
from .sessions import COOKIE, Sessions

__all__ = [
    "API",
    "COOKIE",
    "ROUTES",
    "Banner",
    "Hub",
    "Sessions",
    "document",
    "make_app",
    "receive",
]
