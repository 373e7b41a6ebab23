"""Which connectors are installed: read from entry points and ``connector.json``, as data.

No vendor code is imported for it: the entry point names a package, and the package's folder is
found without running it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator, SchemaError
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from watchfloor.contracts import AskAPerson, Manifest, NotFound, schemas

GROUP = "watchfloor.connectors"
_NOTHING_REMOTE: Registry[Any] = Registry()


@dataclass(frozen=True, slots=True)
class Installed:
    """A connector that is installed. One whose manifest cannot be used says why."""

    id: str
    package: str
    manifest: Manifest | None = None
    problem: str = ""


class Catalogue:
    """The installed connectors. ``reload`` looks again, after one was installed."""

    def __init__(self) -> None:
        self._installed: dict[str, Installed] = {}
        self.reload()

    def reload(self) -> None:
        """Read all manifests."""
        found = (_look(entry) for entry in entry_points(group=GROUP))
        self._installed = {installed.id: installed for installed in found}

    def all(self) -> Sequence[Installed]:
        """All of them, by id; broken ones too."""
        return sorted(self._installed.values(), key=lambda installed: installed.id)

    def manifest(self, connector: str) -> Manifest:
        """One that can be used. Raises ``NotFound`` or ``AskAPerson`` (``manifest_broken``)."""
        installed = self._installed.get(connector)
        if installed is None:
            raise NotFound(f"The connector {connector} is not installed.", code="not_installed")
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
    reason = _first_error(_with_cadence(manifest.config_schema), dict(config))
    if reason:
        raise AskAPerson(
            f"The settings do not fit {manifest.name}: {reason}",
            code="bad_settings",
            remedy="Correct the source's settings.",
        )


def _with_cadence(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    named = {"every_s": {"type": "number", "exclusiveMinimum": 0}, **schema.get("properties", {})}
    return {**schema, "properties": named}


def _look(entry: EntryPoint) -> Installed:
    package = entry.module.partition(".")[0]
    try:
        manifest = read_manifest(_folder(package) / "connector.json")
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
    text = path.read_bytes()
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if reasons := schemas.explain("manifest", document):
        raise ValueError("; ".join(reasons))
    manifest = msgspec.json.decode(text, type=Manifest)
    _check_sense(manifest)
    return manifest


def _check_sense(manifest: Manifest) -> None:
    """What the schema cannot say. Raises ``ValueError``."""
    try:
        Draft202012Validator.check_schema(manifest.config_schema)
    except SchemaError as error:
        raise ValueError(f"config_schema{error.json_path[1:]}: {error.message}") from None
    if ("webhook" in manifest.capabilities) != bool(manifest.recipes):
        raise ValueError("webhook: the capability and the recipe go together")
    declared = {credential.name for credential in manifest.credentials}
    if not declared.issuperset(recipe.credential for recipe in manifest.recipes):
        raise ValueError("webhook.credential: it is not declared under credentials")


def _first_error(schema: Mapping[str, Any], document: Any) -> str:
    validator = Draft202012Validator(schema, registry=_NOTHING_REMOTE)
    try:
        error = best_match(validator.iter_errors(document))
    except Unresolvable as missing:
        return f"its schema refers to {missing.ref}, which is not part of it"
    if error is None:
        return ""
    return f"{error.json_path.removeprefix('$').removeprefix('.') or 'it'}: {error.message[:300]}"
