"""Ports of the connector registry: the signed index, and the environments of connectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from watchfloor.contracts.registry import Registry, Release

Step = Callable[[float, str], None]
"""Told how far long work is: a part of 1, and what is done now, for people."""


class Index(Protocol):
    """The signed index of connectors, as far as this hub has verified it.

    Signatures are verified at each reading. What does not fit them is ``Refused``: code
    ``index_tampered``, ``index_expired`` or ``index_older``.
    """

    async def refresh(self) -> Registry:
        """Take the newest signed copy. Raises ``Refused``; ``RetryLater`` (``index_unreachable``)
        when it cannot be had; ``AskAPerson`` (``no_index``) when none is set."""

    async def last(self) -> Registry | None:
        """The last signed copy, without the network; ``None`` when there never was one. Its age is
        no reason to refuse it: what it revokes stays revoked."""

    async def fetch(self, release: Release, folder: Path) -> Sequence[Path]:
        """The release's wheels, verified, into ``folder``. Raises as ``refresh`` does."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """An opened bundle: the part of an index that one release needs. What it is for is said
    outside of the signature, so it is looked up in ``index`` like any other."""

    index: Index
    connector: str
    version: str


class Bundles(Protocol):
    """Air-gapped bundles: one release, and all it needs, in one file."""

    async def open(self, content: bytes, folder: Path) -> Bundle:
        """Unpack into ``folder``. Raises ``Refused`` (code ``bad_archive``) for one that tries to
        write elsewhere."""


class Environments(Protocol):
    """One Python environment a connector version. Nothing is installed beside the hub."""

    async def make(self, folder: Path, wheels: Path, release: Release) -> None:
        """Install a release's wheels, and no others, into ``folder``, without the network.
        Raises ``AskAPerson`` (code ``not_installable``) with what the installer said."""

    def python(self, folder: Path) -> Path:
        """The environment's interpreter."""

    def packages(self, folder: Path) -> Path:
        """Where its packages lie."""
