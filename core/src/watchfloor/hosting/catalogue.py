"""Which connectors are installed: read as data, without importing vendor code.

Those that the registry installed lie on a shelf, each in an environment of its own. Those in the
hub's own environment are there for development: their entry point names a package, whose folder is
found without running it, and nothing of them is verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from watchfloor.contracts import AskAPerson, Manifest, NotFound, Refused, schemas

from .vendor_schema import check_schema, misfit

GROUP = "watchfloor.connectors"
MANIFEST = "connector.json"
LARGEST = 1024 * 1024
"""Bytes of a manifest."""

# Made before threads read manifests; why, says contracts/known.py.
_decode = msgspec.json.Decoder(Manifest).decode


@dataclass(frozen=True, slots=True)
class Installed:
    """A connector that is installed. One whose manifest cannot be used says why. ``verified``:
    the registry installed it."""

    id: str
    package: str
    manifest: Manifest | None = None
    problem: str = ""
    verified: bool = False


class Catalogue:
    """The installed connectors. ``reload`` looks again, after one was installed. ``shelf`` is the
    registry's folder; with ``development`` those beside the hub count, too."""

    def __init__(self, shelf: Path | None = None, *, development: bool = True) -> None:
        self._shelf = shelf
        self._development = development
        self._installed: dict[str, Installed] = {}
        self.reload()

    def reload(self) -> None:
        """Read all manifests. What is on the shelf comes before what is beside the hub."""
        entries = entry_points(group=GROUP) if self._development else ()
        beside = [_look(entry) for entry in entries]
        shelf = self._shelf.glob(f"*/current/{MANIFEST}") if self._shelf else ()
        found = [*beside, *(_look_on_shelf(path) for path in shelf)]
        self._installed = {installed.id: installed for installed in found}

    def is_verified(self, connector: str) -> bool:
        """Whether the registry installed it."""
        installed = self._installed.get(connector)
        return installed is not None and installed.verified

    def all(self) -> Sequence[Installed]:
        """All of them, by id; broken ones too."""
        return sorted(self._installed.values(), key=lambda installed: installed.id)

    def manifest(self, connector: str) -> Manifest:
        """One that can be used. Raises ``NotFound`` or ``AskAPerson`` (``manifest_broken``)."""
        installed = self._installed.get(connector)
        if installed is None:
            raise NotFound(
                f"The connector {connector} is not installed.",
                code="not_installed",
                remedy=f"Install it: watchfloor connector install {connector}",
            )
        if installed.manifest is None:
            raise AskAPerson(
                f"The manifest of {connector} is broken: {installed.problem}",
                code="manifest_broken",
                remedy="Reinstall the connector, or tell its maintainer.",
            )
        return installed.manifest


def check_config(manifest: Manifest, config: Mapping[str, Any]) -> None:
    """Raises ``AskAPerson`` (code ``bad_settings``) with the field and what is wrong with it.

    ``every_s``, the cadence, may be set for any connector, whether its schema names it or not.
    """
    wrong = misfit(_with_cadence(manifest.config_schema), dict(config))
    if wrong:
        where, why = wrong
        raise AskAPerson(
            f"The settings do not fit {manifest.name}: {where or 'it'}: {why[:300]}",
            code="bad_settings",
            remedy="Correct the source's settings.",
        )


def _with_cadence(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    named = {"every_s": {"type": "number", "exclusiveMinimum": 0}, **schema.get("properties", {})}
    return {**schema, "properties": named}


def connector_package(packages: Path, connector: str) -> Path:
    """The folder of a connector's package in an environment's ``packages``. Raises ``Refused``
    (code ``no_entry_point``)."""
    for distribution in distributions(path=[str(packages)]):
        for entry in _entries(distribution):
            if entry.name == connector:
                return packages / _package(entry)
    raise Refused(
        f"There is no connector {connector} in its wheels.",
        code="no_entry_point",
        remedy="Tell who published it: its entry point must bear its id.",
    )


def _entries(distribution: Distribution) -> Iterable[EntryPoint]:
    return distribution.entry_points.select(group=GROUP)


def _package(entry: EntryPoint) -> str:
    return entry.module.partition(".")[0]


def _look_on_shelf(path: Path) -> Installed:
    connector = path.parent.parent.name
    try:
        manifest = read_manifest(path)
        if manifest.id != connector:
            raise ValueError(f"id: it is {manifest.id!r}, it was installed as {connector!r}")
    except (OSError, ValueError) as error:
        return Installed(connector, "", problem=str(error), verified=True)
    return Installed(connector, "", manifest, verified=True)


def _look(entry: EntryPoint) -> Installed:
    package = _package(entry)
    try:
        manifest = read_manifest(_folder(package) / MANIFEST)
        if manifest.id != entry.name:
            raise ValueError(f"id: it is {manifest.id!r}, the entry point says {entry.name!r}")
    except (OSError, ValueError) as error:
        return Installed(entry.name, package, problem=str(error))
    return Installed(entry.name, package, manifest)


def _folder(package: str) -> Path:
    spec = find_spec(package)  # of a top-level package: this imports nothing
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise ValueError(f"the package {package} cannot be found")
    return Path(places[0])


def read_manifest(path: Path) -> Manifest:
    """Raises ``ValueError`` with the failing field, ``OSError`` when there is no file."""
    with path.open("rb") as file:
        text = file.read(LARGEST + 1)
    return parse_manifest(text)


def parse_manifest(text: bytes) -> Manifest:
    """Raises ``ValueError`` with the failing field."""
    if len(text) > LARGEST:
        raise ValueError("it is larger than 1 MiB")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if reasons := schemas.explain("manifest", document):
        raise ValueError("; ".join(reasons))
    manifest = _decode(text)
    _check_sense(manifest)
    return manifest


def _schemas(manifest: Manifest) -> Iterable[tuple[str, Mapping[str, Any]]]:
    yield "config_schema", manifest.config_schema
    for lookup in manifest.lookups:
        yield f"lookups {lookup.name}, filters", lookup.filters
    for action in manifest.actions:
        yield f"actions {action.name}, parameters", action.parameters


def _check_sense(manifest: Manifest) -> None:
    """What the schema cannot say. Raises ``ValueError``."""
    for place, schema in _schemas(manifest):
        try:
            check_schema(schema)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
    if ("webhook" in manifest.capabilities) != bool(manifest.recipes):
        raise ValueError("webhook: the capability and the recipe go together")
    declared = {credential.name for credential in manifest.credentials}
    if not declared.issuperset(recipe.credential for recipe in manifest.recipes):
        raise ValueError("webhook.credential: it is not declared under credentials")
    for problem in filter(None, (recipe.problem for recipe in manifest.recipes)):
        raise ValueError(f"webhook: {problem}")
