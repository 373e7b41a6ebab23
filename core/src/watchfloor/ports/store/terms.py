"""Terms: until when credentials serve, and until when the one before is taken as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .log import Micros


@dataclass(slots=True)
class Term:
    """What is known of one credential's time. ``owner`` is a source, or ``hub``.

    ``expires`` is when the vendor stops taking it, as ``said_by`` said at ``said``;
    ``overlap_until`` is when the value before it stops being taken, while both are.
    """

    owner: str
    name: str
    expires: Micros | None = None
    said: Micros | None = None
    said_by: str | None = None
    overlap_until: Micros | None = None


class Terms(Protocol):
    """One row a credential; one that was never written down has no expiry and no overlap."""

    async def all(self) -> Sequence[Term]: ...

    async def get(self, owner: str, name: str) -> Term: ...

    async def put(self, term: Term) -> None: ...

    async def remove(self, owner: str) -> None:
        """Those of an owner."""
