"""Searches when somebody presses the button, and never else: each search is billed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from watchfloor_sdk import Connector, Finding, LookupRequest, LookupResult
from watchfloor_sdk.auth import Outgoing, PurposeTokens

from .answers import Answer, raise_refusal, results
from .purposes import Permitted
from .queries import query
from .settings import Settings

if TYPE_CHECKING:
    from watchfloor_sdk import Context

CREDENTIAL = "client"


class OsintStyle(Connector[Settings]):
    """Persons, addresses and phone numbers in a commercial record service."""

    settings = Settings

    def __init__(self) -> None:
        self._kept: PurposeTokens | None = None

    async def lookup(
        self, ctx: Context[Settings], request: LookupRequest
    ) -> AsyncIterator[LookupResult]:
        """One search under one purpose. The token is bound to that purpose and no other."""
        asked = query(request, ctx.settings)
        answer = await ctx.http.post(
            "/search",
            json=asked.body,
            auth=self._tokens(ctx).bound_to(asked.permitted.words(ctx.settings)),
            deadline_s=request.deadline_s,
        )
        said = answer.read(Answer)
        raise_refusal(said)
        for found in results(ctx, request.id, said, asked.permitted, asked.most):
            yield found

    async def check(self, ctx: Context[Settings]) -> Sequence[Finding]:
        """Gets a token for the first purposes that are allowed. Searches nobody: that is billed."""
        first = Permitted(ctx.settings.allowed_dppa[0], ctx.settings.allowed_glba[0])
        proof = self._tokens(ctx).bound_to(first.words(ctx.settings))
        await proof.apply(Outgoing("POST", f"{ctx.settings.base_url}/search", {}, b""))
        return [
            Finding(
                ok=True,
                what="token",
                detail="The service gives tokens for this agency's purpose. No search was made.",
            )
        ]

    def _tokens(self, ctx: Context[Settings]) -> PurposeTokens:
        if self._kept is None:
            self._kept = PurposeTokens(ctx, CREDENTIAL, ctx.settings.token_url)
        return self._kept
