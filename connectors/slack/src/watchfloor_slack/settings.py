"""What agency IT sets. The same fields stand in ``connector.json`` under ``config_schema``."""

from __future__ import annotations

from msgspec import Struct


class Settings(Struct, kw_only=True, frozen=True):
    """``base_url`` is that of the Web API; ``channel`` is a channel's id."""

    base_url: str
    channel: str
