"""The publisher's half of ``watchfloor connector``: an index is built and signed, releases are
revoked, bundles are made for hubs without a network. None of it needs a running hub."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import msgspec
import typer

from watchfloor.adapters.bundles import write_bundle
from watchfloor.adapters.tuf_index import TufIndex
from watchfloor.adapters.tuf_signing import Keys, Publisher, default_keys
from watchfloor.adapters.wheelhouse import Wheelhouse, manifest_in, requirement
from watchfloor.contracts import GiveUp
from watchfloor.contracts.registry import Level, Registry, Requirement, Revocation
from watchfloor.hosting import GROUP, MANIFEST, read_manifest
from watchfloor.registry import best, release_named, release_of, with_release, with_revocation

from .output import failing_well, out, plain, progress

Index = Annotated[Path, typer.Option("--index", help="The index's folder; made when not there.")]
KeyFolder = Annotated[
    Path,
    typer.Option(
        "--keys", help="Where the signing keys lie; made when not there.",
        default_factory=default_keys, show_default="watchfloor/registry-keys in the XDG config",
    ),
]  # fmt: skip
Projects = Annotated[list[Path], typer.Argument(help="Folders with a pyproject.toml.")]
CONFORMANCE = "conformance.json"
"""Beside a connector's ``pyproject.toml``: what ``watchfloor-sdk check --write`` found."""


def add_to(app: typer.Typer) -> None:
    """Put the commands beside those for agency IT."""
    for command in (publish, revoke, rotate_root, bundle, catalogue):
        app.command(command.__name__.replace("_", "-"), rich_help_panel="For publishers")(command)


def publish(projects: Projects, index: Index, keys: KeyFolder) -> None:
    """Build wheels of connectors and of all they need, and sign an index of them."""
    with failing_well(), TemporaryDirectory() as temporary:
        publisher, house = Publisher(index, Keys(keys)), Wheelhouse(Path(temporary))
        registry, wheels = publisher.registry(), set[Path]()
        with progress(False) as bar:
            built = [
                (project, house.build(project))
                for project in bar.track(projects, description="building")
            ]
            for project, wheel in bar.track(built, description="gathering what they need"):
                if (manifest := manifest_in(wheel, GROUP)) is None:
                    continue
                needed = house.closure(wheel)
                wheels.update(needed)
                pins = [requirement(each) for each in needed]
                registry = _listed(registry, project, manifest, pins[0].name, pins)
        publisher.publish(registry, sorted(wheels))
        root = publisher.root_path.absolute()
        out.print(f"Signed {len(registry.connectors)} connectors in {plain(index)}.")
        out.print("A hub installs from it with these lines in its hub.toml:")
        out.print(f"registry_index = {json.dumps(str(index.absolute()))}", markup=False)
        out.print(f"registry_root = {json.dumps(str(root))}", markup=False)


def revoke(
    connector: Annotated[str, typer.Argument(help="The connector's id.")],
    index: Index,
    keys: KeyFolder,
    reason: Annotated[str, typer.Option(help="Why, for the people whose source stops.")],
    lowest_good: Annotated[
        str | None, typer.Option(help="The first version that may run.", show_default="none may")
    ] = None,
) -> None:
    """Withdraw releases of a connector: hubs stop them at their next look."""
    with failing_well():
        publisher = Publisher(index, Keys(keys))
        withdrawn = Revocation(
            connector=connector, reason=reason, since=_today(), lowest_good=lowest_good
        )
        publisher.publish(with_revocation(publisher.registry(), withdrawn), [])
        out.print(f"Revoked {plain(connector)}, below {plain(lowest_good or 'any version')}.")


def rotate_root(
    index: Index,
    keys: KeyFolder,
    new_keys: Annotated[
        Path | None,
        typer.Option(help="The new keys' folder; made when not there.", show_default="the same"),
    ] = None,
) -> None:
    """Sign a new root by the old keys and the new ones. Hubs that believe the old root follow."""
    with failing_well():
        publisher = Publisher(index, Keys(keys))
        publisher.rotate(Keys(new_keys or keys))
        out.print(f"Signed {plain(publisher.root_path)}. New hubs are given this one.")
        if new_keys is not None:
            out.print(f"From now on name the new keys: --keys {plain(new_keys)}")


def bundle(
    connector: Annotated[str, typer.Argument(help="The connector's id.")],
    index: Annotated[str, typer.Option(help="The index: a folder or an https:// address.")],
    root: Annotated[Path, typer.Option(help="The public root that it is believed for.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The bundle to write.")],
    version: Annotated[
        str | None, typer.Option(help="Which version.", show_default="the newest that may run")
    ] = None,
) -> None:
    """Write one file that installs a connector on a hub without a network."""
    with failing_well(), TemporaryDirectory() as temporary:
        asyncio.run(
            _bundle(TufIndex(index, _read(root), Path(temporary)), connector, version, output)
        )
        out.print(f"Wrote {plain(output)}. Install it: watchfloor connector install --bundle FILE")


def catalogue(projects: Projects) -> None:
    """Print the registry document of connectors, from their manifests, without building them."""
    with failing_well():
        document = catalogue_of(projects)
        text = json.dumps(msgspec.to_builtins(document), indent=2, ensure_ascii=False)
        sys.stdout.write(text + "\n")


def catalogue_of(projects: Sequence[Path]) -> Registry:
    """The registry document of connectors' folders. Raises ``GiveUp`` for a bad manifest."""
    registry = Registry(version=1, connectors=[])
    for project in sorted(projects):
        for path in (folder / MANIFEST for folder in sorted(project.glob("src/*"))):
            if not path.exists():
                continue
            try:
                manifest = read_manifest(path)
            except ValueError as error:
                raise GiveUp(f"{path}: {error}", code="manifest_broken") from None
            package = f"watchfloor-connector-{manifest.id}"
            registry = _listed(registry, project, path.read_bytes(), package, [])
    return registry


async def _bundle(index: TufIndex, connector: str, version: str | None, output: Path) -> None:
    registry = await index.refresh()
    found = release_named(registry, connector, version) if version else best(registry, connector)
    if found is None:
        raise GiveUp(f"The index has no {connector} {version or ''}.", code="no_such_connector")
    await write_bundle(index, connector, found, output)


def _listed(
    registry: Registry, project: Path, manifest: bytes, package: str, pins: Sequence[Requirement]
) -> Registry:
    level, checked = _conformance(project, json.loads(manifest)["version"])
    return with_release(registry, package, release_of(manifest, level, checked, pins))


def _conformance(project: Path, version: str) -> tuple[Level, str | None]:
    """The level that was computed for this very version, and on which day."""
    path = project / CONFORMANCE
    said = json.loads(path.read_bytes()) if path.exists() else {}
    if said.get("version") != version:
        return "none", None
    return said["level"], said["checked"][:10]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GiveUp(f"{path} cannot be read: {error.strerror}.", code="usage") from None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
