"""Where assets stand, at hand for whoever asks about every event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from watchfloor.contracts import Point
from watchfloor.ports.store import AssetRegister


class Places:
    """The places of assets that have one, by source and id. An asset that is gone keeps its last:
    what it still sends comes from there."""

    def __init__(self) -> None:
        self._points: dict[tuple[str, str], Point] = {}

    async def open(self, register: AssetRegister) -> None:
        """Learn all that there are."""
        self.learn(await register.all())

    def learn(self, assets: Iterable[dict[str, Any]]) -> None:
        """Take note of assets, each with its ``source``."""
        for asset in assets:
            geometry = asset.get("geometry")
            if geometry and geometry["type"] == "Point":
                longitude, latitude = geometry["coordinates"][:2]
                self._points[asset["source"], asset["id"]] = (longitude, latitude)

    def of(self, source: str, id: str) -> Point | None:
        """Where a source's asset stands, where that is known."""
        return self._points.get((source, id))
