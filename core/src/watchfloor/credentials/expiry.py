"""Until when a credential serves, where it says so itself: certificates do, and some tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate, load_pem_x509_certificate

from watchfloor.ports.store import Micros

_TOKENS = ("token", "api_key", "refresh_token")
"""Parts that may be a JWT, whatever else they may be."""
_LAST_YEAR = 4_102_444_800
"""Seconds: no vendor's token is meant to serve beyond the year 2099; larger is no date."""


def expiry(value: Mapping[str, str]) -> tuple[Micros, str] | None:
    """When the value stops to serve, and by what that is known: ``certificate`` (RFC 5280, section
    4.1.2.5) or ``token`` (RFC 7519, section 4.1.4). ``None`` where it does not say, or cannot be
    read: whether it fits is the worker's to find out."""
    certificate = _certificate(value)
    if certificate is not None:
        return _micros(certificate.not_valid_after_utc), "certificate"
    ends = [end for end in (_jwt_end(value.get(part, "")) for part in _TOKENS) if end]
    return (min(ends), "token") if ends else None


def _certificate(value: Mapping[str, str]) -> Certificate | None:
    try:
        if text := value.get("certificate"):
            return load_pem_x509_certificate(text.encode())
        if file := value.get("pkcs12"):
            password = value["password"].encode() if value.get("password") else None
            bundle = base64.b64decode(file)
            return pkcs12.load_key_and_certificates(bundle, password)[1]
    except (ValueError, TypeError):
        pass
    return None


def _jwt_end(word: str) -> Micros | None:
    """The claim ``exp`` of a signed token (RFC 7515, section 7.1); its signature is the vendor's
    business."""
    parts = word.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
        seconds = float(claims["exp"])
    except (ValueError, TypeError, KeyError):
        return None
    return int(seconds * 1_000_000) if 0 < seconds < _LAST_YEAR else None


def _micros(moment: datetime) -> Micros:
    return int(moment.timestamp()) * 1_000_000
