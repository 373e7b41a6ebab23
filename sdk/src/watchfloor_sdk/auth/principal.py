"""A service principal: a token for a statement that is signed with the credential's RSA key.

Needs the extra ``[keys]``. RFC 7523, section 2.2 (``private_key_jwt``); RS256 of RFC 7518.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime

from watchfloor.contracts import AskAPerson

from .base import part
from .oauth import ClientCredentials

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SERVES_S = 300


class ServicePrincipal(ClientCredentials):
    """``client_id`` and ``private_key`` (PEM), with ``key_id`` where the vendor gave one; or
    ``client_secret`` in the place of a key.

    The statement is dated by the vendor's clock, as far as it is known to differ from ours.
    """

    async def form(self, lease: Mapping[str, str]) -> dict[str, str]:
        """The client's id and its signed statement, or its secret."""
        if lease.get("client_secret"):
            return await super().form(lease)
        client = part(lease, "client_id")
        now = self._ctx.skew.theirs(self._ctx.now())
        return {
            "client_id": client,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion(client, self.address(lease), lease, now),
        }


def assertion(client: str, audience: str, lease: Mapping[str, str], now: datetime) -> str:
    """A JWT that says that ``client`` asks. Raises ``AskAPerson`` for a key that is none."""
    at = int(now.timestamp())
    header = {"alg": "RS256", "typ": "JWT"}
    if lease.get("key_id"):
        header["kid"] = lease["key_id"]
    claims = {
        "iss": client,
        "sub": client,
        "aud": audience,
        "iat": at,
        "exp": at + SERVES_S,
        "jti": secrets.token_urlsafe(16),
    }
    text = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{text}.{_part(_signed(part(lease, 'private_key'), text.encode()))}"


def _signed(pem: str, text: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        key = None  # its text may hold the key
    if not isinstance(key, RSAPrivateKey):
        raise AskAPerson(
            "The private key is not an RSA key in PEM without a password.",
            code="credential_incomplete",
            remedy="Set the credential again with the key as the vendor's file has it.",
        )
    return key.sign(text, PKCS1v15(), SHA256())


def _part(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
