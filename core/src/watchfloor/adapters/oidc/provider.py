"""What an identity provider says of itself: its metadata and its keys, kept for a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from time import monotonic
from typing import Any, NoReturn, Protocol
from urllib.parse import urlsplit

import msgspec
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from msgspec import Struct

from watchfloor.adapters.sign_on_rules import misfit, refused
from watchfloor.contracts import GiveUp, RetryLater
from watchfloor.settings_sign_on import SignOnSettings

DEADLINE_S = 10.0
LIMIT = 1024 * 1024
"""Bytes of an answer."""
KEPT_S = 3600.0
AGAIN_S = 60.0
"""Whoever makes up key ids makes the hub ask the provider no more often than this."""
SERVER_ERROR = 500
OK = 200


class Content(Protocol):
    """An answer with its body."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


class Http(Protocol):
    """The hub's outgoing HTTP (``adapters.http_out.HttpOut``)."""

    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str],
        deadline_s: float,
        limit: int,
        body: bytes | None = None,
    ) -> Content: ...


class Metadata(Struct, frozen=True):
    """OpenID Connect Discovery 1.0, section 3, as far as the hub uses it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    code_challenge_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False
    backchannel_logout_supported: bool = False
    backchannel_logout_session_supported: bool = False

    def urls(self) -> list[str]:
        """Every address that is called, or that a browser is sent to."""
        found = (
            self.authorization_endpoint, self.token_endpoint, self.jwks_uri,
            self.userinfo_endpoint, self.end_session_endpoint,
        )  # fmt: skip
        return [url for url in found if url]


class Provider:
    """One issuer's metadata and keys."""

    def __init__(self, settings: SignOnSettings, http: Http) -> None:
        self._settings = settings
        self._http = http
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, list[Key]] | None = None
        self._asking = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Raises ``AskAPerson`` when it is not that issuer's, or not to be used as it is."""
        async with self._asking:
            if self._metadata is None or monotonic() - self._metadata[0] > KEPT_S:
                self._metadata = monotonic(), await self._discovered()
        return self._metadata[1]

    async def keys(self) -> list[Key]:
        """The public keys that it signs with now."""
        uri = (await self.metadata()).jwks_uri
        async with self._asking:
            return await self._fetched(uri)

    async def key(self, kid: str | None) -> Key:
        """The provider's public key of that id, asked for again where it is not known yet: the
        provider may have changed its keys. Raises ``Refused`` when there is none."""
        uri = (await self.metadata()).jwks_uri
        async with self._asking:
            found = self._known(kid, KEPT_S)
            if found is None and self._known_for() > AGAIN_S:
                await self._fetched(uri)
                found = self._known(kid, KEPT_S)
        if found is None:
            raise refused("The token is signed with a key that the provider does not have.")
        return found

    async def call(
        self, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, Any]:
        """Ask the provider; its status, and what it said. Raises ``RetryLater`` when it is busy,
        down or gone."""
        try:
            answer = await self._http.fetch(url, headers, DEADLINE_S, LIMIT, body)
        except RetryLater as error:
            raise unavailable(error.detail) from None
        except GiveUp as error:
            _unfit(error.detail)
        if answer.status >= SERVER_ERROR:
            raise unavailable(f"It answered with status {answer.status}.")
        try:
            return answer.status, msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            _unfit("What it answered is not JSON.")

    async def _discovered(self) -> Metadata:
        issuer = self._settings.issuer
        _secure(issuer, issuer)
        said = await self._json(get_well_known_url(issuer, external=True))
        try:
            metadata = msgspec.convert(said, Metadata)
        except msgspec.ValidationError as error:
            _unfit(f"Its metadata does not fit: {error}.")
        if metadata.issuer != issuer:  # OpenID Connect Discovery 1.0, section 4.3
            _unfit("It says that it is another issuer than the settings name.")
        for url in metadata.urls():
            _secure(url, issuer)
        methods = metadata.code_challenge_methods_supported
        if methods is not None and "S256" not in methods:
            _unfit("It does not do PKCE with S256 (RFC 7636).")
        return metadata

    async def _json(self, url: str) -> Any:
        status, said = await self.call(url, {"Accept": "application/json"})
        if status != OK:
            _unfit(f"It answered with status {status}.")
        return said

    async def _fetched(self, uri: str) -> list[Key]:
        keys = _usable(await self._json(uri))
        self._keys = monotonic(), keys
        return keys

    def _known_for(self) -> float:
        return monotonic() - self._keys[0] if self._keys else float("inf")

    def _known(self, kid: str | None, within_s: float) -> Key | None:
        if self._keys is None or self._known_for() > within_s:
            return None
        keys = self._keys[1]
        if kid is None:  # OpenID Connect Core 1.0, section 10.1: then there is one key only
            return keys[0] if len(keys) == 1 else None
        return next((key for key in keys if key.get("kid") == kid), None)


def unavailable(why: str) -> RetryLater:
    """The provider can't be asked now."""
    return RetryLater(
        f"The identity provider did not answer. {why}",
        code="sign_on_unavailable",
        remedy="Try again in a minute; if it lasts, tell IT.",
    )


def _unfit(why: str) -> NoReturn:
    raise misfit(
        f"The identity provider can't be used. {why}",
        "Let IT run `watchfloor sign-on check` and compare it with docs/sign-in.md.",
    )


def _secure(url: str, issuer: str) -> None:
    """https, unless all of it is on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not (_loopback(url) and _loopback(issuer)):
        _unfit("One of its addresses is not https.")


def _loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")


def _usable(said: Any) -> list[Key]:
    """The public keys for signatures; symmetric ones and those for encryption are left out."""
    given = said.get("keys") if isinstance(said, dict) else None
    found: list[Key] = []
    for jwk in given if isinstance(given, list) else ():
        public = isinstance(jwk, dict) and jwk.get("kty") in ("RSA", "EC")
        if not public or jwk.get("use", "sig") != "sig":
            continue
        with contextlib.suppress(JoseError, ValueError, TypeError):
            found.append(import_key(jwk))  # one that can't be read must not keep the others out
    if not found:
        _unfit("It has no keys for signatures.")
    return found
