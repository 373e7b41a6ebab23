"""What is checked: a connector's folder, the command that starts its worker, its simulator."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from watchfloor.contracts import AskAPerson, Manifest, WatchfloorError
from watchfloor_sdk.network import host_port
from watchfloor_sdk.simulation import Simulator
from watchfloor_sdk.testing.rehearsal import simulator_of

from .rule import Broken, Inapplicable

QUALITY = "quality.json"
_FIELD = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Exemption(Struct, forbid_unknown_fields=True):
    """Why a rule shall not be asked of this connector."""

    exempt: str


class Quality(Struct, forbid_unknown_fields=True):
    """``quality.json`` in the connector's folder. That a rule is kept is never written here: the
    check finds out.

    ``command`` starts a worker that is not in Python, ``simulator`` is a class in a file of the
    folder (``simulator.py:Simulator``), for a connector without entry points. Files in the command
    are those of the folder.
    """

    rules: dict[str, Exemption] = {}
    command: list[str] = []
    simulator: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One connector. ``document`` is its manifest as JSON, ``manifest`` the same as a class where
    it fits. ``command`` is empty for a connector in Python. It gets ``patience_s`` seconds for what
    takes a second on a machine that has nothing else to do."""

    folder: Path
    document: Mapping[str, Any]
    quality: Quality
    command: Sequence[str] = ()
    patience_s: float = 30.0

    @property
    def id(self) -> str:
        """The connector's id."""
        return str(self.document.get("id", ""))

    @property
    def manifest(self) -> Manifest:
        """Raises ``Broken`` where it does not fit the contract."""
        try:
            return msgspec.convert(self.document, Manifest)
        except msgspec.ValidationError as error:
            raise Broken(f"The manifest does not fit: {error}") from None

    def needs(self, *capabilities: str) -> None:
        """Raises ``Inapplicable`` unless the manifest declares one of them."""
        if not set(capabilities) & set(self.manifest.capabilities):
            raise Inapplicable(f"It declares none of: {', '.join(capabilities)}.")

    @property
    def brings(self) -> bool:
        """Whether events come of it; others only answer and do."""
        return bool({"poll", "stream", "webhook"} & set(self.manifest.capabilities))

    def asks(self, config: Mapping[str, Any]) -> bool:
        """Whether it fetches records over the network with these settings."""
        fetches = {"poll", "stream"} & set(self.manifest.capabilities)
        return bool(fetches and self.hosts(config))

    def simulator(self) -> Simulator:
        """A new one, for a rehearsal. Raises ``Broken``."""
        try:
            made = self._from_file() if self.quality.simulator else simulator_of(self.id)
        except WatchfloorError as error:
            raise Broken(error.detail) from None
        if not isinstance(made, Simulator):
            raise Broken("What is named as the simulator is no Simulator.")
        return made

    def hosts(self, config: Mapping[str, Any]) -> list[str]:
        """``host:port`` of what the manifest lets it reach with these settings."""
        entries = [text for entry in self.manifest.hosts for text in _filled(entry, config)]
        return [host_port(entry if "://" in entry else f"https://{entry}") for entry in entries]

    def _from_file(self) -> Any:
        file, _, name = str(self.quality.simulator).partition(":")
        module = f"watchfloor_checked_{self.id.replace('-', '_')}"
        spec = importlib.util.spec_from_file_location(module, self.folder / file)
        if spec is None or spec.loader is None:
            raise Broken(f"{file} is no Python file.")
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[module] = loaded
        spec.loader.exec_module(loaded)
        return getattr(loaded, name).rehearsing()


def open_subject(folder: Path, command: Sequence[str] = ()) -> Subject:
    """Read manifest and ``quality.json``. Raises ``AskAPerson``: ``no_connector_here``,
    ``manifest_broken`` or ``quality_broken``."""
    folder = folder.resolve()
    quality = _quality(folder)
    words = command or quality.command
    found = [str(folder / word) if (folder / word).is_file() else word for word in words]
    return Subject(folder, _manifest(folder), quality, found)


def _manifest(folder: Path) -> dict[str, Any]:
    found = [path for path in (folder / "connector.json", *folder.glob("src/*/connector.json"))
             if path.is_file()]  # fmt: skip
    if len(found) != 1:
        raise AskAPerson(
            f"{folder} holds {len(found)} files called connector.json.",
            code="no_connector_here",
            remedy="Name a connector's folder: connector.json is in it, or in its src/<package>.",
        )
    try:
        document = json.loads(found[0].read_text("utf-8"))
    except ValueError as error:
        document = error
    if not isinstance(document, dict):
        raise AskAPerson(f"{found[0]} is no JSON object.", code="manifest_broken")
    return document


def _quality(folder: Path) -> Quality:
    path = folder / QUALITY
    try:
        quality = msgspec.json.decode(path.read_bytes(), type=Quality)
    except FileNotFoundError:
        return Quality()
    except msgspec.DecodeError as error:
        raise AskAPerson(f"{path}: {error}", code="quality_broken") from None
    return quality


def _filled(entry: str, config: Mapping[str, Any]) -> Iterator[str]:
    """As the hub does: a field that is not set allows nothing, a list allows each of its values."""
    fields = _FIELD.findall(entry)
    if any(config.get(field) in (None, "") for field in fields):
        return
    values = config[fields[0]] if fields else None
    for value in values if isinstance(values, list) else [values]:
        told = {**config, **({fields[0]: value} if fields else {})}
        yield _FIELD.sub(lambda found, told=told: str(told[found[1]]), entry)  # type: ignore[misc]
