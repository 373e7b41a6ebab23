"""Air-gapped bundles: a static index that holds one release, in one ZIP file.

A bundle has the index's own signed metadata, so a hub without a network verifies it as it verifies
the index: same root, same hashes, same revocations.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import msgspec
from msgspec import Struct
from tuf.api.metadata import Metadata, Root, Snapshot, Targets

from watchfloor.contracts import Refused
from watchfloor.contracts.registry import Release
from watchfloor.ports.registry import Bundle

from .environments import refuse_tricks
from .tuf_index import METADATA, REGISTRY, TARGETS, TufIndex, wheel_target

LABEL = "bundle.json"

_BROKEN = (BadZipFile, OSError, EOFError, RuntimeError, zlib.error, LZMAError, msgspec.DecodeError)
"""How an archive that is damaged, encrypted or packed in some other way makes itself known."""


class Label(Struct, forbid_unknown_fields=True):
    """What a bundle is for. Not signed: what it says is looked up in what is."""

    connector: str
    version: str


# Made before threads use it; why, says contracts/known.py.
_read_label = msgspec.json.Decoder(Label).decode


class ZipBundles:
    """The ``Bundles`` port. ``root`` and ``kept`` are the hub's own: a bundle moves the hub's last
    signed copy on, and one older than that is refused."""

    def __init__(self, root: bytes, kept: Path) -> None:
        self._root = root
        self._kept = kept

    async def open(self, content: bytes, folder: Path) -> Bundle:
        """Unpack into ``folder``, which is empty."""
        label = await asyncio.to_thread(_unpack, content, folder)
        index = TufIndex(str(folder), self._root, self._kept)
        return Bundle(index, label.connector, label.version)


async def write_bundle(index: TufIndex, connector: str, release: Release, file: Path) -> None:
    """Write one release of an index, verified, as a bundle. Raises as the index does."""
    with TemporaryDirectory() as temporary:
        wheels = Path(temporary)
        await index.refresh()
        await index.fetch(release, wheels)
        label = Label(connector, release.version)
        await asyncio.to_thread(_pack, index, label, wheels, file)


def _pack(index: TufIndex, label: Label, wheels: Path, file: Path) -> None:
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(LABEL, msgspec.json.encode(label))
        for name, content in _metadata(index.kept):
            archive.writestr(f"{METADATA}/{name}", content)
        targets = Metadata[Targets].from_file(str(index.kept / "targets.json")).signed.targets
        for name, content in [(REGISTRY, index.registry_bytes()), *_read(wheels)]:
            folder, _, base = name.rpartition("/")
            digest = targets[name].hashes["sha256"]
            place = "/".join(filter(None, (TARGETS, folder, f"{digest}.{base}")))
            archive.writestr(place, content)


def _read(wheels: Path) -> Iterator[tuple[str, bytes]]:
    for wheel in sorted(wheels.glob("*.whl")):
        content = wheel.read_bytes()
        yield wheel_target(wheel.name, sha256(content).hexdigest()), content


def _metadata(kept: Path) -> Iterator[tuple[str, bytes]]:
    """The verified metadata under the names that a client asks for (TUF specification, 6.2)."""
    for root in (kept / "root_history").glob("*.root.json"):
        yield f"{Metadata[Root].from_file(str(root)).signed.version}.root.json", root.read_bytes()
    yield "timestamp.json", (kept / "timestamp.json").read_bytes()
    snapshot = Metadata[Snapshot].from_file(str(kept / "snapshot.json")).signed
    yield f"{snapshot.version}.snapshot.json", (kept / "snapshot.json").read_bytes()
    targets = Metadata[Targets].from_file(str(kept / "targets.json")).signed
    yield f"{targets.version}.targets.json", (kept / "targets.json").read_bytes()


def _unpack(content: bytes, folder: Path) -> Label:
    file = folder / "bundle.zip"
    file.write_bytes(content)
    refuse_tricks([file])
    try:
        with ZipFile(BytesIO(content)) as archive:
            archive.extractall(folder)
        return _read_label((folder / LABEL).read_bytes())
    except _BROKEN as error:
        raise Refused(
            f"This is no bundle ({type(error).__name__}).",
            code="bad_archive",
            remedy="Make one with: watchfloor connector bundle",
        ) from None
    finally:
        file.unlink()
