"""Registers: assets, gaps, configured sources, fetched media, the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .log import Micros


class AssetRegister(Protocol):
    """What exists and where. Assets are kept as their contract's JSON."""

    async def put(
        self,
        source: str,
        assets: Sequence[dict[str, Any]],
        complete: bool,
        checkpoint: bytes | None,
    ) -> int:
        """Add or change; with ``complete`` those of the source not listed become stale.
        Answers how many rows differ from before."""

    async def all(self, kinds: Sequence[str] = ()) -> Sequence[dict[str, Any]]:
        """Every asset that is not gone."""

    async def get(self, source: str, id: str) -> dict[str, Any]:
        """One asset. Raises ``NotFound``."""

    async def expire(self, stale_before: Micros) -> int:
        """Stale assets not seen since a time are gone; how many."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An interval in which a source gave no assurance. ``end`` of ``None``: still open."""

    id: int
    source: str
    start: Micros
    end: Micros | None
    reason: str
    filled: bool


class GapLedger(Protocol):
    """Where "no data" is known, so that it is never taken for "no hits"."""

    async def assured(self, source: str) -> Micros | None:
        """Up to when a source's data is assured, as last noted."""

    async def assure(self, source: str, until: Micros) -> None:
        """Move that forward."""

    async def open(self, source: str, start: Micros, reason: str) -> int:
        """Start a gap; the id of the open one when there is one already. One that ended at this
        very moment, for the same reason and not filled, goes on: to a person they are one."""

    async def close(self, source: str, end: Micros, filled: bool) -> None:
        """End the open gap, if any. ``filled``: the vendor gave what was missed."""

    async def between(
        self, since: Micros, until: Micros, source: str | None = None
    ) -> Sequence[Gap]:
        """Gaps that touch the interval and were not filled."""


@dataclass(slots=True)
class Instance:
    """A configured connector: a source of the hub. Secrets are not part of it."""

    id: str
    connector: str
    name: str
    config: dict[str, Any]
    enabled: bool = True
    synthetic: bool = False
    created: Micros = 0
    created_by: str = ""


def training(instances: Iterable[Instance]) -> frozenset[str]:
    """Synthetic sources beside real ones: what is theirs counts for nothing real. None on a hub
    that is there for training alone."""
    known = list(instances)
    if all(each.synthetic for each in known):
        return frozenset()
    return frozenset(each.id for each in known if each.synthetic)


class Instances(Protocol):
    """The agency's configured connectors."""

    async def all(self) -> Sequence[Instance]: ...

    async def get(self, id: str) -> Instance:
        """Raises ``NotFound``."""

    async def put(self, instance: Instance) -> None: ...

    async def remove(self, id: str) -> None: ...


class MediaShelf(Protocol):
    """Fetched media by the handle it was asked for. Bytes live beside the database by SHA-256."""

    async def get(self, source: str, handle: str) -> tuple[str, str] | None:
        """(sha256, content type), when fetched before."""

    async def put(self, source: str, handle: str, body: bytes, content_type: str) -> str:
        """Keep; answers the SHA-256 in hex."""

    async def read(self, sha256: str) -> bytes:
        """The bytes. Raises ``NotFound``."""


class Ledger(Protocol):
    """Small facts that must be provable later: credential leases, reads gathered as context."""

    async def note(self, kind: str, who: str, what: dict[str, Any]) -> None: ...

    async def notes(self, kind: str, limit: int) -> Sequence[dict[str, Any]]: ...

    async def last(self, kind: str, who: str, name: str) -> dict[str, Any] | None:
        """The newest of somebody's notes of a kind whose ``what`` has this ``name``."""
