"""Keeps the asset register: validates what connectors list, and lets the vanished go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from watchfloor import __version__
from watchfloor.contracts import NotFound, micros
from watchfloor.contracts.protocol import AssetsParams
from watchfloor.ingest import Origin, Validators
from watchfloor.ports.store import Batch, DeadLetter, NewDeadLetter, Store
from watchfloor.ports.world import Clock

from .places import Places

GONE_AFTER = 7 * 24 * 3600 * 1_000_000
"""Microseconds after which a stale asset is gone."""


class AssetKeeper:
    """The one way into the asset register."""

    def __init__(
        self, store: Store, clock: Clock, validators: Validators, places: Places | None = None
    ) -> None:
        self.places = places or Places()
        """Where those stand that were listed since the start, and those that it was opened with."""
        self._store = store
        self._clock = clock
        self._validators = validators
        self._refused: dict[str, set[bytes]] = {}
        """What each source's last inventory held that was refused: one letter is enough."""

    async def accept(self, origin: Origin, params: AssetsParams) -> int:
        """Take an inventory; how many assets differ from before. Bad ones become dead letters, and
        while there are any, nothing counts as left out: it may be the one that cannot be read."""
        good, bad = [], []
        for raw in params.assets:
            asset = orjson.loads(bytes(raw))
            reason = self._refusal(origin, asset)
            if reason is None:
                good.append({**asset, "source": origin.source})
            else:
                bad.append(_letter(origin, bytes(raw), reason))
        await self._tell(origin, bad)
        complete = params.complete and not bad
        checkpoint = None if params.checkpoint is None else orjson.dumps(params.checkpoint)
        self.places.learn(good)
        return await self._store.assets.put(origin.source, good, complete, checkpoint)

    async def _tell(self, origin: Origin, bad: Sequence[NewDeadLetter]) -> None:
        told = self._refused.get(origin.source, set())
        news = [letter for letter in bad if letter.raw not in told]
        if news:
            await self._store.log.commit([Batch(origin.source, origin.connector, [], dead=news)])
        self._refused[origin.source] = {letter.raw for letter in bad}

    async def redrive(self, origin: Origin, letter: DeadLetter) -> bool:
        """Try a dead letter of stage ``asset`` again; whether it is accepted. What an inventory has
        brought since, observed later, stays; one that fails keeps its row."""
        asset = orjson.loads(letter.raw)
        reason = self._refusal(origin, asset)
        if reason is not None:
            again = replace(_letter(origin, letter.raw, reason), id=letter.id)
            await self._store.log.commit([Batch(origin.source, origin.connector, [], dead=[again])])
            return False
        if not await self._outdated(origin, asset):
            listed = {**asset, "source": origin.source}
            self.places.learn([listed])
            await self._store.assets.put(origin.source, [listed], complete=False, checkpoint=None)
        dealt_with = Batch(origin.source, origin.connector, [], redriven=[letter.id])
        await self._store.log.commit([dealt_with])
        return True

    async def _outdated(self, origin: Origin, asset: dict[str, Any]) -> bool:
        """Whether the register has it as it was observed later."""
        try:
            known = await self._store.assets.get(origin.source, asset["id"])
        except NotFound:
            return False
        if known.get("observed") is None:
            return False
        return "observed" not in asset or micros(asset["observed"]) < micros(known["observed"])

    async def expire(self) -> int:
        """Let assets go that have been stale for a week; how many."""
        return await self._store.assets.expire(self._clock.now() - GONE_AFTER)

    def _refusal(self, origin: Origin, asset: Any) -> str | None:
        if not self._validators.asset().is_valid(asset):
            return self._validators.explain("asset", asset)
        return None if asset["source"] == origin.uri else f"Its source must be {origin.uri}."


def _letter(origin: Origin, raw: bytes, detail: str) -> NewDeadLetter:
    return NewDeadLetter(
        origin.source, "asset", raw, "invalid_asset", detail, origin.connector, __version__
    )
