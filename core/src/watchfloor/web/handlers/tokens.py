"""Tokens of services: made, listed, revoked. The secret is in one answer and never again."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.audit import AuditEvent
from watchfloor.contracts import rfc3339
from watchfloor.identity import Permission
from watchfloor.ports.store import ServiceToken
from watchfloor.web.routes import Access, Answer, Call, Route, path_param


class NewToken(Struct, kw_only=True, forbid_unknown_fields=True):
    """A vendor's system that may hand over the events of one push source."""

    holder: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    source: Annotated[str, Meta(min_length=1, max_length=64)]
    days: Annotated[int, Meta(ge=1, le=365)] = 90


class TokenView(Struct, kw_only=True):
    """A token, without what it opens anything by."""

    id: str
    holder: str
    permission: str
    source: str | None
    made: str
    made_by: str
    until: str
    revoked: str | None


class MadeToken(Struct, kw_only=True):
    """The token and its secret, which nobody can be shown again."""

    token: TokenView
    secret: str


class TokenList(Struct):
    """Every token, newest first."""

    items: list[TokenView]
    next: None = None


async def list_tokens(call: Call) -> TokenList:
    """Those that are over, too."""
    return TokenList([_view(each) for each in call.hub.tokens.all()])


async def make_token(call: Call) -> MadeToken:
    """A new one for a push source."""
    body: NewToken = call.body
    call.hub.sources.push_origin(body.source)
    secret, token = await call.hub.tokens.make(
        body.holder, Permission.DATA_BRING, body.source, body.days, call.actor
    )
    return MadeToken(token=_view(token), secret=secret)


async def revoke_token(call: Call) -> TokenView:
    """It opens nothing from now on."""
    return _view(await call.hub.tokens.revoke(call.params["id"], call.actor))


def _about(call: Call) -> About:
    return About(object=("tokens", None), more={"source": call.body.source})


def _view(token: ServiceToken) -> TokenView:
    return TokenView(
        id=token.id,
        holder=token.holder,
        permission=token.permission,
        source=token.source,
        made=rfc3339(token.made),
        made_by=token.made_by,
        until=rfc3339(token.until),
        revoked=rfc3339(token.revoked) if token.revoked else None,
    )


ROUTES = (
    Route("GET", "/tokens", "people", "Tokens of services", list_tokens,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Tokens, newest first.", TokenList)}),
    Route("POST", "/tokens", "people", "Make a token", make_token,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.TOKEN_MADE, about=_about,
                        attended=True),
          body=NewToken, answers={200: Answer("The token and its secret, once.", MadeToken)}),
    Route("DELETE", "/tokens/{id}", "people", "Revoke a token", revoke_token,
          access=Access(Permission.CREDENTIALS_SET, AuditEvent.TOKEN_REVOKED),
          params=(path_param("id", "Its id."),), answers={200: Answer("The token.", TokenView)}),
)  # fmt: skip
