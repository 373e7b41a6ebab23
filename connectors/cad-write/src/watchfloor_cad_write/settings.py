"""What agency IT sets. The same fields stand in ``connector.json`` under ``config_schema``."""

from __future__ import annotations

from msgspec import Struct


class Settings(Struct, kw_only=True, frozen=True):
    """``agency`` is the domain name under which this agency writes: its EIDO agency id."""

    base_url: str
    agency: str
