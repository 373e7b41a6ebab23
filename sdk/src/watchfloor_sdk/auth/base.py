"""What proves to a vendor who asks: the one small interface that all the flows have."""

# ruff: noqa: ARG002 - not every flow looks at the call or the answer when it renews
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.answer import Answer

if TYPE_CHECKING:
    import ssl

    from watchfloor_sdk.context import Context


@dataclass(slots=True)
class Outgoing:
    """A request that is about to go. An ``Auth`` changes it in place.

    ``url`` is absolute, with its query; header names are in lower case; ``body`` is as it will be
    sent. ``token`` and ``lease`` are what a flow put on it, so that a refusal spoils that one and
    no newer. Only the method is ever shown.
    """

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    token: str = field(default="", repr=False)
    lease: Mapping[str, str] = field(default_factory=dict, repr=False)


class Auth(ABC):
    """Proves who asks: ``ctx.http.get(url, auth=...)``. One object serves all calls of a worker.

    Leases its credential by ``ctx.credential`` anew for each call, so that a changed one is used
    without a restart. Whatever it holds is held in memory only.
    """

    @abstractmethod
    async def apply(self, call: Outgoing) -> None:
        """Put the proof on a call. Raises our errors, none of which names a secret."""

    def refused(self, answer: Answer) -> bool:
        """Whether an answer says that the proof does not serve (any more)."""
        return answer.status == 401

    async def renew(self, call: Outgoing, answer: Answer) -> bool:
        """After a refusal. Answers whether it is worth one more try; ``apply`` comes before it."""
        return False

    async def tls(self) -> ssl.SSLContext | None:
        """The TLS settings that the connection needs; ``None`` for the usual ones."""
        return None


class Leased(Auth):
    """Base of those that need one credential and nothing else."""

    def __init__(self, ctx: Context[Any], credential: str) -> None:
        self._ctx = ctx
        self._name = credential

    async def lease(self, call: Outgoing) -> Mapping[str, str]:
        """The credential now, which the call is about to be proven with."""
        call.lease = await self._ctx.credential(self._name)
        return call.lease

    async def renew(self, call: Outgoing, answer: Answer) -> bool:
        """Worth it when the credential was changed meanwhile."""
        return call.lease != await self._ctx.credential(self._name, fresh=True)


def part(credential: Mapping[str, str], *names: str) -> str:
    """A credential's field, by the first of the names that it has.

    Raises ``AskAPerson`` (code ``credential_incomplete``) when it has none of them.
    """
    for name in names:
        if credential.get(name):
            return credential[name]
    raise AskAPerson(
        f"The credential has no field {' or '.join(names)}.",
        code="credential_incomplete",
        remedy="Set the credential again, with all of its fields.",
    )
