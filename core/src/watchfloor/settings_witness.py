"""Who cosigns this hub's audit log, and whose logs this hub cosigns: in ``hub.toml``.

A witness and a log are named by their verifier key (c2sp.org/signed-note): ``name+id+key``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

VerifierKey = Annotated[str, Meta(pattern=r"^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44,48}$")]


class WitnessSettings(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A neighbour that cosigns (c2sp.org/tlog-witness)."""

    url: Annotated[str, Meta(pattern=r"^https?://[^/@\s]+(/\S*)?$")]
    """Its submission prefix; of a hub, ``https://host/api/v1/witness``."""
    key: VerifierKey
