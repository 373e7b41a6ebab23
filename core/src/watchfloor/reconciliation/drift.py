"""How a vendor is set to share, against what two people approved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from watchfloor.contracts import SharingSetting
from watchfloor.ports.store import Micros, SharingState

OFF = frozenset({"off", "no"})
"""What takes nobody's approval: the strict default."""


def looked_at(
    source: str, known: Sequence[SharingState], settings: Iterable[SharingSetting], now: Micros
) -> list[SharingState]:
    """Every setting of a source as it is now. ``since`` is when its value was first found."""
    before = {state.name: state for state in known}
    found = {setting.name: setting for setting in settings}
    states = [_seen(source, before.get(name), found[name], now) for name in found]
    gone = [state for name, state in before.items() if name not in found]
    return states + [
        replace(state, found=None, looked=now, since=state.since if state.found is None else now)
        for state in gone
    ]


def drifted(states: Iterable[SharingState]) -> list[SharingState]:
    """Those that are open at the vendor, and not as two people approved them."""
    return [
        state
        for state in states
        if state.found is not None and state.found not in OFF and state.found != state.approved
    ]


def _seen(
    source: str, before: SharingState | None, setting: SharingSetting, now: Micros
) -> SharingState:
    if before is None:
        return SharingState(
            id=f"{source}/{setting.name}", source=source, name=setting.name, title=setting.title,
            found=setting.value, since=now, looked=now,
        )  # fmt: skip
    since = before.since if before.found == setting.value else now
    return replace(before, title=setting.title, found=setting.value, since=since, looked=now)
