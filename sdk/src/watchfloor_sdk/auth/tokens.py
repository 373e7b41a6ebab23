"""Tokens that run out: fetched by one caller for all, before they run out, and seldom."""

# ruff: noqa: ARG002 - not every flow looks at the call or the answer when it renews
from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from watchfloor.contracts import AskAPerson, RetryLater
from watchfloor_sdk.answer import Answer, VendorRejected
from watchfloor_sdk.pace import Bucket, Limit

from .base import Auth, Outgoing

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context

PER_HOUR = 60
"""Tokens that are fetched in an hour at most, where the vendor names no number."""
EARLY_S = 60.0
"""So long before its end, or a tenth of its life, a token is fetched anew."""
REFUSED_S = 50.0
"""A credential that was refused is not tried again for so long, unless it was changed: vendors
lock accounts after a few wrong passwords. A little less than a loop waits for a person."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a vendor handed out, and for how many seconds (``None``: until it is refused).

    ``host`` is where it serves, if elsewhere; ``more`` is what has to be kept beside it;
    ``renewed`` is the credential afterwards, where the vendor replaced a part of it.
    """

    text: str = field(repr=False)
    lives_s: float | None = None
    host: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)
    renewed: Mapping[str, str] | None = field(default=None, repr=False)


Fetch = Callable[[Mapping[str, str]], Awaitable[Token]]
"""A credential → a token for it. Raises our errors."""


class Tokens:
    """The token of one credential. ``per_hour`` is how often the vendor lets one be fetched."""

    def __init__(
        self, ctx: Context[Any], credential: str, fetch: Fetch, per_hour: int = PER_HOUR
    ) -> None:
        self._ctx = ctx
        self._name = credential
        self._fetch = fetch
        self._bucket = Bucket.of(Limit(per_hour, 3600.0, burst=(per_hour + 1) // 2))
        self._lease: Mapping[str, str] = {}
        self._token: Token | None = None
        self._until = 0.0
        self._refusal: AskAPerson | None = None
        self._fetching: asyncio.Task[Token] | None = None

    async def current(self) -> Token:
        """One that serves. Raises ``RetryLater`` (code ``token_quota``) when the hour's are used
        up, and whatever the fetching raises."""
        lease = await self._ctx.credential(self._name)
        now = asyncio.get_running_loop().time()
        if lease != self._lease:
            self._lease, self._token, self._refusal, self._fetching = lease, None, None, None
        if now < self._until:
            if self._refusal is not None:
                raise _same(self._refusal)
            if self._token is not None:
                return self._token
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetched(lease))
            self._fetching.add_done_callback(_heeded)
        return await asyncio.shield(self._fetching)

    def spoil(self, token: str) -> None:
        """That one was refused; if it is still the current one, the next is fetched."""
        if self._token is not None and self._token.text == token:
            self._token = None

    async def _fetched(self, lease: Mapping[str, str]) -> Token:
        now = asyncio.get_running_loop().time()
        self._ask_leave(now)
        try:
            token = await self._fetch(lease)
        except (VendorRejected, AskAPerson) as error:
            newer = await self._ctx.credential(self._name, fresh=True)
            if newer != lease:
                self._lease = newer
                return await self._fetched(newer)
            self._token, self._until = None, now + REFUSED_S
            self._refusal = not_taken(error) if isinstance(error, VendorRejected) else error
            raise _same(self._refusal) from None
        if lease == self._lease:
            self._lease = token.renewed or lease
            self._token, self._refusal = token, None
            self._until = now + _serves_s(token)
        return token

    def _ask_leave(self, now: float) -> None:
        wait = self._bucket.wait_s(now)
        if wait > 0:
            raise RetryLater(
                "The vendor hands out no more tokens in this hour.",
                code="token_quota",
                retry_after=wait,
            )
        self._bucket.take(now)


class TokenAuth(Auth):
    """Base of all that send a short-lived token in a header."""

    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        *,
        header: str = "authorization",
        prefix: str = "Bearer ",
        per_hour: int = PER_HOUR,
    ) -> None:
        self._ctx = ctx
        self._name = credential
        self._tokens = Tokens(ctx, credential, self.fetch, per_hour)
        self._header = header.lower()
        self._prefix = prefix

    async def fetch(self, lease: Mapping[str, str]) -> Token:
        """Get a token for a credential. Raises our errors."""
        raise NotImplementedError

    async def apply(self, call: Outgoing) -> None:
        """Set the header."""
        call.token = (await self._tokens.current()).text
        call.headers[self._header] = self._prefix + call.token

    async def renew(self, call: Outgoing, answer: Answer) -> bool:
        """A token may end early: with the next one it may work."""
        self._tokens.spoil(call.token)
        return True


def _serves_s(token: Token) -> float:
    if token.lives_s is None:
        return float("inf")
    return token.lives_s - min(EARLY_S, token.lives_s / 10)


def not_taken(error: VendorRejected) -> AskAPerson:
    """A token endpoint says 400 to a wrong credential (RFC 6749, section 5.2)."""
    return AskAPerson(
        error.detail,
        code="vendor_refused",
        remedy="Check this source's credential and what the vendor lets it see.",
    )


def _same(error: AskAPerson) -> AskAPerson:
    return AskAPerson(error.detail, code=error.code, remedy=error.remedy)


def _heeded(fetching: asyncio.Task[Token]) -> None:
    """A token that failed after everybody had given up waiting for it is nobody's error."""
    if not fetching.cancelled():
        fetching.exception()
