"""Where alerts come from: from training sources, as every screen has to say."""

from __future__ import annotations

from collections.abc import Collection

from watchfloor.contracts import NotFound
from watchfloor.ports.store import Alert, RecordedEvent, Store


class Origins:
    """Looks up where the events behind alerts came from."""

    def __init__(self, store: Store) -> None:
        self._log = store.log
        self._instances = store.instances

    async def made_up(self) -> Collection[str]:
        """The sources that are synthetic, as they are configured now."""
        return {each.id for each in await self._instances.all() if each.synthetic}

    async def newest(self, alert: Alert) -> RecordedEvent | None:
        """Its newest event; ``None`` when that is no longer kept."""
        try:
            return await self._log.get(alert.events[-1])
        except NotFound:
            return None
