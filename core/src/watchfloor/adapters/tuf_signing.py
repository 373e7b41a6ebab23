"""Signs a static index of connectors, for who publishes one.

Two Ed25519 keys: ``root`` says who may sign, ``online`` signs what is in the index. They are made
at the first use in a folder of the publisher's own, outside of any repository. A signed index
holds public keys only.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from watchfloor.contracts import AskAPerson
from watchfloor.contracts.registry import Registry

from .tuf_index import METADATA, REGISTRY, TARGETS, wheel_target

ROOT_DAYS = 5 * 365
TARGETS_DAYS = 365
TIMESTAMP_DAYS = 90
"""How old a copy of the index may be and still be installed from. An air-gapped agency carries its
copy by hand: shorter would stop it, longer would let it miss a revocation."""

Signed = TypeVar("Signed", Root, Targets, Snapshot, Timestamp)


def default_keys() -> Path:
    """Where a developer's keys lie (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "watchfloor" / "registry-keys"


class Keys:
    """The publisher's keys in ``folder``. That of the root may lie elsewhere while it is not
    needed: for the first root, and to rotate."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self.online = _key(folder / "online.pem")

    @cached_property
    def root(self) -> CryptoSigner:
        """Raises ``AskAPerson`` (code ``key_unsafe``), as for the other."""
        return _key(self._folder / "root.pem")


class Publisher:
    """Adds to a static index in ``folder`` and signs it with ``keys``.

    Raises ``AskAPerson`` (code ``other_keys``) for an index that other keys have signed."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder = folder
        self._metadata = folder / METADATA
        self._metadata.mkdir(parents=True, exist_ok=True)
        self._keys = keys
        self.root_path = _newest_root(self._metadata)
        self.root = self._signed_root()
        self._targets = self._signed_targets()

    def registry(self) -> Registry:
        """What was published last; an empty one at first."""
        target = self._targets.targets.get(REGISTRY)
        if target is None:
            return Registry(version=1, connectors=[])
        content = _place(self._folder, REGISTRY, target).read_bytes()
        target.verify_length_and_hashes(content)
        return msgspec.json.decode(content, type=Registry)

    def publish(self, registry: Registry, wheels: Sequence[Path]) -> None:
        """Add wheels, replace the registry, sign all of it anew."""
        self._publish(registry, wheels, [self._keys.online])

    def rotate(self, successor: Keys) -> None:
        """From now on ``successor`` signs: a new root, which the old root key and the new one sign
        (TUF specification, section 6.1). Hubs that believe the old one follow.

        The index is good at every moment of it: what is in it is signed by the old and the new
        online key before the new root stands there. Raises ``AskAPerson`` (code ``other_keys``)
        when ``keys`` has not the old root's key.
        """
        root = Metadata[Root].from_bytes(self.root).signed
        if self._keys.root.public_key.keyid not in root.roles[Root.type].keyids:
            raise _other_keys()
        self._publish(self.registry(), [], [self._keys.online, successor.online])
        following = _root(root.version + 1, successor)
        path = self._metadata / f"{following.version}.root.json"
        _write(path, following, [self._keys.root, successor.root])
        self._keys, self.root_path, self.root = successor, path, path.read_bytes()

    def _publish(
        self, registry: Registry, wheels: Sequence[Path], signers: Sequence[CryptoSigner]
    ) -> None:
        targets, version = self._targets, _version(self._metadata) + 1
        targets.version, targets.expires = version, _in(TARGETS_DAYS)
        for wheel in wheels:
            content = wheel.read_bytes()
            self._put(wheel_target(wheel.name, sha256(content).hexdigest()), content)
        self._put(REGISTRY, msgspec.json.encode(registry))
        snapshot = Snapshot(version=version, expires=_in(TARGETS_DAYS))
        snapshot.meta["targets.json"] = MetaFile(version)
        timestamp = Timestamp(
            version=version, expires=_in(TIMESTAMP_DAYS), snapshot_meta=MetaFile(version)
        )
        _write(self._metadata / f"{version}.targets.json", targets, signers)
        _write(self._metadata / f"{version}.snapshot.json", snapshot, signers)
        _write(self._metadata / "timestamp.json", timestamp, signers)

    def _put(self, name: str, content: bytes) -> None:
        target = self._targets.targets[name] = TargetFile.from_data(name, content, ["sha256"])
        place = _place(self._folder, name, target)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def _signed_root(self) -> bytes:
        if not self.root_path.exists():
            _write(self.root_path, _root(1, self._keys), [self._keys.root])
        content = self.root_path.read_bytes()
        if self._keys.online.public_key.keyid not in Metadata[Root].from_bytes(content).signed.keys:
            raise _other_keys()
        return content

    def _signed_targets(self) -> Targets:
        version = _version(self._metadata)
        if not version:
            return Targets(expires=_in(TARGETS_DAYS))
        path = str(self._metadata / f"{version}.targets.json")
        metadata = Metadata[Targets].from_file(path)
        root = Metadata[Root].from_bytes(self.root).signed
        root.verify_delegate(Targets.type, metadata.signed_bytes, metadata.signatures)
        return metadata.signed


def _newest_root(metadata: Path) -> Path:
    """The root that stands at the end of the chain; the first one's place when there is none."""
    version = 1
    while (metadata / f"{version + 1}.root.json").exists():
        version += 1
    return metadata / f"{version}.root.json"


def _root(version: int, keys: Keys) -> Root:
    root = Root(version=version, expires=_in(ROOT_DAYS), consistent_snapshot=True)
    root.add_key(keys.root.public_key, Root.type)
    for role in (Targets.type, Snapshot.type, Timestamp.type):
        root.add_key(keys.online.public_key, role)
    return root


def _other_keys() -> AskAPerson:
    return AskAPerson(
        "This index was signed with other keys.",
        code="other_keys",
        remedy="Name the folder of its keys with --keys, or begin another index.",
    )


def _version(metadata: Path) -> int:
    """How often it was signed."""
    path = metadata / "timestamp.json"
    return Metadata[Timestamp].from_file(str(path)).signed.version if path.exists() else 0


def _place(index: Path, name: str, target: TargetFile) -> Path:
    """Where a target lies with consistent snapshots (TUF specification, section 6.2)."""
    folder, _, base = name.rpartition("/")
    return index / TARGETS / folder / f"{target.hashes['sha256']}.{base}"


def _write(path: Path, signed: Signed, keys: Sequence[CryptoSigner]) -> None:
    metadata = Metadata(signed)
    for key in keys:
        metadata.sign(key, append=True)
    new = path.with_name(path.name + ".new")
    metadata.to_file(str(new))
    new.replace(path)


def _in(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def _key(path: Path) -> CryptoSigner:
    if not path.exists():
        made = CryptoSigner.generate_ed25519()
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made.private_bytes)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey) or path.stat().st_mode & 0o077:
        raise AskAPerson(
            f"{path.name} is no Ed25519 key that its owner alone can read.",
            code="key_unsafe",
            remedy=f"chmod 600 {path.name}; if it was open to others, make new keys.",
        )
    return CryptoSigner(key)
