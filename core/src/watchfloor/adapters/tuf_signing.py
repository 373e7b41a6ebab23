"""Signs a static index of connectors, for who publishes one.

Two Ed25519 keys: ``root`` says who may sign, ``online`` signs what is in the index. They are made
at the first use in a folder of the publisher's own, outside of any repository. A signed index
holds public keys only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

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

from .tuf_index import METADATA, TARGETS

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
    """The publisher's keys in ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root, self.online = _key(folder / "root.pem"), _key(folder / "online.pem")


def sign(index: Path, keys: Keys, files: Mapping[str, Path]) -> bytes:
    """Sign an index whose targets are ``files`` (name in the index → where it is now), and put them
    in their places. Answers its root, the public part that a hub is given."""
    metadata = index / METADATA
    metadata.mkdir(parents=True, exist_ok=True)
    root = _root(metadata, keys)
    version = _next_version(metadata)
    targets = Targets(version=version, expires=_in(TARGETS_DAYS))
    for name, path in files.items():
        targets.targets[name] = _placed(index, name, path)
    snapshot = Snapshot(version=version, expires=_in(TARGETS_DAYS))
    snapshot.meta["targets.json"] = MetaFile(version)
    timestamp = Timestamp(
        version=version, expires=_in(TIMESTAMP_DAYS), snapshot_meta=MetaFile(version)
    )
    _write(metadata / f"{version}.targets.json", targets, keys.online)
    _write(metadata / f"{version}.snapshot.json", snapshot, keys.online)
    _write(metadata / "timestamp.json", timestamp, keys.online)
    return root


def _root(metadata: Path, keys: Keys) -> bytes:
    path = metadata / "1.root.json"
    if not path.exists():
        root = Root(version=1, expires=_in(ROOT_DAYS), consistent_snapshot=True)
        root.add_key(keys.root.public_key, Root.type)
        for role in (Targets.type, Snapshot.type, Timestamp.type):
            root.add_key(keys.online.public_key, role)
        _write(path, root, keys.root)
    content = path.read_bytes()
    if keys.online.public_key.keyid not in Metadata[Root].from_bytes(content).signed.keys:
        raise AskAPerson(
            "This index was signed with other keys.",
            code="other_keys",
            remedy="Name the folder of its keys with --keys, or begin another index.",
        )
    return content


def _next_version(metadata: Path) -> int:
    path = metadata / "timestamp.json"
    if not path.exists():
        return 1
    return Metadata[Timestamp].from_file(str(path)).signed.version + 1


def _placed(index: Path, name: str, path: Path) -> TargetFile:
    target = TargetFile.from_file(name, str(path))
    folder, _, base = name.rpartition("/")
    place = index / TARGETS / folder / f"{target.hashes['sha256']}.{base}"
    place.parent.mkdir(parents=True, exist_ok=True)
    if place != path:
        place.write_bytes(path.read_bytes())
    return target


def _write(path: Path, signed: Signed, key: CryptoSigner) -> None:
    metadata = Metadata(signed)
    metadata.sign(key)
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
