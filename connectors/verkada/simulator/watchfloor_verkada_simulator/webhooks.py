"""Webhooks as documented: one envelope for all kinds, signed over body and time."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from .organisation import ORG_ID

DEADLINE_S = 2.0
RETRIES = (0.0,)
"""One repetition, at once; then the event is gone."""
_WEBHOOK_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


def envelope(kind: str, data: Mapping[str, Any]) -> bytes:
    """One webhook's body."""
    whole = {
        "org_id": ORG_ID,
        "webhook_type": kind,
        "created_at": int(time.time()),
        "webhook_id": _WEBHOOK_ID,
        "data": data,
    }
    return json.dumps(whole, separators=(",", ":")).encode()


def sign(secret: str, body: bytes, now: float | None = None) -> dict[str, str]:
    """``Verkada-Signature: <timestamp>|<signature>`` over body, bar and timestamp."""
    timestamp = str(int(time.time() if now is None else now))
    signed = body + b"|" + timestamp.encode()
    signature = hmac.digest(secret.encode(), signed, "sha256").hex()
    return {"Verkada-Signature": f"{timestamp}|{signature}"}
