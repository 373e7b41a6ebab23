"""The manifest: what a connector is and what it wants. The hub reads it as data
(``connector.json`` beside the connector's code) and never imports vendor code to learn it.

The normative form is ``schemas/manifest.schema.json``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from .asset import AssetKind
from .credential import CredentialDeclaration
from .event import Contract, Handling, Identifier, Seconds, ShortText

Capability = Literal["poll", "webhook", "stream", "assets", "lookup", "action"]


class WebhookRecipe(Contract):
    """How the hub checks that a webhook is the vendor's: data, so that vendor code is not run
    before the check.

    ``signed`` is a template over ``{body}``, ``{timestamp}`` and ``{id}``. ``header`` carries the
    signature, alone or (with ``separator``) after the timestamp. ``prefix`` stands before the
    signature (``sha256=``, ``v1,``). ``unit`` is the timestamp's unit. ``tolerance_s`` is the
    age beyond which a delivery is refused as a replay.
    """

    algorithm: Literal["hmac-sha256", "hmac-sha1", "shared-token"]
    header: ShortText
    credential: Identifier
    signed: ShortText = "{body}"
    encoding: Literal["hex", "base64"] = "hex"
    separator: ShortText | None = None
    timestamp_header: ShortText | None = None
    id_header: ShortText | None = None
    prefix: ShortText = ""
    unit: Literal["s", "ms"] = "s"
    tolerance_s: Seconds = 300.0


class Cadence(Contract):
    """How often news is to be expected. Silence beyond three cadences is a gap."""

    every_s: Annotated[float, Meta(gt=0)]
    how: Literal["poll", "push", "heartbeat"]


class Impact(Contract):
    """What the connector's data means for the resident: shown before it is switched on."""

    data: ShortText
    legal_basis: ShortText
    retention_days: Annotated[int, Meta(ge=0)]


class Manifest(Contract):
    """One connector. ``hosts`` may name config fields in braces: ``{base_url}``."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}\Z")]
    name: ShortText
    version: Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.+-]*\Z")]
    vendor: ShortText
    description: ShortText
    licence: ShortText
    owner: ShortText
    capabilities: Annotated[list[Capability], Meta(min_length=1)]
    event_types: list[ShortText]
    handling: Handling
    config_schema: dict[str, Any]
    cadence: Cadence
    impact: Impact
    min_hub: ShortText
    asset_kinds: list[AssetKind] = []
    credentials: list[CredentialDeclaration] = []
    hosts: list[ShortText] = []
    webhook: WebhookRecipe | None = None
    backfill: bool = False
    delivery: Literal["push", "poll", "file", "stream"] = "poll"
    memory_mb: Annotated[int, Meta(ge=32, le=4096)] = 256
