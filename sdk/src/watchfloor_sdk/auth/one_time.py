"""One-time codes by the time (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import binascii
import hmac

from watchfloor.contracts import AskAPerson

STEP_S = 30
DIGITS = 6


def one_time_code(seed: str, now: float) -> str:
    """The code of a seed in base 32, at epoch second ``now``: HMAC-SHA-1, 30 s, six digits.

    Raises ``AskAPerson`` (code ``credential_incomplete``) for a seed that is not base 32.
    """
    text = seed.replace(" ", "").upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise AskAPerson(
            "The seed of the one-time codes is not base 32.",
            code="credential_incomplete",
            remedy="Set the seed as the vendor shows it: letters A to Z, digits 2 to 7.",
        ) from None
    digest = hmac.digest(key, (int(now) // STEP_S).to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
