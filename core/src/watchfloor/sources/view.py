"""A source as the API gives it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class SourceGap(Struct):
    """An interval without assured data; an open one has no end."""

    start: str
    end: str | None
    reason: str


class SourceView(Struct, kw_only=True):
    """A configured source and how it fares. ``rate_per_min``: 60 numbers, oldest first.
    ``config``, which says where systems are reached and to whom things go, is empty for whoever
    does not operate sources; ``pid`` is none for them, and ``reason`` and ``remedy`` say what they
    do without."""

    id: str
    connector: str
    version: str
    name: str
    config: dict[str, Any]
    enabled: bool
    synthetic: bool
    state: str
    since: str
    code: str = ""
    reason: str = ""
    remedy: str = ""
    last_event: str | None
    events_total: int
    duplicates_total: int
    dead_total: int
    rate_per_min: list[int]
    lag_s: float | None = None
    skew_s: float | None = None
    cadence_s: float | None
    assured_until: str | None
    gaps_24h: list[SourceGap]
    pid: int | None = None
    memory_mb: float | None = None
    confinement: list[str] = []
    """What its worker is held to: ``limits``, ``files``, ``signals``, ``network``,
    ``processes``."""
