"""A signed index of toy connectors, made without the network: wheels put together by hand, and
those of the libraries from what is installed here."""

from __future__ import annotations

import atexit
import base64
import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zipfile import ZipFile

from hatchling.builders.wheel import WheelBuilder

from watchfloor.adapters.tuf_signing import Keys, Publisher
from watchfloor.adapters.wheelhouse import requirement
from watchfloor.contracts.registry import Revocation
from watchfloor.registry import release_of, with_release, with_revocation

ROOT = Path(__file__).parents[2]

MODULE = """
import tinylib
from datetime import UTC, datetime
from msgspec import Struct
from watchfloor_sdk import Connector, Finding, Page, PlateRead, hookimpl

class Settings(Struct):
    url: str = ""
    total: int = 3

class Toy(Connector[Settings]):
    settings = Settings

    async def poll(self, ctx, checkpoint):
        begin = checkpoint or 0
        {poll}
        for number in range(begin, ctx.settings.total):
            data = PlateRead(plate=f"ZZT{{number}}", reader=tinylib.VERSION)
            event = ctx.event(data, id=f"read-{{number}}", time=datetime.now(UTC))
            yield Page(events=[event], checkpoint=number + 1)

    async def check(self, ctx):
        return [Finding(ok={ok}, what="toy", detail="tinylib " + tinylib.VERSION)]

@hookimpl
def watchfloor_connector():
    return Toy
"""


def manifest(id_: str, version: str, **changes: Any) -> dict[str, Any]:
    """A toy's ``connector.json``."""
    return {
        "id": id_, "name": f"Toy {id_}", "version": version, "vendor": "Nobody (a test)",
        "description": "Counts.", "licence": "Apache-2.0", "owner": "example.org",
        "capabilities": ["poll"], "event_types": ["watchfloor.lpr.read.v1"],
        "handling": "le-sensitive",
        "config_schema": {
            "type": "object", "additionalProperties": False,
            "properties": {"url": {"type": "string"}, "total": {"type": "integer"}},
        },
        "cadence": {"every_s": 0.2, "how": "poll"}, "hosts": ["{url}"],
        "impact": {"data": "None.", "legal_basis": "None needed.", "retention_days": 1},
        "min_hub": "0.1.0", "memory_mb": 256, **changes,
    }  # fmt: skip


def wheel(
    folder: Path, name: str, version: str, files: Mapping[str, str], entry: Mapping[str, str] = {}
) -> Path:
    """A wheel put together by hand (the binary distribution format, PEP 427)."""
    info = f"{name}-{version}.dist-info"
    inside = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry:
        lines = "".join(f"{key} = {value}\n" for key, value in entry.items())
        inside[f"{info}/entry_points.txt"] = f"[watchfloor.connectors]\n{lines}"
    rows = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in inside.items()]
    inside[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for place, text in inside.items():
            archive.writestr(place, text)
    return path


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def toy(
    folder: Path, id_: str, version: str, poll: str = "", ok: bool = True, **changes: Any
) -> Path:
    """A toy connector's wheel. ``poll`` is code put into its polling."""
    package = f"watchfloor_toy_{id_.replace('-', '_')}"
    files = {
        f"{package}/__init__.py": MODULE.format(poll=poll or "pass", ok=ok),
        f"{package}/connector.json": json.dumps(manifest(id_, version, **changes)),
    }
    return wheel(folder, package, version, files, {id_: package})


def tinylib(folder: Path, version: str) -> Path:
    """A library of which connectors pin different versions."""
    return wheel(folder, "tinylib", version, {"tinylib.py": f"VERSION = {version!r}\n"})


@cache
def libraries() -> Sequence[Path]:
    """What every worker needs: the contracts and the SDK as they are here, and two libraries."""
    folder = Path(mkdtemp(prefix="watchfloor-wheels-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for project in ("core", "sdk"):
        next(WheelBuilder(str(ROOT / project)).build(directory=str(folder)))
    for name in ("msgspec", "pluggy"):
        repacked(name, folder)
    return sorted(folder.glob("*.whl"))


def repacked(name: str, folder: Path) -> Path:
    """The wheel that an installed distribution came from, as far as it matters."""
    installed = distribution(name)
    tags = re.findall(r"^Tag: (.*)$", installed.read_text("WHEEL") or "", re.M)
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    fits = "-".join(".".join(sorted(set(part))) for part in parts)
    path = folder / f"{name.replace('-', '_')}-{installed.version}-{fits}.whl"
    with ZipFile(path, "w") as archive:
        for file in installed.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                archive.write(str(file.locate()), str(file))
    return path


class ToyIndex:
    """An index in ``folder``, with keys of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "index"
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        self.keys = folder / "keys"
        self.root = self.folder / "metadata" / "1.root.json"
        self._publisher()

    def settings(self) -> str:
        """What a hub's ``hub.toml`` says of it."""
        return f'registry_index = "{self.folder}"\nregistry_root = "{self.root}"\n'

    def add(self, id_: str, version: str, lib: str = "1.0.0", **changes: Any) -> None:
        """Publish a toy that pins ``tinylib`` to ``lib``."""
        self.publish(toy(self.work, id_, version, **changes), tinylib(self.work, lib))

    def publish(self, connector: Path, *others: Path) -> None:
        """Publish a connector's wheel with what it needs."""
        wheels = [connector, *others, *libraries()]
        pins = [requirement(path) for path in wheels]
        with ZipFile(connector) as archive:
            place = next(name for name in archive.namelist() if name.endswith("/connector.json"))
            release = release_of(archive.read(place), requirements=pins)
        publisher = self._publisher()
        publisher.publish(with_release(publisher.registry(), pins[0].name, release), wheels)

    def revoke(self, id_: str, lowest_good: str | None = None) -> None:
        """Withdraw releases."""
        withdrawn = Revocation(
            connector=id_, reason="It read too much.", since="2026-05-02", lowest_good=lowest_good
        )
        publisher = self._publisher()
        publisher.publish(with_revocation(publisher.registry(), withdrawn), [])

    def target(self, name: str) -> Path:
        """Where the newest file of that name lies in the index."""
        found = self.folder.glob(f"targets/**/*.{name}")
        return max(found, key=lambda path: path.stat().st_mtime_ns)

    def _publisher(self) -> Publisher:
        return Publisher(self.folder, Keys(self.keys))


def flip(path: Path, at: int = -1) -> None:
    """One bit of one byte."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
