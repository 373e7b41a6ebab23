"""What is installed: a folder a connector, in it one a version, and which version is in use.

``<id>/<version>/`` holds the environment (``env``), the manifest and ``installed.json``: what was
installed, with a hash of every file, sealed with the hub's key. It is written last; without it a
version is not there. ``<id>/current`` and ``<id>/previous`` are links to versions.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import shutil
import time
from collections import defaultdict
from pathlib import Path

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson, Manifest, NotFound, Refused
from watchfloor.contracts.registry import Release
from watchfloor.hosting import MANIFEST, connector_package, parse_manifest
from watchfloor.ports.registry import Environments, Index, Step

from .installed_files import TICK_NS, contents, traces

RECORD = "installed.json"
CURRENT, PREVIOUS = "current", "previous"
ENV = "env"


class Record(Struct):
    """What was installed: which release, by whom, when (microseconds), and every file's hash."""

    connector: str
    release: Release
    by: str
    at: int
    files: dict[str, str]


class Sealed(Struct):
    """A record and its seal."""

    record: msgspec.Raw
    seal: str


# Made here and not at their first use, which is in several threads at once when a hub starts; why,
# says contracts/known.py.
_read_sealed = msgspec.json.Decoder(Sealed).decode
_read_record = msgspec.json.Decoder(Record).decode


class Installations:
    """The connectors in ``folder``. ``key`` seals the records."""

    def __init__(self, folder: Path, environments: Environments, key: bytes) -> None:
        self._folder = folder
        self._environments = environments
        self._key = key
        self._intact: dict[Path, str] = {}  # the traces of versions that were found as installed
        self._comparing: defaultdict[Path, asyncio.Lock] = defaultdict(asyncio.Lock)

    def connectors(self) -> list[str]:
        """Which are installed, sorted."""
        return sorted(path.parent.name for path in self._folder.glob(f"*/{CURRENT}"))

    def current(self, connector: str) -> str | None:
        """The version in use."""
        return self._linked(connector, CURRENT)

    def previous(self, connector: str) -> str | None:
        """The version that was in use before, while it is still there."""
        version = self._linked(connector, PREVIOUS)
        return version if version and self.has(connector, version) else None

    def has(self, connector: str, version: str) -> bool:
        """Whether a version is there, in use or not."""
        return (self._at(connector, version) / RECORD).exists()

    def manifest(self, connector: str, version: str) -> Manifest:
        """A version's manifest. Raises ``NotFound``, ``AskAPerson`` (``manifest_broken``)."""
        if not self.has(connector, version):
            raise _not_installed(connector, version)
        return _usable((self._at(connector, version) / MANIFEST).read_bytes(), connector)

    async def add(
        self, index: Index, connector: str, release: Release, by: str, at: int, step: Step
    ) -> None:
        """Put a release beside what is there. It is not in use yet. Raises ``AskAPerson``
        (``manifest_broken``) before anything is fetched."""
        _usable(msgspec.json.encode(release.manifest), connector)
        place = self._at(connector, release.version)
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        wheels = place / "wheels"
        await asyncio.to_thread(wheels.mkdir, parents=True, mode=0o700)
        try:
            step(0.1, "fetching and verifying")
            await index.fetch(release, wheels)
            step(0.3, "making its environment")
            await self._environments.make(place / ENV, wheels, release)
            step(0.8, "recording its files")
            await asyncio.to_thread(self._record, place, connector, release, by, at)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
            raise

    async def verified(self, connector: str, version: str) -> Path:
        """The interpreter of a version whose every file is as it was installed.

        Files are read again only where the system notes that one was touched since; when many
        sources of a connector start at once, they are read for the first.
        Raises ``Refused`` (code ``tampered``) with what differs, ``NotFound``.
        """
        place = self._at(connector, version)
        async with self._comparing[place]:
            await asyncio.to_thread(self._verify, place, connector, version)
        return self._environments.python(place / ENV)

    async def record(self, connector: str, version: str) -> Record:
        """What was installed. Raises ``NotFound``; ``Refused`` (code ``tampered``)."""
        return await asyncio.to_thread(self._unsealed, self._at(connector, version))

    def use(self, connector: str, version: str) -> None:
        """Put a version into use; the one before stays to go back to."""
        before = self.current(connector)
        if before is not None and before != version:
            self._link(connector, PREVIOUS, before)
        self._link(connector, CURRENT, version)

    async def remove(self, connector: str) -> None:
        """Take all versions away."""
        await asyncio.to_thread(shutil.rmtree, self._folder / connector, ignore_errors=True)

    async def tidy(self, connector: str) -> None:
        """Take versions away that are neither in use nor to go back to."""
        kept = {self.current(connector), self.previous(connector), CURRENT, PREVIOUS}
        for path in list((self._folder / connector).iterdir()):
            if path.name not in kept:
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    def _at(self, connector: str, version: str) -> Path:
        return self._folder / connector / version

    def _linked(self, connector: str, name: str) -> str | None:
        link = self._folder / connector / name
        return link.readlink().name if link.is_symlink() else None

    def _link(self, connector: str, name: str, version: str) -> None:
        new = self._folder / connector / f"{name}.new"
        new.unlink(missing_ok=True)
        new.symlink_to(version)
        new.replace(self._folder / connector / name)

    def _record(self, place: Path, connector: str, release: Release, by: str, at: int) -> None:
        """Compare the manifest with the signed one, write down every file, seal it."""
        packages = self._environments.packages(place / ENV)
        manifest = (connector_package(packages, connector) / MANIFEST).read_bytes()
        if hashlib.sha256(manifest).hexdigest() != release.manifest_sha256:
            raise Refused(
                f"The manifest in {connector} {release.version} is not the one in the index.",
                code="manifest_differs",
                remedy="Do not use it; tell who publishes the index.",
            )
        shutil.rmtree(place / "wheels")
        (place / MANIFEST).write_bytes(manifest)
        _usable(manifest, connector)
        record = Record(connector, release, by, at, _contents(place))
        body = msgspec.Raw(msgspec.json.encode(record))
        (place / RECORD).write_bytes(msgspec.json.encode(Sealed(body, self._seal(bytes(body)))))

    def _verify(self, place: Path, connector: str, version: str) -> None:
        if not self.has(connector, version):
            raise _not_installed(connector, version)
        try:
            began = time.time_ns()
            found, last_change = traces(place)
            if found == self._intact.get(place):
                return
            self._compare(place, connector, version)
        except OSError as error:
            file = Path(error.filename or place).name
            raise _tampered(connector, f"{file} cannot be read ({error.strerror})") from None
        if last_change < began - TICK_NS:
            self._intact[place] = found

    def _compare(self, place: Path, connector: str, version: str) -> None:
        record = self._unsealed(place)
        if (record.connector, record.release.version) != (connector, version):
            raise _tampered(connector, f"{RECORD} differs")
        found = _contents(place)
        if found != record.files:
            differing = set(found.items()) ^ set(record.files.items())
            raise _tampered(connector, f"{min(differing)[0]} differs")

    def _unsealed(self, place: Path) -> Record:
        connector = place.parent.name
        try:
            sealed = _read_sealed((place / RECORD).read_bytes())
        except FileNotFoundError:
            raise _not_installed(connector, place.name) from None
        except msgspec.DecodeError:
            raise _tampered(connector, f"{RECORD} differs") from None
        if not hmac.compare_digest(sealed.seal, self._seal(bytes(sealed.record))):
            raise _tampered(connector, f"{RECORD} differs")
        return _read_record(sealed.record)

    def _seal(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()


def _usable(text: bytes, connector: str) -> Manifest:
    try:
        return parse_manifest(text)
    except ValueError as error:
        raise AskAPerson(
            f"The manifest of {connector} is broken: {error}", code="manifest_broken"
        ) from None


def _contents(place: Path) -> dict[str, str]:
    """Of every file of a version but the record itself."""
    return {path: what for path, what in contents(place) if path != RECORD}


def _not_installed(connector: str, version: str) -> NotFound:
    return NotFound(f"{connector} {version} is not installed.", code="not_installed")


def _tampered(connector: str, what: str) -> Refused:
    return Refused(
        f"{connector} is not as it was installed: {what}.",
        code="tampered",
        remedy="Find out who changed it; then install the connector again.",
    )
