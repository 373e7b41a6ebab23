"""What agency IT writes for one centre. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """``owner``: whose recordings the audio references lead to.

    ``base_url`` chooses the shape: with it, EIDOs are subscribed to there; without it, calls come
    as webhooks. ``client_certificate``: who subscribes is proven by a certificate, not by a token.
    """

    owner: str
    base_url: str | None = None
    client_certificate: bool = False
