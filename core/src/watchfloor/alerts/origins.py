"""Which alerts are about training sources: every screen has to say so."""

from __future__ import annotations

from collections.abc import Collection

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Alert, Store


class Origins:
    """Looks up where the events behind alerts came from."""

    def __init__(self, store: Store) -> None:
        self._log = store.log
        self._instances = store.instances

    async def made_up(self) -> Collection[str]:
        """The sources that are synthetic, as they are configured now."""
        return {each.id for each in await self._instances.all() if each.synthetic}

    async def synthetic(self, alert: Alert, made_up: Collection[str]) -> bool | None:
        """Whether its newest event came from one of them; ``None`` when that is no longer kept."""
        try:
            event = await self._log.get(alert.events[-1])
        except NotFound:
            return None
        return event.source in made_up
