"""Simulators: a vendor's system as its documentation describes it, on loopback, faults included.

A simulator is fed with happenings of a city (or of a test), serves them in the vendor's shapes and
keeps a ledger of what it has handed out, so that a test can compare it with what the hub stored.
Found through the entry point group ``watchfloor.simulators``; never imported by the hub.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Setup:
    """How to configure the connector against this simulator, as agency IT would."""

    connector: str
    config: Mapping[str, Any]
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Simulator(ABC):
    """One vendor's system. ``feed`` never blocks; what the vendor would not know, it ignores."""

    connector: str

    @abstractmethod
    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Setup:
        """Listen; answers how to configure the connector."""

    @abstractmethod
    async def stop(self) -> None:
        """Close the listener and end what was started."""

    @abstractmethod
    def feed(self, happening: Any) -> None:
        """Take note of something that happened in the city."""

    def push_to(self, url: str) -> None:  # noqa: B027 - only vendors that push care
        """Where the vendor shall send its webhooks: the hub's ``/hooks/<source>``."""

    @property
    @abstractmethod
    def ledger(self) -> Mapping[str, Any]:
        """Event id (as the connector will form it) → what the vendor said."""
