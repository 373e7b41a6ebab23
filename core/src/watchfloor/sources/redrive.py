"""Dead letters, tried again: each stage starts again where it failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from watchfloor.assets import AssetKeeper
from watchfloor.ingest import Ingest, Origin
from watchfloor.ports.store import Batch, DeadLetter, DeadStage, NewDelivery, Store

Outcome = Literal["accepted", "queued", "failed", "needs_vendor"]

REMEDIES: dict[DeadStage, str] = {
    "event": "Mend the sender or upgrade the hub, then redrive it.",
    "asset": "Mend the connector or upgrade the hub, then redrive it.",
    "delivery": "Upgrade the connector, then redrive it: its worker maps it again.",
    "record": (
        "It cannot be redriven: a record that a poll brought is mapped again when the vendor sends"
        " it again. Mend the connector or its mapping and restart the source, then drop the letter."
    ),
}
"""What to do about a letter."""


@dataclass(frozen=True, slots=True)
class Redrive:
    """How trying dead letters again ended, one count a letter. ``queued`` ones wait for the
    source's worker; ``needs_vendor`` ones cannot be tried here and stay as they are."""

    accepted: int = 0
    failed: int = 0
    queued: int = 0
    needs_vendor: int = 0


class Redriver:
    """Tries letters again. ``workers`` are the sources that have one; ``nudge`` tells a worker
    that its inbox has something."""

    def __init__(
        self,
        store: Store,
        ingest: Ingest,
        assets: AssetKeeper,
        workers: Callable[[], Collection[str]],
        nudge: Callable[[str], None],
    ) -> None:
        self._store = store
        self._ingest = ingest
        self._assets = assets
        self._workers = workers
        self._nudge = nudge

    async def redrive(self, ids: Sequence[int]) -> Redrive:
        """Try letters again; those that no longer wait are passed over. Raises ``NotFound``
        before anything is tried."""
        letters = [await self._store.dead_letters.get(each) for each in dict.fromkeys(ids)]
        outcomes = Counter[str]()
        for letter in letters:
            if letter.state == "waiting":
                outcomes[await self._again(letter)] += 1
        return Redrive(**outcomes)

    async def _again(self, letter: DeadLetter) -> Outcome:
        origin = Origin(letter.source, letter.source, letter.connector)
        match letter.stage:
            case "record":
                return "needs_vendor"
            case "delivery":
                return await self._map_again(letter)
            case "asset":
                return "accepted" if await self._assets.redrive(origin, letter) else "failed"
            case "event":
                outcome = await self._ingest.redrive(origin, [letter])
                return "accepted" if outcome.accepted else "failed"

    async def _map_again(self, letter: DeadLetter) -> Outcome:
        """A webhook goes back to its inbox; without a worker it would wait there for ever."""
        if letter.source not in self._workers():
            return "failed"
        await self._store.inbox.accept([NewDelivery(letter.source, "{}", letter.raw)])
        redriven = Batch(letter.source, letter.connector, [], redriven=[letter.id])
        await self._store.log.commit([redriven])
        self._nudge(letter.source)
        return "queued"
