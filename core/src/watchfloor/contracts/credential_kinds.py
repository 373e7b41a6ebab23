"""What each kind of credential is made of: the parts that a form asks for and a worker reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CredentialPart:
    """One field of a credential. What is not ``secret`` may be seen while it is typed; ``long``
    has several lines, as a key in PEM has."""

    name: str
    title: str
    help: str = ""
    secret: bool = True
    long: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind. Each of ``ways`` names parts that are enough; parts in none of them are extras.
    ``renewable`` are those that a vendor replaces when they are used."""

    parts: Sequence[CredentialPart]
    ways: Sequence[Sequence[str]]
    renewable: frozenset[str] = frozenset()

    def lacking(self, names: Collection[str]) -> Sequence[str]:
        """The parts that the nearest way still lacks; none when one is whole."""
        return min(([n for n in way if n not in names] for way in self.ways), key=len)


def _part(name: str, title: str, help: str = "") -> CredentialPart:
    return CredentialPart(name, title, help)


def _open(name: str, title: str, help: str = "") -> CredentialPart:
    return CredentialPart(name, title, help, secret=False)


def _pem(name: str, title: str, *, secret: bool = True) -> CredentialPart:
    return CredentialPart(name, title, "From BEGIN to END.", secret=secret, long=True)


_USER, _PASSWORD = _open("username", "User"), _part("password", "Password")
_ID, _SECRET = _open("client_id", "Client id"), _part("client_secret", "Client secret")
_AS_WELL = "Taken as well, while it is being changed."
_PREVIOUS = _part("previous", "The one before", _AS_WELL)
_KEY = _pem("private_key", "Private key")
_PASSPHRASE = _part("passphrase", "Passphrase of the private key")
_KEY_ID = _open("key_id", "Key id")
_SCOPE, _AUDIENCE = _open("scope", "Scope"), _open("audience", "Audience")

CREDENTIAL_KINDS: Mapping[str, Shape] = MappingProxyType(
    {
        "api_key": Shape([_part("api_key", "Key"), _PREVIOUS], [["api_key"]]),
        "token": Shape([_part("token", "Token"), _PREVIOUS], [["token"]]),
        "basic": Shape(
            [
                _USER,
                _PASSWORD,
                _open("application_id", "Application id"),
                _part("token", "Token", "Where it stands for the user."),
                _part("previous", "The password before", _AS_WELL),
            ],
            [["username", "password"], ["token"]],
        ),
        "hmac_secret": Shape([_part("secret", "Secret"), _KEY_ID, _PREVIOUS], [["secret"]]),
        "client_certificate": Shape(
            [
                _pem("certificate", "Certificate", secret=False),
                _KEY,
                CredentialPart("pkcs12", "PKCS #12 file", "In base64.", long=True),
                _part("password", "Password of the private key or file"),
            ],
            [["certificate", "private_key"], ["pkcs12"]],
        ),
        "oauth2_client": Shape(
            [_ID, _SECRET, _SCOPE, _AUDIENCE, _open("partner_id", "Partner id")],
            [["client_id", "client_secret"]],
        ),
        "refresh_token": Shape(
            [_part("refresh_token", "Refresh token", "From signing in."), _ID, _SECRET, _SCOPE],
            [["refresh_token"]],
            renewable=frozenset({"refresh_token"}),
        ),
        "service_principal": Shape(
            [_ID, _open("tenant", "Tenant"), _SECRET, _KEY, _KEY_ID, _SCOPE, _AUDIENCE],
            [["client_id", "client_secret"], ["client_id", "private_key"]],
        ),
        "password_totp": Shape(
            [
                _USER,
                _PASSWORD,
                _part("totp_seed", "Seed of one-time codes", "Base 32: A to Z and 2 to 7."),
                _open("domain", "Domain"),
                _ID,
            ],
            [["username", "password", "totp_seed"]],
        ),
        "ssh_key": Shape(
            [_USER, _KEY, _PASSPHRASE, _PASSWORD],
            [["username", "private_key"], ["username", "password"]],
        ),
        "jwk_set": Shape(
            [
                CredentialPart("jwks", "Key set", "The vendor's JSON.", secret=False, long=True),
                CredentialPart(
                    "previous", "The key set before", _AS_WELL, secret=False, long=True
                ),
            ],
            [["jwks"]],
        ),
    }
)  # fmt: skip
"""By kind. The README of each connector says where its vendor shows these."""
