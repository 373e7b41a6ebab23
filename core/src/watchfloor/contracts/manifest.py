"""The manifest: what a connector is and what it wants. The hub reads it as data
(``connector.json`` beside the connector's code) and never imports vendor code to learn it.

The normative form is ``schemas/manifest.schema.json``.
"""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Any, Literal

from msgspec import Meta

from .action import ActionDeclaration
from .asset import AssetKind
from .credential import CredentialDeclaration
from .event import Contract, Handling, Identifier, Seconds, ShortText
from .lookup import LookupDeclaration

Category = Literal[
    "cad", "emergency_calls", "records", "plate_readers", "cameras", "video_analytics", "gunshot",
    "alarms", "vehicles", "drones", "person_lookup", "messaging", "registry", "face_recognition",
]  # fmt: skip
"""What kind of system it is. ``face_recognition`` is known in order to be refused."""

Capability = Literal[
    "poll", "webhook", "stream", "assets", "lookup", "action", "audit_log", "sharing",
    "user_sign_in",
]  # fmt: skip


class WebhookRecipe(Contract):
    """How the hub checks that a webhook is the vendor's: data, so that vendor code is not run
    before the check.

    ``header`` carries the proof, alone or (with ``separator``) after the timestamp; ``prefix``
    stands before it (``sha256=``, ``v1,``, ``Bearer ``). What the proof is, by ``algorithm``:

    * ``hmac-sha256``, ``hmac-sha1``: a signature over ``signed``, a template over ``{body}``,
      ``{timestamp}``, ``{id}``, ``{url}`` (with its query) and ``{params}`` (the names and values
      of a form, sorted, nothing between them).
    * ``shared-token``: the secret itself; ``basic``: user and password (RFC 7617).
    * ``jwt-rsa``: a token (RFC 7519) signed with a key of the JWK set (RFC 7517) that is the
      credential: the hub fetches no key when a delivery comes.

    ``key`` says how the secret is written, after ``key_prefix`` where it has one; ``field`` which
    field of the credential it is, if not the first. ``header`` and ``url`` may name settings in
    braces. ``body_hash`` names the query parameter or the claim that has the body's SHA-256 in
    hex. ``handshake`` is a header that an empty delivery has and that is answered with itself
    (REST Hooks). ``tolerance_s`` is the age beyond which a delivery is refused as a replay;
    timestamps are read in seconds and in milliseconds, whatever ``unit`` is. ``when`` says with
    which settings this recipe is the one, where a manifest offers several.
    """

    algorithm: Literal["hmac-sha256", "hmac-sha1", "shared-token", "basic", "jwt-rsa"]
    header: ShortText
    credential: Identifier
    field: Identifier | None = None
    key: Literal["text", "base64"] = "text"
    key_prefix: ShortText = ""
    signed: ShortText = "{body}"
    url: ShortText | None = None
    body_hash: ShortText | None = None
    encoding: Literal["hex", "base64"] = "hex"
    separator: ShortText | None = None
    timestamp_header: ShortText | None = None
    id_header: ShortText | None = None
    prefix: ShortText = ""
    handshake: ShortText | None = None
    unit: Literal["s", "ms"] = "s"
    tolerance_s: Seconds = 300.0
    when: dict[str, str] = {}

    @property
    def problem(self) -> str:
        """Why it cannot be used although it fits the schema; empty when it can."""
        if not self.algorithm.startswith("hmac-"):
            return ""
        try:
            parts = {name for _, name, _, _ in Formatter().parse(self.signed) if name is not None}
        except ValueError:
            return "signed has a brace that is not closed"
        if parts - {"body", "timestamp", "id", "url", "params"}:
            return "signed is made of {body}, {timestamp}, {id}, {url} and {params}"
        if "body" not in parts and not ({"url", "params"} <= parts and self.body_hash):
            return "the signature must cover the body"
        if ("url" in parts) != (self.url is not None):
            return "{url} in signed, and url, go together"
        return ""


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
    webhook: WebhookRecipe | list[WebhookRecipe] | None = None
    categories: list[Category] = []
    lookups: list[LookupDeclaration] = []
    actions: list[ActionDeclaration] = []
    backfill: bool = False
    delivery: Literal["push", "poll", "file", "stream"] = "poll"
    memory_mb: Annotated[int, Meta(ge=32, le=4096)] = 256

    @property
    def defaults(self) -> dict[str, Any]:
        """What the settings are where they are not set."""
        fields = self.config_schema.get("properties", {})
        return {name: field["default"] for name, field in fields.items() if "default" in field}

    @property
    def recipes(self) -> list[WebhookRecipe]:
        """The ways to check a webhook, of which the settings choose one; none for no webhooks."""
        if self.webhook is None:
            return []
        return self.webhook if isinstance(self.webhook, list) else [self.webhook]
