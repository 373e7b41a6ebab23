"""``watchfloor-sdk dev``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor_sdk.simulation import Setup

from . import faults
from .changes import Changes
from .feeding import check_fed, fed
from .folder import ConnectorFolder, here
from .local_hub import LocalHub, local_hub
from .output import failing_well, out, plain

LOOK_S = 0.5
"""Between two looks at the files and at the source's state."""


def dev(
    port: Annotated[int, typer.Option(help="Port of the hub.", min=0, max=65535)] = 8080,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Have the simulator go wrong once: 429, html, slow:3 (repeatable)."),
    ] = None,
) -> None:
    """Run the connector of this folder in a hub of its own, and reload it when a file changes."""
    with failing_well():
        folder = here()
        faults.queue(folder.simulator, fault or ())
        asyncio.run(_dev(folder, port))


async def _dev(folder: ConnectorFolder, port: int) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with local_hub(port) as hub, fed(folder.simulator) as (setup, feeding):
        await _configure(hub, folder, setup)
        folder.simulator.push_to((await hub.get("/hub"))["hooks_url"] + folder.connector)
        out.print(f"{folder.connector} is a source of it. Change a file: it is reloaded.")
        out.print("Ctrl-C ends it; nothing is kept.")
        changes, state = Changes(folder.path / "src", folder.path / "simulator"), ""
        while not ended.is_set():
            await asyncio.sleep(LOOK_S)
            hub.check_alive()
            check_fed(feeding)
            await _reload(hub, folder, changes.take())
            state = await _tell_state(hub, folder.connector, state)


async def _configure(hub: LocalHub, folder: ConnectorFolder, setup: Setup) -> None:
    """What agency IT would do by hand: the source, its credentials, then on with it."""
    path = f"/sources/{folder.connector}"
    source = {
        "connector": folder.connector,
        "name": f"{folder.connector} (simulated)",
        "config": {**setup.config},
        "synthetic": True,
    }
    await hub.put(path, {**source, "enabled": False})
    for name, value in setup.credentials.items():
        await hub.put(f"{path}/credentials/{name}", {"value": dict(value)})
    await hub.put(path, {**source, "enabled": True})


async def _reload(hub: LocalHub, folder: ConnectorFolder, changed: Sequence[Path]) -> None:
    if not changed:
        return
    names = ", ".join(plain(path.relative_to(folder.path)) for path in changed)
    if any(_needs_start(folder, path) for path in changed):
        out.print(f"[yellow]{names} changed: end this and start it again.[/]")
    else:
        await hub.post(f"/sources/{folder.connector}/restart")
        out.print(f"{names} changed: reloaded.")


def _needs_start(folder: ConnectorFolder, path: Path) -> bool:
    """The hub has read the manifest, and this process the simulator."""
    return path.name == "connector.json" or path.is_relative_to(folder.path / "simulator")


async def _tell_state(hub: LocalHub, source: str, before: str) -> str:
    """Print the source's state where it is another; answers it."""
    listed: dict[str, Any] = await hub.get("/sources")
    [one] = [item for item in listed["items"] if item["id"] == source]
    words = " ".join(filter(None, (one["state"], one["reason"], one["remedy"])))
    if words != before:
        out.print(f"[bold]{plain(one['state'])}[/] {plain(words.removeprefix(one['state']))}")
    return words
