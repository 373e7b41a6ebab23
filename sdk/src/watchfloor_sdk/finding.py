"""Finds the connector of a worker: its class through pluggy, its manifest as data beside it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec
import pluggy

from watchfloor.contracts import AskAPerson, Manifest

from .connector import Connector, Hooks

GROUP = "watchfloor.connectors"


@dataclass(frozen=True, slots=True)
class Found:
    """A connector class with its manifest."""

    connector: type[Connector[Any]]
    manifest: Manifest


def find(connector_id: str) -> Found:
    """Import the package behind the entry point of that name. Raises ``AskAPerson``."""
    connector = _registered(connector_id)
    return Found(connector, _manifest(connector))


def _registered(connector_id: str) -> type[Connector[Any]]:
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
    return (files(_package(connector)) / "connector.json").read_bytes()


def _manifest(connector: type[Connector[Any]]) -> Manifest:
    try:
        return msgspec.json.decode(manifest_text(connector), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise AskAPerson(
            f"connector.json of {_package(connector)} cannot be read: {error}",
            code="manifest_broken",
        ) from None


def _package(connector: type[Connector[Any]]) -> str:
    return connector.__module__.partition(".")[0]
