"""The running hub as the API sees it: its services, put together by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from msgspec import Struct

from watchfloor.actions import Actions
from watchfloor.alerts import AlertService
from watchfloor.gaps import GapKeeper
from watchfloor.ingest import Ingest
from watchfloor.live import Board, Feed, Summariser
from watchfloor.lookups import Lookups
from watchfloor.ports.store import Store
from watchfloor.ports.world import Clock
from watchfloor.registry import Connectors
from watchfloor.search import Search
from watchfloor.settings import HubSettings
from watchfloor.sources import OwnCredentials, Sources

from .sessions import Sessions


class Banner(Struct):
    """What every screen says on top."""

    text: str
    tone: str


@dataclass(slots=True)
class Hub:
    """Everything that handlers use. One per process."""

    settings: HubSettings
    store: Store
    clock: Clock
    ingest: Ingest
    search: Search
    board: Board
    feed: Feed
    summariser: Summariser
    gaps: GapKeeper
    alerts: AlertService
    sources: Sources
    own_credentials: OwnCredentials
    lookups: Lookups
    actions: Actions
    connectors: Connectors
    sessions: Sessions
    basemap_path: Path
    openapi: dict[str, Any]
    hooks_url: str
    """Where vendors' webhooks go, up to the source's id."""
    banner: Banner | None = None


HUB: web.AppKey[Hub] = web.AppKey("hub")
