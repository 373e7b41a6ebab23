"""The provider's memory and its rules: who asks, who signed in, which codes and tokens are out.

It keeps to OpenID Connect Core 1.0 with PKCE (RFC 7636, S256 alone), exact redirect URIs, codes
that work once, RP-Initiated Logout 1.0 and Back-Channel Logout 1.0. It is a simulator: strict
where a real provider is, and able to lie on purpose (``Faults``), so that the hub is tested.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

from .keys import Keys
from .people import Person

CODE_S = 60
TOKEN_S = 300
SIGNED_IN_S = 8 * 3600
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
NAMED = ("profile", "email")
FACTORS: Mapping[bool, tuple[str, tuple[str, ...]]] = {
    True: ("aal2", ("pwd", "hwk", "mfa")),
    False: ("aal1", ("pwd",)),
}
"""Whether the second factor was shown → ``acr``, ``amr``."""


class Declined(Exception):
    """The request is answered with an OAuth error (RFC 6749, sections 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(why)
        self.error = error


@dataclass(frozen=True, slots=True)
class Client:
    """A hub. Without ``secret`` and ``key`` (its public JWK) it is a public client."""

    id: str
    redirect_uris: Sequence[str]
    secret: str | None = None
    key: Mapping[str, Any] | None = None
    post_logout_redirect_uris: Sequence[str] = ()
    backchannel_logout_uri: str | None = None


@dataclass(slots=True)
class Faults:
    """How the provider lies. ``claims`` go over those of the ID token (``None`` leaves one out);
    ``alg`` and ``kid`` make a forged one; ``delay_s`` and ``status`` hold for what the hub asks."""

    claims: dict[str, Any] = field(default_factory=dict)
    alg: str | None = None
    kid: str | None = None
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    delay_s: float = 0.0
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the hub sent somebody here for."""

    client: Client
    redirect_uri: str
    state: str
    nonce: str
    challenge: str
    scopes: Sequence[str]
    again: bool
    """Whether they have to show once more who they are."""
    max_age_s: int | None


@dataclass(slots=True)
class Login:
    """Somebody is signed in here; ``clients`` saw it."""

    person: Person
    at: float
    strong: bool
    sid: str = field(default_factory=lambda: token_urlsafe(12))
    clients: dict[str, Client] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or an access token stands for."""

    asked: Asked
    login: Login
    until: float


class Desk:
    """One provider. ``issuer`` is its own address."""

    def __init__(self, issuer: str, clients: Sequence[Client], people: Sequence[Person]) -> None:
        self.issuer = issuer
        self.clients = {client.id: client for client in clients}
        self.people = {person.id: person for person in people}
        self.keys = Keys()
        self.faults = Faults()
        self.logins: dict[str, Login] = {}
        self._codes: dict[str, Grant | None] = {}
        """``None``: it was used."""
        self._tokens: dict[str, Grant] = {}

    def metadata(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, section 3."""
        place = self.issuer
        return {
            "issuer": place,
            "authorization_endpoint": f"{place}/authorize",
            "token_endpoint": f"{place}/token",
            "userinfo_endpoint": f"{place}/userinfo",
            "jwks_uri": f"{place}/jwks",
            "end_session_endpoint": f"{place}/end-session",
            "scopes_supported": ["openid", *NAMED],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.keys.alg],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic", "client_secret_post", "private_key_jwt", "none"
            ],
            "acr_values_supported": ["aal1", "aal2"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            **self.faults.metadata,
        }  # fmt: skip

    def client_of(self, query: Mapping[str, str]) -> tuple[Client, str]:
        """Who sent somebody here, and where they may be sent back to. Raises ``LookupError``: then
        they must not be sent anywhere (RFC 6749, section 4.1.2.1)."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise LookupError("No such client is registered here.")
        uri = query.get("redirect_uri", "")
        if uri not in client.redirect_uris:
            raise LookupError("That address is not registered for this client.")
        return client, uri

    def asked(self, query: Mapping[str, str]) -> Asked:
        """The request for a sign-in. Raises ``Declined``, and ``LookupError`` as above."""
        client, uri = self.client_of(query)
        if query.get("response_type") != "code":
            raise Declined("unsupported_response_type", "Only codes are given here.")
        scopes = query.get("scope", "").split()
        if "openid" not in scopes:
            raise Declined("invalid_scope", "The scope openid is missing.")
        challenge = query.get("code_challenge", "")
        if query.get("code_challenge_method") != "S256" or len(challenge) != 43:
            raise Declined("invalid_request", "PKCE with S256 is needed.")
        if not query.get("nonce") or not query.get("state"):
            raise Declined("invalid_request", "nonce and state are needed.")
        age = query.get("max_age")
        if age is not None and not age.isdecimal():
            raise Declined("invalid_request", "max_age is a number of seconds.")
        return Asked(
            client, uri, query["state"], query["nonce"], challenge, scopes,
            again=query.get("prompt") == "login", max_age_s=int(age) if age else None,
        )  # fmt: skip

    def enough(self, login: Login | None, asked: Asked) -> bool:
        """Whether somebody who is signed in need not do it again."""
        if login is None or asked.again or asked.max_age_s == 0:
            return False
        return time.time() - login.at < (asked.max_age_s or SIGNED_IN_S)

    def sign_in(self, person: Person, *, strong: bool) -> str:
        """Somebody has shown who they are; the cookie for it."""
        cookie = token_urlsafe(24)
        self.logins[cookie] = Login(person, time.time(), strong)
        return cookie

    def code(self, asked: Asked, login: Login) -> dict[str, str]:
        """What the browser takes back to the hub."""
        login.clients[asked.client.id] = asked.client
        code = token_urlsafe(24)
        self._codes[code] = Grant(asked, login, time.time() + CODE_S)
        return {"code": code, "state": asked.state, "iss": self.issuer}

    def redeem(self, client: Client, form: Mapping[str, str]) -> dict[str, Any]:
        """Tokens for a code. Raises ``Declined``."""
        if form.get("grant_type") != "authorization_code":
            raise Declined("unsupported_grant_type", "Only codes are taken here.")
        grant = self._codes.get(form.get("code", ""))
        if grant is None:
            raise Declined("invalid_grant", "The code is unknown, or was used.")
        self._codes[form["code"]] = None
        asked = grant.asked
        if time.time() > grant.until or asked.client != client:
            raise Declined("invalid_grant", "The code is old, or another client's.")
        if form.get("redirect_uri") != asked.redirect_uri:
            raise Declined("invalid_grant", "The code was given for another address.")
        verifier = form.get("code_verifier", "").encode()
        if not hmac.compare_digest(_base64(hashlib.sha256(verifier).digest()), asked.challenge):
            raise Declined("invalid_grant", "The verifier does not fit.")
        access_token = token_urlsafe(24)
        self._tokens[access_token] = Grant(asked, grant.login, time.time() + TOKEN_S)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_S,
            "id_token": self._id_token(asked, grant.login, access_token),
        }

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """Who it is. Raises ``LookupError`` for a token that is not good."""
        grant = self._tokens.get(access_token)
        if grant is None or time.time() > grant.until:
            raise LookupError("The token is unknown, or old.")
        person = grant.login.person
        named = person.profile() if {*NAMED} & {*grant.asked.scopes} else {}
        return {"sub": person.id, **named, **self.faults.userinfo}

    def ended(self, login: Login) -> list[tuple[str, str]]:
        """End a login: where to tell it, and the token to tell it with."""
        self.logins = {key: one for key, one in self.logins.items() if one is not login}
        return [
            (client.backchannel_logout_uri, self.logout_token(client, login))
            for client in login.clients.values()
            if client.backchannel_logout_uri
        ]

    def logout_token(self, client: Client, login: Login) -> str:
        """Back-Channel Logout 1.0, section 2.4."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": client.id, "iat": now, "exp": now + 120,
            "jti": token_urlsafe(12), "sub": login.person.id, "sid": login.sid,
            "events": {LOGOUT: {}},
        }  # fmt: skip
        return self.keys.sign(claims, "logout+jwt")

    def _id_token(self, asked: Asked, login: Login, access_token: str) -> str:
        now = int(time.time())
        acr, amr = FACTORS[login.strong]
        claims = {
            "iss": self.issuer, "sub": login.person.id, "aud": asked.client.id,
            "iat": now, "exp": now + TOKEN_S, "auth_time": int(login.at), "nonce": asked.nonce,
            "acr": acr, "amr": list(amr), "sid": login.sid,
            "at_hash": _base64(hashlib.sha256(access_token.encode()).digest()[:16]),
            **login.person.claims, **self.faults.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.faults.alg or self.faults.kid:
            return self.keys.forge(claims, self.faults.alg or self.keys.alg, self.faults.kid)
        return self.keys.sign(claims)


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
