"""Finds the connector of a worker: its class through pluggy, its manifest as data beside it.

A package without code is given a class (``declarative``): its ``source.json`` says what to do, or
the one of its ``mappings/`` that the settings name.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any

import msgspec
import pluggy

from watchfloor.contracts import AskAPerson, Manifest

from .connector import Connector, Hooks
from .mapping_files import MAPPINGS

GROUP = "watchfloor.connectors"
MANIFEST = "connector.json"
SOURCE_FILE = "source.json"
"""What makes a package without code a connector, as does a folder of mapping files."""


@dataclass(frozen=True, slots=True)
class Found:
    """A connector class with its manifest."""

    connector: type[Connector[Any]]
    manifest: Manifest


def find(connector_id: str) -> Found:
    """The connector behind the entry point of that name. Raises ``AskAPerson``."""
    connector = _registered(connector_id)
    return Found(connector, manifest_of(_package(connector)))


def _registered(connector_id: str) -> type[Connector[Any]]:
    """The class behind the entry point: a hook's, or one made of a mapping file."""
    for entry in entry_points(group=GROUP, name=connector_id):
        if "." not in entry.module and _holds_mapping(entry.module):
            from .declarative import connector_of  # most workers have code of their own

            return connector_of(entry.module)
    return _hooked(connector_id)


def _holds_mapping(package: str) -> bool:
    try:
        found = files(package)
        return (found / SOURCE_FILE).is_file() or (found / MAPPINGS).is_dir()
    except Exception:  # looking imports it; if that fails, ``_hooked`` says how
        return False


def _hooked(connector_id: str) -> type[Connector[Any]]:
    plugins = pluggy.PluginManager("watchfloor")
    plugins.add_hookspecs(Hooks)
    try:
        count = plugins.load_setuptools_entrypoints(GROUP, name=connector_id)
        plugins.check_pending()
        connector = plugins.hook.watchfloor_connector()
    except Exception as error:
        traceback.print_exc()  # to standard error: the hub shows it
        raise AskAPerson(
            f"The connector {connector_id} cannot be loaded ({type(error).__name__}).",
            code="connector_broken",
            remedy="Reinstall it, or tell its maintainer.",
        ) from error
    if not count or connector is None:
        raise AskAPerson(
            f"There is no connector {connector_id} here.",
            code="connector_missing",
            remedy="Install it, or remove this source.",
        )
    found: type[Connector[Any]] = connector
    return found


def manifest_text(connector: type[Connector[Any]]) -> bytes:
    """The ``connector.json`` of a connector's package. Raises ``OSError``."""
    return (files(_package(connector)) / MANIFEST).read_bytes()


def manifest_of(package: str) -> Manifest:
    """The manifest of a package. Raises ``AskAPerson`` (code ``manifest_broken``)."""
    try:
        return msgspec.json.decode((files(package) / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise AskAPerson(
            f"{MANIFEST} of {package} cannot be read: {error}",
            code="manifest_broken",
        ) from None


def _package(connector: type[Connector[Any]]) -> str:
    return connector.__module__.partition(".")[0]
