"""Checks that a webhook is the vendor's, by the recipe in the connector's manifest.

No vendor code runs before this check. Signatures are compared in constant time; a delivery whose
timestamp is older (or newer) than the recipe's tolerance is refused as a replay.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

from watchfloor.contracts import Refused, WebhookRecipe

_HASHES = {"hmac-sha256": "sha256", "hmac-sha1": "sha1"}

_MILLISECONDS_FROM = 100_000_000_000
"""No timestamp in seconds is this large before the year 5138; one in milliseconds always is."""


def verify(
    recipe: WebhookRecipe, secret: bytes, headers: Mapping[str, str], body: bytes, now: int
) -> None:
    """Raises ``Refused`` (code ``bad_signature`` or ``replayed``) unless the delivery is genuine.

    ``headers`` have their names in small letters. ``now`` is in microseconds.
    """
    sent = _header(headers, recipe.header)
    if not sent:
        raise _bad("The signature header is missing.")
    timestamp = _header(headers, recipe.timestamp_header)
    if recipe.separator:
        timestamp, _, sent = sent.partition(recipe.separator)
    if timestamp is not None:
        _check_age(timestamp, recipe.tolerance_s, now)
    if recipe.algorithm == "shared-token":
        expected = secret
    else:
        expected = _signature(recipe, secret, timestamp, headers, body)
    if not any(hmac.compare_digest(one, expected) for one in _candidates(recipe, sent)):
        raise _bad("The signature does not fit.")


def _header(headers: Mapping[str, str], name: str | None) -> str | None:
    return headers.get(name.lower()) if name else None


def _candidates(recipe: WebhookRecipe, sent: str) -> list[bytes]:
    """What stands in the header: one signature, or several while a secret is being rotated."""
    parts = sent.split(" ") if recipe.prefix else [sent]
    return [part.removeprefix(recipe.prefix).strip().encode() for part in parts]


def _signature(
    recipe: WebhookRecipe,
    secret: bytes,
    timestamp: str | None,
    headers: Mapping[str, str],
    body: bytes,
) -> bytes:
    id_ = _header(headers, recipe.id_header) or ""
    before, marker, after = recipe.signed.partition("{body}")
    fill = {"timestamp": timestamp or "", "id": id_}
    message = (
        before.format(**fill).encode() + (body if marker else b"") + after.format(**fill).encode()
    )
    # Not hmac.digest: it gives up the interpreter lock for these few microseconds, and a busy
    # hub then waits much longer to get it back.
    digest = hmac.new(secret, message, _HASHES[recipe.algorithm]).digest()
    return digest.hex().encode() if recipe.encoding == "hex" else base64.b64encode(digest)


def _check_age(timestamp: str, tolerance_s: float, now: int) -> None:
    try:
        sent = float(timestamp)
    except ValueError:
        raise _bad("The timestamp is no number.") from None
    seconds = sent / 1000 if sent >= _MILLISECONDS_FROM else sent
    if not abs(now / 1e6 - seconds) <= tolerance_s:
        raise Refused(
            f"The delivery's timestamp is more than {tolerance_s:.0f} s off.",
            code="replayed",
            remedy="Check the clocks of both sides; a repeated delivery needs a fresh timestamp.",
        )


def _bad(detail: str) -> Refused:
    return Refused(
        detail,
        code="bad_signature",
        remedy="Check that the secret here and at the vendor are the same.",
    )
