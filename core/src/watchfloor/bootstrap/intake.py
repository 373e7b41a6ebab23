"""What takes in what sources send, put together."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from watchfloor.assets import AssetKeeper, Places
from watchfloor.gaps import GapKeeper
from watchfloor.ingest import Ingest, Preparer, Validators
from watchfloor.policy import Engine
from watchfloor.ports.store import Box
from watchfloor.retention import Retention
from watchfloor.settings import HubSettings

from .governance import keeps
from .ground import Ground


@dataclass(frozen=True, slots=True)
class Intake:
    """Events, assets and where data is missing; ``places`` says where readers stand."""

    ingest: Ingest
    assets: AssetKeeper
    gaps: GapKeeper
    places: Places


async def intake(
    on: Ground, engine: Engine, retention: Retention, stack: contextlib.AsyncExitStack
) -> Intake:
    """Keeps what the policy keeps at all, and nothing that is due already."""
    places, validators = Places(), Validators()
    await places.open(on.store.assets)
    preparer = Preparer(validators, _box(on.settings), keeps(engine, places), retention.earliest)
    ingest = Ingest(on.store, on.bus, on.clock, preparer)
    stack.callback(ingest.close)
    assets = AssetKeeper(on.store, on.clock, validators, places)
    return Intake(ingest, assets, GapKeeper(on.store, on.clock), places)


def _box(chosen: HubSettings) -> Box | None:
    return Box(*chosen.bounds) if chosen.bounds else None
