"""Standard Webhooks 1.0.0: how an outgoing message is signed (spec/standard-webhooks.md)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_bytes

from watchfloor.contracts import AskAPerson
from watchfloor.ports.world import Secrets

SECRET = "signing"  # noqa: S105 - the name under which it is kept
PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh signing secret: 32 random bytes (the standard asks for 24 to 64)."""
    return PREFIX + b64encode(token_bytes(32)).decode()


def keyring_name(channel: str) -> str:
    """Under whose name a channel's secret is kept."""
    return f"channel:{channel}"


async def signing_key(secrets: Secrets, channel: str) -> bytes:
    """A channel's key. Raises ``AskAPerson`` where it is missing or is not one."""
    text = (await secrets.get(keyring_name(channel), SECRET)).get("secret", "")
    try:
        key = b64decode(text.removeprefix(PREFIX), validate=True)
    except (Base64Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise AskAPerson(
            "The channel's signing secret is not one of Standard Webhooks.",
            code="bad_signing_secret",
            remedy="Remove the channel and add it again: it gets a new secret.",
        )
    return key


def signed_headers(key: bytes, id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Headers for one try. ``id`` stays the same over retries, ``timestamp`` (Unix seconds) is the
    try's own; neither holds a full stop."""
    signed = f"{id}.{timestamp}.".encode() + body
    signature = b64encode(hmac.digest(key, signed, sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }
