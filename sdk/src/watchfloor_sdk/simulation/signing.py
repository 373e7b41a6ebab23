"""How vendors prove that a webhook is theirs, for simulators: the other side of the recipes in
``sdk/docs/webhooks.md``. Each answers what ``WebhookSender`` makes the headers with.

They are written from the vendors' words and share nothing with the hub's check.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

from .webhooks import Sign

Clock = Callable[[], float]
"""Seconds since the epoch."""


def hashed(secret: str, header: str, *, prefix: str = "", algorithm: str = "sha256") -> Sign:
    """The body's HMAC in hex, as many systems send it (``sha256=…``)."""

    def sign(body: bytes) -> Mapping[str, str]:
        return {header: prefix + _mac(secret.encode(), body, algorithm).hex()}

    return sign


def verkada(secret: str, *, clock: Clock = time.time) -> Sign:
    """``Verkada-Signature: time|signature`` over body, bar, time."""

    def sign(body: bytes) -> Mapping[str, str]:
        at = str(int(clock()))
        signature = _mac(secret.encode(), body + b"|" + at.encode())
        return {"Verkada-Signature": f"{at}|{signature.hex()}"}

    return sign


def slack(secret: str, *, clock: Clock = time.time) -> Sign:
    """``X-Slack-Signature: v0=…`` over ``v0:time:body``."""

    def sign(body: bytes) -> Mapping[str, str]:
        at = str(int(clock()))
        signature = _mac(secret.encode(), b"v0:" + at.encode() + b":" + body)
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature.hex()}"}

    return sign


def twilio(
    secret: str, url: str, *, form: bool = True, algorithm: Literal["sha1", "sha256"] = "sha1"
) -> Sign:
    """``X-Twilio-Signature`` over the address and a form's sorted parameters; without a form the
    address says the body's hash (``with_body_hash``)."""

    def sign(body: bytes) -> Mapping[str, str]:
        fields = parse_qsl(body.decode(), keep_blank_values=True) if form else []
        text = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
        signature = _mac(secret.encode(), text.encode(), algorithm)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        return {"X-Twilio-Signature": _base64(signature), **kind}

    return sign


def with_body_hash(url: str, body: bytes) -> str:
    """The address as Twilio calls it with a body that is no form."""
    return f"{url}{'&' if '?' in url else '?'}bodySHA256={hashlib.sha256(body).hexdigest()}"


def teams(secret: str) -> Sign:
    """``Authorization: HMAC …`` over the body; the secret is written in base64."""
    key = base64.b64decode(secret)

    def sign(body: bytes) -> Mapping[str, str]:
        return {"Authorization": f"HMAC {_base64(_mac(key, body))}"}

    return sign


def standard_webhooks(*secrets: str, clock: Clock = time.time) -> Sign:
    """Standard Webhooks 1.0.0, "Signature scheme": ``whsec_`` secrets, one signature for each."""
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    numbers = itertools.count(1)

    def sign(body: bytes) -> Mapping[str, str]:
        id_, at = f"msg_{next(numbers)}", str(int(clock()))
        text = f"{id_}.{at}.".encode() + body
        signatures = " ".join(f"v1,{_base64(_mac(key, text))}" for key in keys)
        return {"webhook-id": id_, "webhook-timestamp": at, "webhook-signature": signatures}

    return sign


def token(secret: str, header: str = "Authorization", *, prefix: str = "") -> Sign:
    """The secret itself in a header: an API key, or ``prefix="Bearer "`` (RFC 6750)."""
    return lambda _: {header: prefix + secret}


def basic(username: str, password: str, header: str = "Authorization") -> Sign:
    """User and password (RFC 7617)."""
    word = _base64(f"{username}:{password}".encode())
    return lambda _: {header: f"Basic {word}"}


def jwt(
    key: Mapping[str, Any],
    header: str = "Authorization",
    *,
    prefix: str = "Bearer ",
    claims: Mapping[str, Any] | None = None,
    clock: Clock = time.time,
) -> Sign:
    """A token (RFC 7519) that was issued now, signed with a private RSA key (a JWK, RFC 7517)."""
    from joserfc import jwk
    from joserfc import jwt as tokens

    private = jwk.RSAKey.import_key(dict(key))

    def sign(_: bytes) -> Mapping[str, str]:
        head = {"alg": "RS256", **({"kid": key["kid"]} if "kid" in key else {})}
        said = {"iat": int(clock()), **(claims or {})}
        return {header: prefix + tokens.encode(head, said, private)}

    return sign


def _mac(key: bytes, text: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.digest(key, text, algorithm)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
