"""A lasting key for a short token; and tokens that are bound to a purpose."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from watchfloor.contracts import RetryLater
from watchfloor_sdk.answer import Answer

from .base import Auth, part
from .keys import basic
from .tokens import PER_HOUR, Token, TokenAuth

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context

MOST_PURPOSES = 32


class ExchangedKey(TokenAuth):
    """The field ``api_key``, sent in ``key_header`` to ``token_url``, for a token of
    ``lives_s`` seconds in the answer's field ``token_field``. The token goes out in ``header``.
    """

    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        token_url: str,
        *,
        key_header: str,
        lives_s: float,
        token_field: str = "token",  # noqa: S107 - a name
        header: str = "authorization",
        prefix: str = "Bearer ",
        per_hour: int = PER_HOUR,
    ) -> None:
        super().__init__(ctx, credential, header=header, prefix=prefix, per_hour=per_hour)
        self._token_url = token_url
        self._key_header = key_header
        self._lives_s = lives_s
        self._token_field = token_field

    async def fetch(self, lease: Mapping[str, str]) -> Token:
        """Exchange the key."""
        headers = {self._key_header: part(lease, "api_key")}
        answer = await self._ctx.http.post(self._token_url, headers=headers)
        said = answer.json()
        text = said.get(self._token_field) if isinstance(said, dict) else None
        return _token(text, answer, self._lives_s)


class PurposeTokens:
    """Tokens for ``client_id`` and ``client_secret``, each bound to what it may be used for.

    ``http.post(url, json=..., auth=tokens.bound_to({"glba": "...", "dppa": "..."}))``. The purpose
    is the token request's JSON body; the answer's body, or the JSON text in it, is the token.
    ``lives_s``: ``None`` where the vendor does not say; then it serves until it is refused.
    """

    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        token_url: str,
        *,
        prefix: str = "",
        lives_s: float | None = None,
    ) -> None:
        self._make = partial(
            _Bound, ctx, credential, token_url=token_url, prefix=prefix, lives_s=lives_s
        )
        self._bound: OrderedDict[tuple[tuple[str, str], ...], Auth] = OrderedDict()

    def bound_to(self, purpose: Mapping[str, str]) -> Auth:
        """The one for this purpose, and no other. The longest unused is forgotten."""
        name = tuple(sorted(purpose.items()))
        if name not in self._bound:
            self._bound[name] = self._make(purpose=dict(purpose))
        self._bound.move_to_end(name)
        while len(self._bound) > MOST_PURPOSES:
            self._bound.popitem(last=False)
        return self._bound[name]


class _Bound(TokenAuth):
    def __init__(
        self,
        ctx: Context[Any],
        credential: str,
        *,
        token_url: str,
        prefix: str,
        lives_s: float | None,
        purpose: Mapping[str, str],
    ) -> None:
        super().__init__(ctx, credential, prefix=prefix)
        self._token_url = token_url
        self._lives_s = lives_s
        self._purpose = purpose

    async def fetch(self, lease: Mapping[str, str]) -> Token:
        """Ask for a token for this purpose."""
        user = basic(part(lease, "client_id"), part(lease, "client_secret"))
        answer = await self._ctx.http.post(
            self._token_url, json=self._purpose, headers={"authorization": user}
        )
        text = answer.document("a token").decode("utf-8", "replace").strip()
        return _token(answer.json() if text.startswith('"') else text, answer, self._lives_s)


def _token(text: Any, answer: Answer, lives_s: float | None) -> Token:
    # A token goes into a header: a web page or a broken answer must not.
    if not isinstance(text, str) or not text.isascii() or not text.isprintable() or " " in text:
        text = None
    if not text:
        raise RetryLater(
            f"The token answer of {answer.host} holds no token.", code="unreadable_answer"
        )
    return Token(text, lives_s)
