"""How a vendor knows who asks: one small interface, one class per flow.

    ctx.http.vendor(auth=ApiKey(ctx, "api_key", header="x-api-key"))

``digest``, ``certificate``, ``principal`` and ``username_token`` are imported by their own names:
what they need takes memory that most workers can spare.
"""

from .base import Auth, Leased, Outgoing, part
from .exchange import ExchangedKey, PurposeTokens
from .keys import ApiKey, Basic, basic
from .oauth import ClientCredentials, PasswordCode, RotatingRefresh
from .session import Session
from .signature import Signed
from .tokens import Token, TokenAuth, Tokens

__all__ = [
    "ApiKey",
    "Auth",
    "Basic",
    "ClientCredentials",
    "ExchangedKey",
    "Leased",
    "Outgoing",
    "PasswordCode",
    "PurposeTokens",
    "RotatingRefresh",
    "Session",
    "Signed",
    "Token",
    "TokenAuth",
    "Tokens",
    "basic",
    "part",
]
