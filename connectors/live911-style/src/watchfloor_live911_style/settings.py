"""What agency IT writes for one centre. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """``owner``: whose recordings the audio references lead to."""

    owner: str
