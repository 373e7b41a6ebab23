"""The ``SignOn`` port by OpenID Connect: authorization code with PKCE, state and nonce (OpenID
Connect Core 1.0, section 3.1; RFC 7636; RFC 9700, section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from watchfloor.adapters.sign_on_rules import (
    SECOND,
    Once,
    misfit,
    refused,
    take_answer,
)
from watchfloor.contracts import AskAPerson, Refused, RetryLater
from watchfloor.identity import LIFE
from watchfloor.ports.signon import (
    Departure,
    LoggedOut,
    Pending,
    Prompt,
    SignedOn,
    within_console,
)
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock, Secrets
from watchfloor.settings_sign_on import SignOnSettings

from . import tokens
from .provider import OK, Http, Metadata, Provider, unavailable

OWNER, CREDENTIAL = "hub", "sign_on"
"""Where the client's secret is kept: its part ``client_secret``, or ``private_key`` (PEM) and
``key_id``."""
FORM = "application/x-www-form-urlencoded"
_WORD = re.compile(r"[a-z_]{1,60}")
_LATER = frozenset({"server_error", "temporarily_unavailable"})
_OURS = frozenset({
    "invalid_client", "unauthorized_client", "invalid_request", "invalid_scope",
    "unsupported_response_type",
})  # fmt: skip


class OidcSignOn:
    """``callback``: the hub's own address that the provider sends people back to, exactly as it is
    registered there. ``home``: where it sends them after they left."""

    def __init__(
        self,
        settings: SignOnSettings,
        http: Http,
        secrets: Secrets,
        clock: Clock,
        callback: str,
        home: str,
    ) -> None:
        self.provider = Provider(settings, http)
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._callback = callback
        self._home = home
        self._once = Once()

    async def begin(
        self, return_to: str, *, max_age_s: int | None = None, prompt: Prompt | None = None
    ) -> Departure:
        """To the provider, with nothing in the address that would be worth stealing."""
        metadata = await self.provider.metadata()
        pending = Pending(
            state=token_urlsafe(32),
            secret={"nonce": token_urlsafe(32), "verifier": token_urlsafe(48)},
            return_to=within_console(return_to),
            begun=self._clock.now(),
            max_age_s=max_age_s,
        )
        url = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._settings.client_id,
            "code",
            redirect_uri=self._callback,
            scope=" ".join(self._settings.scopes),
            state=pending.state,
            nonce=pending.secret["nonce"],
            code_challenge=create_s256_code_challenge(pending.secret["verifier"]),
            code_challenge_method="S256",
            acr_values=" ".join(self._settings.multi_factor.acr) or None,
            # Asked for an age, a provider has to say when the person signed in (section 2).
            max_age=LIFE // SECOND if max_age_s is None else max_age_s,
            prompt=prompt,
        )
        return Departure(url, pending)

    async def finish(self, query: Mapping[str, str], pending: Pending) -> SignedOn:
        """The code becomes a token once, and the token a person."""
        metadata = await self.provider.metadata()
        self._check_return(query, pending, metadata)
        answer = await self._redeem(query["code"], pending, metadata)
        access_token = _text(answer, "access_token")
        said, claims = await tokens.id_token(
            _text(answer, "id_token"),
            self.provider.key,
            self._settings,
            self._clock.now() // SECOND,
            nonce=pending.secret["nonce"],
            access_token=access_token,
            max_age_s=pending.max_age_s,
        )
        if (when := said.auth_time) is None:
            raise misfit(
                "The identity provider does not say when people showed who they are.",
                "Let IT add auth_time to its ID tokens: docs/sign-in.md.",
            )
        if metadata.userinfo_endpoint and access_token:
            claims = await self._userinfo(metadata.userinfo_endpoint, access_token, claims)
        return SignedOn(
            issuer=said.iss,
            subject=said.sub,
            sid=said.sid,
            claims=claims,
            acr=said.acr,
            amr=said.amr,
            auth_time=int(when * SECOND),
            ticket=answer["id_token"],
        )

    async def logged_out(self, logout_token: str) -> LoggedOut:
        """Each token counts once, however often it is sent."""
        now = self._clock.now()
        keys = self.provider.key
        said = await tokens.logout_token(logout_token, keys, self._settings, now // SECOND)
        self._once.take("logout token", said.jti, _until(said.exp), now)
        return LoggedOut(said.iss, said.sub, said.sid)

    async def leave_url(self, ticket: str) -> str | None:
        """With the ID token as a hint, so that the provider need not ask who leaves."""
        metadata = await self.provider.metadata()
        if metadata.end_session_endpoint is None:
            return None
        wanted = {
            "id_token_hint": ticket,
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": self._home,
        }
        return str(add_params_to_uri(metadata.end_session_endpoint, list(wanted.items())))

    def _check_return(self, query: Mapping[str, str], pending: Pending, metadata: Metadata) -> None:
        """Whether it is the answer to what was begun here: the state first, for all else may be
        anybody's words; then the issuer (RFC 9207), and what the provider says against it."""
        take_answer(pending, query.get("state", ""), self._once, self._clock.now())
        named = query.get("iss")
        if named is None and metadata.authorization_response_iss_parameter_supported:
            raise refused("The answer does not say who gave it.")
        if named not in (None, metadata.issuer):
            raise refused("Another provider answered.")
        if "error" in query:
            raise _declined(query["error"])
        if not query.get("code"):
            raise refused("The answer holds no code.")

    async def _redeem(self, code: str, pending: Pending, metadata: Metadata) -> Mapping[str, Any]:
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=self._callback,
            code=code,
            code_verifier=pending.secret["verifier"],
        )
        auth = await self._client_auth()
        headers = {"Content-Type": FORM, "Accept": "application/json"}
        url, headers, body = auth.prepare("POST", metadata.token_endpoint, headers, body)
        status, said = await self.provider.call(url, headers, body.encode())
        if not isinstance(said, dict):
            raise refused("The provider's answer is no object.")
        if status != OK:
            raise _declined(said.get("error"))
        return said

    async def _client_auth(self) -> ClientAuth:
        """How the hub shows who it is: by nothing, by a shared secret, or by its own key."""
        way = self._settings.client_auth
        if way == "none":
            return ClientAuth(self._settings.client_id, None, "none")
        kept = await self._secrets.get(OWNER, CREDENTIAL)
        if kept.get("client_id", self._settings.client_id) != self._settings.client_id:
            raise _misfit("client_id in the keyring and in the settings differ")
        if way != "private_key_jwt":
            return ClientAuth(self._settings.client_id, _part(kept, "client_secret"), way)
        header = {"kid": kept["key_id"]} if "key_id" in kept else None
        key = _part(kept, "private_key")
        return ClientAuth(self._settings.client_id, key, PrivateKeyJWT(headers=header))

    async def _userinfo(
        self, url: str, access_token: str, claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The claims, and what the provider tells on top (OpenID Connect Core 1.0, section 5.3).
        What the signed token says goes before."""
        headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
        status, said = await self.provider.call(url, headers)
        if status != OK or not isinstance(said, dict):
            raise unavailable("It does not tell who the person is.")
        if said.get("sub") != claims["sub"]:  # section 5.3.2: token substitution
            raise refused("The provider tells of another person than it signed for.")
        return {**said, **claims}


def _until(exp_s: float) -> Micros:
    return int(exp_s + tokens.LEEWAY_S) * SECOND


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise refused(f"The provider's answer has no {name}.")
    return value


def _declined(error: object) -> Refused | AskAPerson | RetryLater:
    """What the provider's own word for it means to the person (RFC 6749, sections 4.1.2.1 and
    5.2). Only a plain word is passed on: the browser could have brought anything."""
    word = error if isinstance(error, str) and _WORD.fullmatch(error) else "no reason"
    if word in _LATER:
        return unavailable(f"It says: {word}.")
    if word in _OURS:
        return _misfit(word)
    return refused(f"The identity provider said no: {word}.")


def _part(kept: Mapping[str, str], name: str) -> str:
    if name not in kept:
        raise _misfit(f"the keyring has no {name}")
    return kept[name]


def _misfit(why: str) -> AskAPerson:
    return misfit(
        f"The identity provider does not take this hub: {why}.",
        "Let IT compare client_id, secret and callback with docs/sign-in.md.",
    )
