"""The connector of the folder that the command is called in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.finding import GROUP
from watchfloor_sdk.simulation import Simulator

SIMULATORS = "watchfloor.simulators"


@dataclass(frozen=True, slots=True)
class ConnectorFolder:
    """A connector's id, where its files are, and its simulator, made anew."""

    connector: str
    path: Path
    simulator: Simulator


def here(path: Path | None = None) -> ConnectorFolder:
    """The connector whose ``pyproject.toml`` is in ``path`` (the working directory), installed
    from there.

    Raises ``AskAPerson``: ``no_connector_here``, ``not_installed_here``, ``installed_elsewhere``,
    ``no_simulator`` or ``simulator_broken``.
    """
    path = (path or Path()).resolve()
    connector = _declared(path)
    installed = _installed(GROUP, connector)
    if installed is None:
        raise AskAPerson(
            f"{connector} is not installed in the environment of this command.",
            code="not_installed_here",
            remedy="Install it from this folder: pip install -e '.[dev]'",
        )
    _check_place(installed, path)
    return ConnectorFolder(connector, path, _simulator(connector))


def _declared(path: Path) -> str:
    """The id under which ``pyproject.toml`` declares a connector."""
    try:
        project = tomllib.loads((path / "pyproject.toml").read_text("utf-8"))["project"]
        [connector] = project["entry-points"][GROUP]
        return str(connector)
    except (OSError, ValueError, KeyError, TypeError):
        raise AskAPerson(
            f"{path} is not a connector's folder: no pyproject.toml there declares one.",
            code="no_connector_here",
            remedy="Go to the connector's folder, or begin one: "
            "watchfloor-sdk new my-connector --kind poll",
        ) from None


def _check_place(entry: EntryPoint, path: Path) -> None:
    spec = find_spec(entry.module.partition(".")[0])
    origin = Path(spec.origin).resolve() if spec and spec.origin else None
    if origin is None or not origin.is_relative_to(path):
        raise AskAPerson(
            f"What is installed as {entry.name} is not this folder's code.",
            code="installed_elsewhere",
            remedy="Install it from this folder: pip install -e '.[dev]'",
        )


def _simulator(connector: str) -> Simulator:
    entry = _installed(SIMULATORS, connector)
    if entry is None:
        raise AskAPerson(
            f"{connector} has no simulator.",
            code="no_simulator",
            remedy=f"Name its class in pyproject.toml under the entry points {SIMULATORS}, "
            "and install it again.",
        )
    try:
        made: Any = entry.load()()
    except Exception as error:  # the vendor's code may raise anything
        raise AskAPerson(
            f"The simulator of {connector} cannot be made: {type(error).__name__}: {error}",
            code="simulator_broken",
            remedy="Mend it: it is made without arguments.",
        ) from error
    if not isinstance(made, Simulator):
        raise AskAPerson(
            f"{entry.value} is not a Simulator.",
            code="simulator_broken",
            remedy="Derive it from watchfloor_sdk.simulation.HttpSimulator.",
        )
    return made


def _installed(group: str, name: str) -> EntryPoint | None:
    return next(iter(entry_points(group=group, name=name)), None)
