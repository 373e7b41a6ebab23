"""A connector's own simulator, and a made-up day at its vendor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from typing import Any

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.simulation import Simulator

GROUP = "watchfloor.simulators"
_BEGAN = timedelta(minutes=1)
_STEP = timedelta(milliseconds=10)


def simulator_of(connector: str) -> Simulator:
    """The simulator that is installed for a connector. Raises ``AskAPerson`` (``no_simulator``)."""
    entry = next(iter(entry_points(group=GROUP, name=connector)), None)
    if entry is None:
        raise AskAPerson(
            f"{connector} has no simulator.",
            code="no_simulator",
            remedy=f"Name its class in pyproject.toml under the entry points {GROUP}, and install "
            "it again.",
        )
    made: Simulator = entry.load().rehearsing()
    return made


def rehearsed(simulator: Simulator, count: int) -> Iterator[Any]:
    """``count`` happenings of its rehearsal, within the last minute."""
    began = datetime.now(UTC) - _BEGAN
    return (simulator.rehearse(number, began + number * _STEP) for number in range(count))
