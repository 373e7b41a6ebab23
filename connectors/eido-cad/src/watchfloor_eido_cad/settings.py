"""What agency IT writes for one dispatch system. The schema is in ``connector.json``."""

from __future__ import annotations

from msgspec import Struct

from watchfloor_sdk.mapping import Bounds


class Settings(Struct, kw_only=True, forbid_unknown_fields=True):
    """``base_url`` chooses the way: ``wss`` (``ws``) subscribes, ``https`` (``http``) polls.

    ``bounds`` (west, south, east, north in degrees) is where the agency's calls can be.
    ``client_certificate``: who asks is proven by a certificate, not by the token.
    """

    base_url: str
    client_certificate: bool = False
    bounds: Bounds | None = None

    @property
    def subscribes(self) -> bool:
        """Whether the way is the subscription."""
        return self.base_url.startswith("ws")
