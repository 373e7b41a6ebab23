"""People who sign in at Flock as themselves: user-level OAuth (authorization code, RFC 6749).

Documented are the grant, that an access token lives 30 minutes and a refresh token 12 hours and
serves once, that a token has its user's role and devices, and that sensitive endpoints are better
asked with it. Where a browser is sent is not public: a setting says it. PKCE (RFC 7636) goes along:
who does not know it passes over it.

Tokens stay in the worker's memory and go with it: nobody's sign-in lies on a disk, and after a
restart a person signs in again.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from watchfloor_sdk import AskAPerson, NotAsked, Refused, RetryLater
from watchfloor_sdk.answer import Answer, VendorRejected
from watchfloor_sdk.auth import Auth, Outgoing, Token, part
from watchfloor_sdk.auth.oauth import granted

from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

TOKEN = "/oauth/token"  # noqa: S105 - a path
SCOPE = "plate-reads:lookup"
WAITS_S = 600.0
"""How long somebody may take to sign in there."""
MOST_WAITING = 1000
EARLY_S = 60.0
"""So long before its end an access token is renewed."""
REFRESH_S = 12 * 3600.0
"""A refresh token lives 12 hours (documented)."""


@dataclass(slots=True)
class _Begun:
    """A sign-in that was begun: the answer must have its ``state``."""

    state: str
    verifier: str = field(repr=False)
    return_to: str
    until: float


@dataclass(slots=True)
class _Signed:
    """What Flock gave for one person: an access token ``until``, renewed up to its ``end``."""

    token: Token = field(repr=False)
    until: float
    end: float
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Users:
    """Who is signed in. One for each worker."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._ctx = ctx
        self._begun: dict[str, _Begun] = {}
        self._signed: dict[str, _Signed] = {}

    async def begin(self, person: str, return_to: str) -> str:
        """Where their browser goes. Raises ``Refused`` (``no_user_sign_in``)."""
        where = self._ctx.settings.authorize_url
        if where is None:
            raise Refused(
                "Signing in at Flock as oneself is not set up.",
                code="no_user_sign_in",
                remedy="Set authorize_url, as Flock gave it to the agency.",
            )
        client = await self._ctx.credential("client")
        begun = _Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(48), return_to, _now())
        begun.until += WAITS_S
        self._begun.pop(person, None)
        while len(self._begun) >= MOST_WAITING:
            del self._begun[next(iter(self._begun))]
        self._begun[person] = begun
        asked = {
            "response_type": "code",
            "client_id": part(client, "client_id"),
            "redirect_uri": return_to,
            "audience": self._ctx.settings.audience,
            "scope": SCOPE,
            "state": begun.state,
            "code_challenge": challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    async def end(self, person: str, answer: Mapping[str, str]) -> None:
        """They are back. Raises ``Refused`` (``sign_in_not_begun``, ``sign_in_refused``)."""
        begun = self._begun.pop(person, None)
        said = answer.get("state", "")
        if begun is None or begun.until < _now() or not _same(begun.state, said):
            raise Refused(
                "This answer belongs to no sign-in that this person began.",
                code="sign_in_not_begun",
                remedy="Begin it again.",
            )
        if not answer.get("code"):
            raise Refused(
                "Flock did not let them in.", code="sign_in_refused", remedy="Begin it again."
            )
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": begun.return_to,
            "code_verifier": begun.verifier,
        }
        try:
            token = await self._granted(form)
        except VendorRejected:
            raise Refused(
                "Flock takes this answer for no sign-in.",
                code="sign_in_refused",
                remedy="Begin it again.",
            ) from None
        self._signed[person] = _Signed(token, *_ends(token))

    def left_s(self, person: str) -> float | None:
        """For how many seconds more they are signed in, at the most; none, where they are not."""
        signed = self._signed.get(person)
        return signed.end - _now() if signed is not None and signed.end > _now() else None

    def forget(self, person: str) -> None:
        """They sign out. Flock documents no way to take a token back: it ends by itself, and
        nobody has it any more."""
        self._begun.pop(person, None)
        self._signed.pop(person, None)

    async def token(self, person: str) -> str | None:
        """A token of theirs that serves; none, where they are not signed in."""
        signed = self._signed.get(person)
        if signed is None:
            return None
        async with signed.renewing:  # a refresh token serves once
            if signed.until - EARLY_S < _now():
                await self._renew(person, signed)
        return signed.token.text if person in self._signed else None

    def spoil(self, person: str, token: str) -> None:
        """That token of theirs was refused: the next question renews it."""
        signed = self._signed.get(person)
        if signed is not None and signed.token.text == token:
            signed.until = 0.0

    async def _renew(self, person: str, signed: _Signed) -> None:
        refresh = signed.token.more.get("refresh_token")
        form = {"grant_type": "refresh_token", "refresh_token": str(refresh or "")}
        try:
            token = await self._granted(form)
        except (AskAPerson, VendorRejected):  # used up after 12 hours, or withdrawn
            self._signed.pop(person, None)
            return
        signed.token, (signed.until, signed.end) = token, _ends(token)

    async def _granted(self, form: Mapping[str, str]) -> Token:
        client = await self._ctx.credential("client")
        names = ("client_id", "client_secret")
        data = {**form, **{name: part(client, name) for name in names}}
        return granted(await self._ctx.http.post(TOKEN, data=data))


class AsUser(Auth):
    """Asks as one person who is signed in. Raises ``NotAsked`` (``sign_in_at_vendor``)."""

    def __init__(self, users: Users, person: str) -> None:
        self._users = users
        self._person = person

    async def apply(self, call: Outgoing) -> None:
        """Their token."""
        token = await self._users.token(self._person)
        if token is None:
            raise not_signed_in()
        call.token = token
        call.headers["authorization"] = f"Bearer {token}"

    async def renew(self, call: Outgoing, answer: Answer) -> bool:  # noqa: ARG002
        """It ended early: with the next one it may work."""
        self._users.spoil(self._person, call.token)
        return True


def not_signed_in() -> NotAsked:
    """Somebody asks who is not signed in there."""
    return NotAsked(
        "Flock wants to know you yourself, and you are not signed in there.",
        code="sign_in_at_vendor",
        remedy="Sign in at Flock, and ask again.",
    )


def challenge(verifier: str) -> str:
    """S256 of RFC 7636, section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _ends(token: Token) -> tuple[float, float]:
    """When the token ends, as the answer says (documented: 30 minutes), and when what renews it
    does."""
    if token.lives_s is None:
        raise RetryLater("Flock did not say how long a token lives.", code="unreadable_answer")
    until = _now() + token.lives_s
    return until, _now() + REFRESH_S if token.more.get("refresh_token") else until


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _now() -> float:
    return asyncio.get_running_loop().time()
