"""The provider's keys: one that signs, and those that signed before."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

KEPT = 2


class Keys:
    """Signs with the newest; the one before stays published, so that what it signed still holds."""

    def __init__(self, alg: str = "ES256") -> None:
        self.alg = alg
        self._keys: list[RSAKey | ECKey] = []
        self.rotate()

    def rotate(self) -> None:
        """From now on with a new key."""
        self._keys = [_made(self.alg), *self._keys][:KEPT]

    def published(self) -> dict[str, Any]:
        """The JSON Web Key Set (RFC 7517, section 5): public parts alone."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def sign(self, claims: Mapping[str, Any], kind: str = "JWT") -> str:
        """An honest token."""
        key = self._keys[0]
        return jwt.encode({"alg": self.alg, "kid": key.kid, "typ": kind}, dict(claims), key)

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token of its own, however old. Raises ``JoseError``, ``ValueError``."""
        return jwt.decode(token, KeySet([*self._keys]), algorithms=[self.alg]).claims

    def forge(self, claims: Mapping[str, Any], alg: str, kid: str | None) -> str:
        """A token such as an attacker would make who knows what is public: unsigned, signed with
        the public key as if it were a secret, or with a key of their own under ``kid``."""
        key = self._keys[0]
        header = {"alg": alg, "kid": kid or key.kid, "typ": "JWT"}
        if alg not in ("none", "HS256"):
            return jwt.encode(header, dict(claims), _made(alg), algorithms=[alg])
        signed = f"{_part(header)}.{_part(claims)}"
        if alg == "none":
            return f"{signed}."
        public = key.as_pem(private=False)
        mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_base64(mac)}"


def _made(alg: str) -> RSAKey | ECKey:
    parameters: KeyParameters = {"use": "sig", "alg": alg}
    if alg.startswith("RS"):
        return RSAKey.generate_key(2048, parameters, auto_kid=True)
    return ECKey.generate_key("P-256", parameters, auto_kid=True)


def _part(document: Mapping[str, Any]) -> str:
    return _base64(json.dumps(dict(document)).encode())


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
