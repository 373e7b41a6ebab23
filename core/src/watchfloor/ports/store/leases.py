"""The book of leases: which process has had which credential in its hands, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .log import Micros


@dataclass(slots=True)
class Lease:
    """One value of a credential in the hands of one process. The value itself is never here:
    ``fingerprint`` tells whether two leases were of the same one, and nothing else.

    ``since`` is when it was asked for first, ``last`` when last, ``times`` how often; it is open
    until ``until``, and ``ended`` says why it is no more.
    """

    id: int
    source: str
    name: str
    connector: str
    fingerprint: str
    process: int
    since: Micros = 0
    last: Micros = 0
    times: int = 1
    until: Micros | None = None
    ended: str | None = None


class LeaseBook(Protocol):
    """Every lease there was."""

    async def lend(self, lease: Lease) -> bool:
        """Note that a process is handed a value now; whether that is news. The same value again is
        one more time of the same lease; another value ends the one before it."""

    async def end(self, why: str, *, source: str | None = None, process: int | None = None) -> int:
        """End now the open ones of a source, a process, or all; how many they were."""

    async def find(
        self, limit: int, *, source: str | None = None, still_open: bool = False
    ) -> Sequence[Lease]:
        """The newest first."""

    async def last_used(self, source: str, name: str) -> Micros | None:
        """When a credential was asked for last, by whichever process."""
