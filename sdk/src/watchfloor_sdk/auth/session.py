"""A log-in that hands out a session, and may move you to another host."""

# ruff: noqa: ARG002 - not every flow looks at the call or the answer when it renews
from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from watchfloor_sdk.answer import Answer

from .base import Auth, Outgoing
from .tokens import Token, Tokens

if TYPE_CHECKING:
    from watchfloor_sdk.context import Context

PER_HOUR = 30


class Session(Auth):
    """Base of log-ins that are a vendor's own: a connector says how they go.

    ``log_in`` has the credential and answers a ``Token``: ``text`` names the session, ``host`` is
    where it lives if elsewhere, ``more`` is what calls carry. ``put`` puts it on a call.
    Log-ins count: ``per_hour`` is how many are tried, and a session is kept until it ends.
    """

    def __init_subclass__(cls) -> None:
        """Raises ``TypeError`` for a ``put`` that has to be awaited: nobody would."""
        super().__init_subclass__()
        if inspect.iscoroutinefunction(cls.put):
            raise TypeError(f"{cls.__name__}.put must be a plain method, without async")

    def __init__(self, ctx: Context[Any], credential: str, *, per_hour: int = PER_HOUR) -> None:
        self._ctx = ctx
        self._tokens = Tokens(ctx, credential, self.log_in, per_hour)

    @abstractmethod
    async def log_in(self, lease: Mapping[str, str]) -> Token:
        """Log in with a credential. Raises our errors."""

    @abstractmethod
    def put(self, call: Outgoing, session: Token) -> None:
        """Put the session on a call."""

    async def apply(self, call: Outgoing) -> None:
        """Log in if need be; turn the call to the session's host."""
        session = await self._tokens.current()
        call.token = session.text
        if session.host:
            call.url = urlunsplit(urlsplit(call.url)._replace(netloc=session.host))
        self.put(call, session)

    async def renew(self, call: Outgoing, answer: Answer) -> bool:
        """A session may end early."""
        self._tokens.spoil(call.token)
        return True
