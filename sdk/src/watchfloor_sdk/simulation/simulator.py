"""Simulators: a vendor's system as its documentation describes it, on loopback, faults included.

A simulator is fed with happenings of a city (or of a test), serves them in the vendor's shapes and
keeps a ledger of what it has handed out, so that a test can compare it with what the hub stored.
Found through the entry point group ``watchfloor.simulators``; never imported by the hub.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from watchfloor.contracts import ActionRequest, LookupRequest


@dataclass(slots=True)
class Setup:
    """How to configure the connector against this simulator, as agency IT would."""

    connector: str
    config: Mapping[str, Any]
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class Simulator(ABC):
    """One vendor's system. ``feed`` never blocks; what the vendor would not know, it ignores.

    The last methods are for ``watchfloor-sdk check`` and ``run``: a rehearsal is a made-up day at
    this vendor. What a vendor does not have (assets, credentials) needs no method.
    """

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

    def demo(self) -> Iterable[Any]:
        """Happenings to show the connector with, as ``watchfloor-sdk run`` does: one after the
        other for as long as somebody looks, so they may go on without end. By default those of a
        rehearsal, as they would come now; none where there is none."""
        for number in itertools.count():
            try:
                yield self.rehearse(number, datetime.now(UTC))
            except NotImplementedError:
                return

    def demo_requests(self) -> Iterable[LookupRequest | ActionRequest]:
        """Look-ups and actions to show the connector with, where it has any. None by default."""
        return ()

    def push_to(self, url: str) -> None:  # noqa: B027 - only vendors that push care
        """Where the vendor shall send its webhooks: the hub's ``/hooks/<source>``."""

    @property
    @abstractmethod
    def ledger(self) -> Mapping[str, Any]:
        """Event id (as the connector will form it) → what the vendor said. Where a vendor
        tells of assets alone, their ids."""

    @classmethod
    def rehearsing(cls) -> Self:
        """One with assets of its own and no limit that a hurried test would meet."""
        return cls()

    def rehearse(self, number: int, at: datetime) -> Any:
        """The ``number``-th happening of a rehearsal, at ``at``: something to ``feed`` that becomes
        news of its own, and says all that this vendor can say."""
        raise NotImplementedError(f"{type(self).__name__} cannot rehearse")

    def lose_asset(self) -> str:
        """From now on one asset is no longer listed; answers its id."""
        raise NotImplementedError(f"{type(self).__name__} loses no assets")

    def deny(self) -> None:
        """From now on every look-up is refused, in the vendor's own way."""
        raise NotImplementedError(f"{type(self).__name__} denies nothing")

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """From now on only these credentials are taken."""
        raise NotImplementedError(f"{type(self).__name__} rotates no credentials")
