"""A vendor's plate readers beside a test whose own thread the browser has."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

from watchfloor_lpr_rest_simulator import LprRestSimulator
from watchfloor_sdk.simulation import Setup


class Vendor:
    """A plate reader's system in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.simulator = LprRestSimulator.rehearsing()
        self.setup: Setup = self._do(self.simulator.start())
        self._passed = 0

    def feed(self, many: int = 5) -> None:
        """Plates pass."""
        for _ in range(many):
            plate = self.simulator.rehearse(self._passed, datetime.now(UTC))
            self._loop.call_soon_threadsafe(self.simulator.feed, plate)
            self._passed += 1

    @property
    def token(self) -> str:
        """What it takes now."""
        return self.simulator.setup("").credentials["token"]["token"]

    def stop(self) -> None:
        self._do(self.simulator.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)
