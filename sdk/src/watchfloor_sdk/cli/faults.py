"""Faults by the words that they are asked for with: ``429``, ``html``, ``slow:3``."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from watchfloor.contracts import AskAPerson
from watchfloor_sdk.simulation import Fault, HttpSimulator, Simulator


def queue(simulator: Simulator, words: Iterable[str]) -> None:
    """Have the simulator play them, one after the other, on its next requests.

    Raises ``AskAPerson`` (``unknown_fault``, ``no_faults``).
    """
    faults = [fault_of(word) for word in words]
    if faults and not isinstance(simulator, HttpSimulator):
        raise AskAPerson(
            "This simulator plays no faults.",
            code="no_faults",
            remedy="Faults come with simulators that are derived from HttpSimulator.",
        )
    if isinstance(simulator, HttpSimulator):
        simulator.faults.queue(faults)


def fault_of(word: str) -> Fault:
    """A status, or the name of one of ``Fault``'s makers, with a number where it takes one."""
    name, _, number = word.partition(":")
    try:
        if name.isdecimal() and 300 <= int(name) < 600:
            return Fault.status(int(name), retry_after=int(number) if number else None)
        arguments = [float(number)] if number else []
        return _makers()[name](*arguments)  # type: ignore[no-any-return]
    except (KeyError, ValueError, TypeError):
        raise AskAPerson(
            f"There is no fault {word!r}.",
            code="unknown_fault",
            remedy=f"Take a status (429, or 429:5 with Retry-After) or one of: {_known()}.",
        ) from None


def _makers() -> dict[str, Any]:
    return {
        name.replace("_", "-"): getattr(Fault, name)
        for name, made in vars(Fault).items()
        if isinstance(made, classmethod) and name != "status"
    }


def _known() -> str:
    return ", ".join(
        name + (":<seconds>" if "seconds" in signature.parameters else "")
        for name, make in sorted(_makers().items())
        if set((signature := inspect.signature(make)).parameters) <= {"seconds"}
    )
