"""Credentials: declared by kind and name, held in the keyring, leased to the worker that
declared them. A credential's value is never in a manifest, a database, a log or an answer.

The normative form is ``schemas/credential.schema.json``.
"""

from __future__ import annotations

from typing import Literal

from .event import Contract, Identifier, Instant, ShortText

CredentialKind = Literal[
    "api_key", "basic", "oauth2_client", "hmac_secret", "client_certificate", "token"
]


class CredentialDeclaration(Contract):
    """What a connector says it needs."""

    name: Identifier
    kind: CredentialKind
    title: ShortText
    help: ShortText | None = None
    required: bool = True


class CredentialLease(Contract):
    """A row of the lease ledger: which instance was handed which credential, and when."""

    instance: Identifier
    name: Identifier
    leased: Instant
    fingerprint: ShortText
