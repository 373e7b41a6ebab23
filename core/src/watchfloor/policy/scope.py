"""From a permit to the rows and fields that it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from watchfloor.contracts import BY_NAME, BY_TYPE
from watchfloor.identity import Permission
from watchfloor.ports.store import Kept, Micros, Scope

from .asked import Asked
from .facts import Subject

DAY: Micros = 86_400_000_000
LIVE: Micros = DAY
"""How far back a room sees what goes on without saying what for: a day, as the board does."""

ONE_SUBJECT: frozenset[Subject] = frozenset(
    {"unsaid", "plate", "person", "phone", "vehicle", "face"}
)
MOVEMENTS = frozenset({BY_NAME["read"].type, BY_NAME["hit"].type})
"""Types of event that, of one subject, say where somebody was."""

_ROWS = frozenset({Permission.DATA_SEARCH, Permission.DATA_EXPORT, Permission.DATA_LIVE})
"""What shows rows of the store. What is live names its subject only where it is narrowed to one."""

NOTHING = Scope(only_sources=frozenset())
"""For whoever has business with the hub but none with the data."""


def _no_caps(_: Micros) -> Mapping[str, Micros]:
    return {}


def _none_apart(_: Micros) -> Mapping[tuple[str, str, str | None], Micros]:
    return {}


def _none_held(_case: str, _at: Micros) -> tuple[Kept, ...]:
    return ()


def _no_sources() -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class World:
    """What the hub knows that policy must: how far back each type of event may be shown at a
    moment (the retention's cap), and which sources are invented. ``apart`` is the cap of data that
    has one of its own, by type, source and handling class (``Scope``). ``held`` is what holds keep
    for a case (its number) at a moment."""

    earliest: Callable[[Micros], Mapping[str, Micros]] = _no_caps
    synthetic_sources: Callable[[], frozenset[str]] = _no_sources
    apart: Callable[[Micros], Mapping[tuple[str, str, str | None], Micros]] = _none_apart
    held: Callable[[str, Micros], tuple[Kept, ...]] = _none_held


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the settings say about rows: days back by type of event, days of one subject."""

    lookback_days: Mapping[str, int]
    history_days: int


def scope_of(asked: Asked, bounds: Bounds, world: World, hidden: frozenset[str]) -> Scope:
    """The rows that this question may see at all. ``hidden`` are types that rules leave out."""
    if not asked.reads_data:
        return NOTHING
    agreed = _agreed(asked, bounds)
    caps = world.earliest(asked.at)
    earliest = {**caps, **{k: max(caps.get(k, 0), at) for k, at in agreed.items()}}
    return Scope(
        without_types=hidden,
        without_handling=frozenset() if _may_see_cji(asked) else frozenset({"cji"}),
        only_sources=world.synthetic_sources() if asked.synthetic_only else None,
        earliest=earliest,
        apart={key: max(at, agreed.get(key[0], 0)) for key, at in world.apart(asked.at).items()},
        held=_held(asked, max(earliest.values(), default=0), world),
    )


def live_only(scope: Scope, now: Micros) -> Scope:
    """Of what a scope shows, what is live."""
    since, of_every_kind = now - LIVE, dict.fromkeys(BY_TYPE, 0)
    return replace(
        scope,
        earliest={k: max(at, since) for k, at in {**of_every_kind, **scope.earliest}.items()},
        apart={key: max(at, since) for key, at in scope.apart.items()},
        held=(),
    )


def _held(asked: Asked, shown_from: Micros, world: World) -> tuple[Kept, ...]:
    """What is kept for the case that rows are asked for, where the question says that it reaches
    back to before what is shown."""
    case = asked.purpose.case_number if asked.purpose else None
    since = asked.at - asked.facts.lookback_days * DAY
    if case is None or asked.permission not in _ROWS or since >= shown_from:
        return ()
    return world.held(case, asked.at)


def _may_see_cji(asked: Asked) -> bool:
    """Certified people see it; another agency under a written agreement (CJISSECPOL 5.1.1)."""
    return asked.is_certified("ncic") and (asked.asker.ours or bool(asked.asker.agreement))


def _agreed(asked: Asked, bounds: Bounds) -> dict[str, Micros]:
    """How far back the settings let this question see, by event type, whatever the caps are."""
    agreed = {kind: asked.at - days * DAY for kind, days in bounds.lookback_days.items()}
    if _of_one_subject(asked):
        clamp = asked.at - bounds.history_days * DAY
        agreed |= {kind: max(agreed.get(kind, 0), clamp) for kind in MOVEMENTS}
    return agreed


def _of_one_subject(asked: Asked) -> bool:
    """Whoever says little about a look-back does not get a movement history by it."""
    said = asked.facts.subject
    if asked.history or asked.permission not in _ROWS or said not in ONE_SUBJECT:
        return False
    return said != "unsaid" or asked.permission is not Permission.DATA_LIVE
