"""Credentials: declared by kind and name, held in the keyring, leased to the worker that
declared them. A credential's value is never in a manifest, a database, a log or an answer.

The normative form is ``schemas/credential.schema.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .credential_kinds import CREDENTIAL_KINDS
from .errors import AskAPerson
from .event import Contract, Identifier, Instant, ShortText

CredentialKind = Literal[
    "api_key", "basic", "oauth2_client", "hmac_secret", "client_certificate", "token",
    "ssh_key", "refresh_token", "service_principal", "password_totp", "jwk_set",
]  # fmt: skip
"""What it is made of: ``CREDENTIAL_KINDS``."""


class CredentialDeclaration(Contract):
    """What a connector says it needs."""

    name: Identifier
    kind: CredentialKind
    title: ShortText
    help: ShortText | None = None
    required: bool = True

    def fitting(self, value: Mapping[str, str]) -> dict[str, str]:
        """A value's filled-in parts, in the kind's order.

        Raises ``AskAPerson`` (code ``credential_incomplete`` or ``credential_part_unknown``),
        which names parts and never what is in them.
        """
        shape = CREDENTIAL_KINDS[self.kind]
        known = [part.name for part in shape.parts]
        if strange := [name for name in value if name not in known]:
            raise AskAPerson(
                f"The credential {self.name} has no part {strange[0][:64]!r}.",
                code="credential_part_unknown",
                remedy=f"Its parts are: {', '.join(known)}.",
            )
        filled = {name: value[name] for name in known if value.get(name, "").strip()}
        if lacking := shape.lacking(filled):
            raise AskAPerson(
                f"The credential {self.name} lacks {' and '.join(lacking)}.",
                code="credential_incomplete",
                remedy=f"Set it again, with {' or with '.join(map(' and '.join, shape.ways))}.",
            )
        return filled


class CredentialLease(Contract):
    """A row of the lease ledger: which instance was handed which credential, and when."""

    instance: Identifier
    name: Identifier
    leased: Instant
    fingerprint: ShortText
