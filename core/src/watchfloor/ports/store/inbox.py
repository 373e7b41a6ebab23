"""Webhooks between their arrival and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .log import Micros


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A webhook whose signature was good, before the worker has seen it."""

    source: str
    headers: str
    body: bytes
    dedupe: str | None = None
    """The vendor's own delivery id, where there is one: the same one is stored once."""


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A webhook in the inbox."""

    id: int
    source: str
    received: Micros
    headers: str
    body: bytes


class Inbox(Protocol):
    """Webhooks, durable before they are answered."""

    async def accept(self, deliveries: Sequence[NewDelivery]) -> Sequence[int]:
        """Store and sync; the ids in order."""

    async def waiting(self, source: str, after: int, limit: int) -> Sequence[StoredDelivery]:
        """Unsettled deliveries of a source after an id, oldest first."""
