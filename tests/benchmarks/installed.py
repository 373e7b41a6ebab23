"""Connectors as agencies have them: from a signed index, each in an environment of its own,
approved and confined. The index is made of what lies here, without a network."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from hatchling.builders.wheel import WheelBuilder
from hub_process import HubProcess, hub_process
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from toy_index import ROOT, ToyIndex, repacked

CONNECTORS = sorted(path.parent.name for path in ROOT.glob("connectors/*/pyproject.toml"))
DEADLINE_S = 120.0


def index_of(folder: Path, connectors: Iterable[str]) -> ToyIndex:
    """A signed index of these connectors with all that they need."""
    index = ToyIndex(folder)
    library = cache(partial(repacked, folder=index.work))
    for connector in connectors:
        builder = WheelBuilder(str(ROOT / "connectors" / connector))
        wheel = Path(next(builder.build(directory=str(index.work), versions=["standard"])))
        index.publish(wheel, *map(library, needed(f"watchfloor-connector-{connector}")))
    return index


def needed(project: str) -> list[str]:
    """The foreign distributions that one needs, of those that are installed here; without those
    that the index has for every worker."""
    found, waiting = set[str](), [Requirement(project)]
    while waiting:
        each = waiting.pop()
        if str(each) not in found:
            found.add(str(each))
            waiting += _asked_by(each)
    names = {canonicalize_name(Requirement(text).name) for text in found}
    return sorted(name for name in names - {"msgspec", "pluggy"} if "watchfloor" not in name)


def _asked_by(asking: Requirement) -> Iterator[Requirement]:
    """What it asks for on this machine with these extras (PEP 508)."""
    for text in distribution(asking.name).requires or ():
        asked = Requirement(text)
        extras = asking.extras | {""}
        if asked.marker is None or any(asked.marker.evaluate({"extra": each}) for each in extras):
            asked.marker, asked.specifier = None, type(asked.specifier)()
            yield asked


@contextmanager
def agency_hub(folder: Path, index: ToyIndex) -> Iterator[HubProcess]:
    """A hub that runs only what is installed from the index."""
    data_dir = folder / "hub"
    data_dir.mkdir()
    (data_dir / "hub.toml").write_text(index.settings())
    with hub_process(data_dir, development=False) as hub:
        yield hub


def install(hub: HubProcess, connector: str) -> None:
    """Fetched, verified, in its environment."""
    job = hub.client.send("POST", f"/connectors/{connector}/install", {})
    deadline = time.monotonic() + DEADLINE_S
    while job["state"] == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
        job = hub.client.get(f"/jobs/{job['id']}")
    if job["state"] != "done":
        raise RuntimeError(f"{connector} was not installed: {job['error'] or job['step']}")


def enable(hub: HubProcess, source: str, setup: Mapping[str, Any], **config: Any) -> None:
    """As agency IT does it: settings, credentials, the impact statement as the connector drafts
    it, and on."""
    send = hub.client.send
    settings = {**setup["config"], **config}
    body = {"connector": setup["connector"], "name": source, "config": settings, "enabled": False}
    send("PUT", f"/sources/{source}", body)
    for name, value in setup["credentials"].items():
        send("PUT", f"/sources/{source}/credentials/{name}", {"value": value})
    impact = hub.client.get(f"/sources/{source}/impact")
    statement = {**impact["draft"], "version": impact["version"]}
    send("PUT", f"/sources/{source}/impact", statement)
    send("POST", f"/sources/{source}/enable", {})
