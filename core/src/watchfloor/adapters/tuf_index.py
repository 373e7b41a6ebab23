"""The ``Index`` port on The Update Framework (TUF specification 1.0), by python-tuf.

A static index is a folder or web address with ``metadata/`` and ``targets/``. The hub keeps what it
verified last: the metadata, which guards against an older copy, and the registry document, so that
revocations hold without a network.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import msgspec
from msgspec import Struct
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization import DeserializationError
from tuf.ngclient import FetcherInterface, Updater

from watchfloor.contracts import AskAPerson, Refused, RetryLater, WatchfloorError
from watchfloor.contracts.registry import Registry, Release

T = TypeVar("T")

REGISTRY = "registry.json"
"""The target that holds the registry document."""
COPY = "signed-copy.json"
METADATA, TARGETS = "metadata", "targets"
_CHUNK = 1024 * 1024

# It logs each file that it fetches and each root that is not there.
logging.getLogger("tuf").setLevel(logging.ERROR)


def wheel_target(file: str, sha256: str) -> str:
    """A wheel's name in the index. Under its hash: releases may pin different builds of one wheel,
    and a later one takes none away from an earlier."""
    return f"wheels/{sha256}/{file}"


class _Copy(Struct):
    """The registry document with the metadata that vouches for it, as they came; and the version
    of the root that it was believed for. A newer root may have other keys."""

    targets: str
    registry: str
    root: int = 1


# Made before threads use them; why, says contracts/known.py.
_read_copy = msgspec.json.Decoder(_Copy).decode
_read_registry = msgspec.json.Decoder(Registry).decode


class TufIndex:
    """An index at ``address`` (a folder, ``https://`` or ``http://``), believed for what ``root``
    (the bytes of a ``root.json``) says. ``kept`` is this hub's folder for what it verified. Without
    an address there is only what bundles brought."""

    def __init__(self, address: str, root: bytes, kept: Path) -> None:
        self.address = address and _url(address)
        self._root = root
        self.kept = kept
        self._changing = asyncio.Lock()

    async def refresh(self) -> Registry:
        """Take the newest signed copy."""
        async with self._changing:
            return await asyncio.to_thread(_explained, self._refresh)

    async def last(self) -> Registry | None:
        """The last signed copy, verified anew."""
        return await asyncio.to_thread(_explained, self._last)

    async def fetch(self, release: Release, folder: Path) -> Sequence[Path]:
        """The release's wheels, each compared with the signed length and hash."""
        async with self._changing:
            return await asyncio.to_thread(_explained, lambda: self._fetch(release, folder))

    def registry_bytes(self) -> bytes:
        """The registry document of the last signed copy, as it came."""
        copy = _read_copy((self.kept / COPY).read_bytes())
        return copy.registry.encode()

    def _refresh(self) -> Registry:
        updater = self._updater()
        updater.refresh()
        target = updater.get_targetinfo(REGISTRY)
        if target is None:
            raise RepositoryError("it names no registry")
        path = Path(updater.download_target(target, str(self.kept / f"{REGISTRY}.new")))
        believed = Metadata[Root].from_file(str(self.kept / "root.json")).signed.version
        copy = _Copy((self.kept / "targets.json").read_text(), path.read_text(), believed)
        registry = _read(copy.registry)
        path.write_bytes(msgspec.json.encode(copy))
        path.replace(self.kept / COPY)  # both at once: one does not fit another's older one
        return registry

    def _last(self) -> Registry | None:
        path = self.kept / COPY
        if not path.exists():
            return None
        copy = _read_copy(path.read_bytes())
        targets = Metadata[Targets].from_bytes(copy.targets.encode())
        root = self._trusted_root(copy.root)
        root.verify_delegate(Targets.type, targets.signed_bytes, targets.signatures)
        targets.signed.targets[REGISTRY].verify_length_and_hashes(copy.registry.encode())
        return _read(copy.registry)

    def _fetch(self, release: Release, folder: Path) -> list[Path]:
        updater, paths = self._updater(), []
        for requirement in release.requirements:
            for wheel in requirement.wheels:
                target = updater.get_targetinfo(wheel_target(wheel.file, wheel.sha256))
                if target is None or target.hashes.get("sha256") != wheel.sha256:
                    raise RepositoryError(f"{wheel.file} is not the one that the registry names")
                path = folder / wheel.file
                updater.download_target(target, str(path))
                paths.append(path)
        return paths

    def _updater(self) -> Updater:
        if not self.address:
            raise AskAPerson(
                "This hub has no index of connectors.",
                code="no_index",
                remedy="Set registry_index in hub.toml, or install from a bundle.",
            )
        self.kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = None if self.address.startswith(("https:", "http:")) else _Files()
        return Updater(
            str(self.kept),
            f"{self.address}/{METADATA}/",
            target_base_url=f"{self.address}/{TARGETS}/",
            fetcher=files,
            bootstrap=self._root,
        )

    def _trusted_root(self, version: int) -> Root:
        """From the root that we were given, along the chain of its successors to a version: each
        is signed by the one before and by itself (TUF specification, section 5.3)."""
        root = Metadata[Root].from_bytes(self._root).signed
        history = self.kept / "root_history"
        while root.version < version:
            if not (path := history / f"{root.version + 1}.root.json").exists():
                raise RepositoryError("a root of its chain is missing")
            newer = Metadata[Root].from_file(str(path))
            root.verify_delegate(Root.type, newer.signed_bytes, newer.signatures)
            newer.signed.verify_delegate(Root.type, newer.signed_bytes, newer.signatures)
            root = newer.signed
        return root


class _Files(FetcherInterface):
    """Fetches from a folder as from a web server."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(url2pathname(unquote(urlsplit(url).path)))
        if not path.is_file():
            raise DownloadHTTPError("not there", 404)
        return _chunks(path)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _url(address: str) -> str:
    if address.startswith(("https:", "http:")):
        return address.rstrip("/")
    return Path(address).absolute().as_uri()


def _read(content: str) -> Registry:
    try:
        return _read_registry(content)
    except msgspec.DecodeError as error:
        raise Refused(
            f"The index's registry cannot be read: {error}.",
            code="registry_broken",
            remedy="Upgrade the hub, or tell who publishes the index.",
        ) from None


def _explained(work: Callable[[], T]) -> T:
    """python-tuf's errors in our words."""
    try:
        return work()
    except DownloadError as error:
        raise _refusal(error.__cause__ or error) from error
    except (RepositoryError, DeserializationError, KeyError, ValueError) as error:
        raise _refusal(error) from error
    except OSError as error:
        raise _unreachable() from error


def _refusal(error: BaseException) -> WatchfloorError:
    if isinstance(error, ExpiredMetadataError):
        return Refused(
            "The index's signature has expired: it may be an old copy.",
            code="index_expired",
            remedy="Let its publisher sign it anew; check this machine's clock.",
        )
    if isinstance(error, BadVersionNumberError):
        return Refused(
            "The index is older than what this hub has seen of it.",
            code="index_older",
            remedy="Use the newest copy or bundle.",
        )
    if isinstance(error, RepositoryError | DeserializationError | KeyError | ValueError):
        return Refused(
            f"The index does not fit its signature ({str(error)[:200]}).",
            code="index_tampered",
            remedy="Do not install from it. Ask its publisher, and compare the root with theirs.",
        )
    return _unreachable()


def _unreachable() -> RetryLater:
    return RetryLater(
        "The index of connectors cannot be reached.",
        code="index_unreachable",
        remedy="Check registry_index in hub.toml and the network, or install from a bundle.",
    )
