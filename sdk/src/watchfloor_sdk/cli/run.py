"""``watchfloor-sdk run``."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Annotated

import typer

from watchfloor.contracts import AskAPerson, LookupRequest, WatchfloorError
from watchfloor_sdk.simulation import Simulator
from watchfloor_sdk.testing import HubDouble
from watchfloor_sdk.testing.contract import door, running
from watchfloor_sdk.testing.harness import WORKER, Worker

from . import faults
from .feeding import PACE_S, check_fed, fed
from .folder import ConnectorFolder, here
from .output import Json, err, failing_well
from .screen import Screen

EVERY_S = 1.0
"""Cadence of the connector, in seconds."""
LOOK_S = 0.05
"""Between two looks at what has come."""
PATIENCE_S = 20.0
"""For the next of a ``--count``."""


def run(
    count: Annotated[
        int | None,
        typer.Option(help="End after so many events.", min=1, show_default="until Ctrl-C"),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="Have the simulator go wrong once: 429, html, slow:3 ... May be repeated."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the connector of this folder against its simulator, and show its events."""
    with failing_well(as_json):
        folder = here()
        faults.queue(folder.simulator, fault or ())
        asyncio.run(_run(folder, count, as_json))


async def _run(folder: ConnectorFolder, count: int | None, as_json: bool) -> None:
    hub = HubDouble()
    screen = Screen(hub, folder.simulator, as_json, count)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
    async with fed(folder.simulator) as (setup, feeding), door(hub, folder.simulator):
        hub.credentials.update(setup.credentials)
        config = {**setup.config, "every_s": EVERY_S}
        async with running(folder.connector, config, WORKER, hub) as worker:
            err.print(f"{folder.connector} runs against its simulator. Ctrl-C ends it.")
            asking = asyncio.create_task(_ask(worker, folder.simulator, screen))
            waiting = _Waiting(screen)
            while not ended.is_set() and (count is None or screen.shown < count):
                await asyncio.sleep(LOOK_S)
                screen.refresh()
                if count is not None:
                    waiting.check()
                _check_alive(worker)
                check_fed(feeding)
                check_fed(asking)
            asking.cancel()
            await worker.stop()
    screen.total()


class _Waiting:
    """For what comes next; not for ever."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._shown = 0
        self._since = time.monotonic()

    def check(self) -> None:
        """Raises ``AskAPerson`` (code ``nothing_came``) when nothing new has come for long."""
        now = time.monotonic()
        if self._screen.shown != self._shown:
            self._shown, self._since = self._screen.shown, now
        if now - self._since < PATIENCE_S:
            return
        problem = self._screen.problem
        raise AskAPerson(
            f"Nothing came for {PATIENCE_S:g} s. {problem.detail if problem else ''}".strip(),
            code="nothing_came",
            remedy=(problem.remedy if problem else None)
            or "Compare what the simulator hands out with what the connector asks it for.",
        )


async def _ask(worker: Worker, simulator: Simulator, screen: Screen) -> None:
    """The demo's look-ups and actions, one after the other."""
    for request in simulator.demo_requests():
        await asyncio.sleep(PACE_S)
        try:
            if isinstance(request, LookupRequest):
                screen.answered(request, await worker.ask(request))
            else:
                screen.done(request, await worker.act(request))
        except WatchfloorError as error:
            screen.failed(error)


def _check_alive(worker: Worker) -> None:
    if worker.process is not None and worker.process.returncode is not None:
        raise AskAPerson(
            "The worker has ended; what it said stands above.",
            code="worker_ended",
            remedy="Mend that, and run it again.",
        )
