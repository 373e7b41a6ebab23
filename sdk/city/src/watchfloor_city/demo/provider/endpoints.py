"""What the hub itself asks the provider: metadata, keys, tokens, who somebody is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from secrets import compare_digest
from urllib.parse import unquote

from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from .desk import Client, Declined, Desk

METADATA = "/.well-known/openid-configuration"
ASKED_BY_HUB = frozenset({METADATA, "/jwks", "/token", "/userinfo"})
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Endpoints:
    """The endpoints of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        """Path and method of each."""
        return [
            web.get(METADATA, self._metadata),
            web.get("/jwks", self._jwks),
            web.post("/token", self._token),
            web.get("/userinfo", self._userinfo),
        ]

    async def _metadata(self, _: web.Request) -> web.Response:
        return web.json_response(self._desk.metadata())

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response(self._desk.keys.published())

    async def _token(self, request: web.Request) -> web.Response:
        """OpenID Connect Core 1.0, section 3.1.3."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            client = self._authenticated(request.headers.get("Authorization"), form)
            answer = self._desk.redeem(client, form)
        except Declined as error:
            status = 401 if error.error == "invalid_client" else 400
            return web.json_response({"error": error.error}, status=status)
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    async def _userinfo(self, request: web.Request) -> web.Response:
        """OpenID Connect Core 1.0, section 5.3."""
        _, _, access_token = request.headers.get("Authorization", "").partition(" ")
        try:
            return web.json_response(self._desk.userinfo(access_token))
        except LookupError:
            return web.json_response({"error": "invalid_token"}, status=401)

    def _authenticated(self, authorization: str | None, form: Mapping[str, str]) -> Client:
        """The client that asks, by the way that it is registered for. Raises ``Declined``."""
        if authorization:
            name, secret = _basic(authorization)
        else:
            name, secret = form.get("client_id", ""), form.get("client_secret", "")
        if form.get("client_assertion_type") == ASSERTION:
            return self._by_key(form.get("client_assertion", ""))
        client = self._desk.clients.get(name)
        if client is None or client.key or not compare_digest(client.secret or "", secret):
            raise Declined("invalid_client", "The client is unknown, or shows another secret.")
        return client

    def _by_key(self, assertion: str) -> Client:
        """RFC 7523, section 3: signed with the key of the client that it names, for this issuer's
        token endpoint, and not too old."""
        for client in self._desk.clients.values():
            if client.key is None:
                continue
            registry = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": client.id},
                sub={"essential": True, "value": client.id},
                aud={"essential": True, "value": f"{self._desk.issuer}/token"},
                exp={"essential": True},
                jti={"essential": True},
            )
            try:
                key = import_key(dict(client.key))
                registry.validate(jwt.decode(assertion, key, algorithms=["RS256"]).claims)
            except (JoseError, ValueError):
                continue
            return client
        raise Declined("invalid_client", "The assertion is no known client's.")


def _basic(authorization: str) -> tuple[str, str]:
    """RFC 6749, section 2.3.1: both parts are form-encoded first."""
    try:
        text = base64.b64decode(authorization.partition(" ")[2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = text.partition(":")
    return unquote(name), unquote(secret)
