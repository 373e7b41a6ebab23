"""Ports of the connector registry: the signed index, and the environments of connectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


class Bundles(Protocol):
    """Air-gapped bundles: an index in one file."""

    async def write(self, release: Release, index: Index, file: Path) -> None:
        """A bundle with the metadata of ``index`` and the wheels of one release."""

    async def open(self, file: Path, folder: Path) -> Index:
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
