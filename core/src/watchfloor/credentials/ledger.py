"""The ledger of use: who has, and had, which credential in hand; and how it is taken back."""

from __future__ import annotations

from dataclasses import replace

from msgspec import Struct

from watchfloor.contracts import rfc3339
from watchfloor.hosting import Leases
from watchfloor.ports.store import Lease, LeaseBook
from watchfloor.sources import Sources


class LeaseView(Struct, kw_only=True):
    """A credential in the hands of a process, by fingerprint. ``ended`` says why it is no more:
    ``replaced``, ``worker_ended``, ``hub_ended``, ``cut_off``."""

    source: str
    name: str
    connector: str
    fingerprint: str
    process: int
    since: str
    last: str
    times: int
    until: str | None
    ended: str | None


class UseLedger:
    """Of one hub."""

    def __init__(self, book: LeaseBook, leases: Leases, sources: Sources) -> None:
        self._book = book
        self._leases = leases
        self._sources = sources

    async def leases(
        self, limit: int, *, source: str | None = None, still_open: bool = False
    ) -> list[LeaseView]:
        """The newest first."""
        found = await self._book.find(limit, source=source, still_open=still_open)
        return [_view(each) for each in found]

    async def end_all(self, source: str, by: str) -> int:
        """Switch a source off and take back what its workers have in hand; how many leases that
        ended. Raises ``NotFound``."""
        await self._sources.put(replace(self._sources.get(source), enabled=False), by)
        return await self._leases.end_all(source)


def _view(lease: Lease) -> LeaseView:
    return LeaseView(
        source=lease.source,
        name=lease.name,
        connector=lease.connector,
        fingerprint=lease.fingerprint,
        process=lease.process,
        since=rfc3339(lease.since),
        last=rfc3339(lease.last),
        times=lease.times,
        until=rfc3339(lease.until) if lease.until is not None else None,
        ended=lease.ended,
    )
