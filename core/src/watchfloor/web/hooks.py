"""Vendor webhooks: check the signature, make the bytes durable, answer, let the worker map them.

The gate hands over many at a time; they are kept together, by one write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from watchfloor.contracts import WatchfloorError
from watchfloor.gate import Knock, Reply
from watchfloor.ingest import verify
from watchfloor.ports.store import NewDelivery

from .hub import Hub

_KEPT_HEADERS = ("content-type", "user-agent")
"""What a mapping may need. Signatures and tokens are not kept."""


async def receive(hub: Hub, knocks: Sequence[Knock]) -> list[Reply]:
    """An answer to each, in no order: 202 when it is on disk, an error otherwise."""
    replies: list[Reply] = []
    genuine: list[Knock] = []
    deliveries: list[NewDelivery] = []
    now = hub.clock.now()
    for knock in knocks:
        try:
            deliveries.append(await _delivery(hub, knock, now))
            genuine.append(knock)
        except WatchfloorError as error:
            replies.append(Reply.refusing(knock.number, error))
    try:
        if deliveries:
            await hub.store.inbox.accept(deliveries)
    except WatchfloorError as error:
        return replies + [Reply.refusing(knock.number, error) for knock in genuine]
    _tell(hub, genuine)
    return replies + [Reply(knock.number, 202) for knock in genuine]


async def _delivery(hub: Hub, knock: Knock, now: int) -> NewDelivery:
    """What is kept of it. Raises when it is not the vendor's."""
    door = await hub.sources.door(knock.source)
    verify(door.recipe, door.secret, knock.headers, knock.body, now)
    id_header = door.recipe.id_header
    return NewDelivery(
        source=knock.source,
        headers=_kept(*(knock.headers.get(name) for name in _KEPT_HEADERS)),
        body=knock.body,
        dedupe=knock.headers.get(id_header.lower()) if id_header else None,
    )


@lru_cache(maxsize=64)
def _kept(*values: str | None) -> str:
    """The headers that are kept, as JSON: a vendor's are the same each time."""
    kept = {name: value for name, value in zip(_KEPT_HEADERS, values, strict=True) if value}
    return msgspec.json.encode(kept).decode()


def _tell(hub: Hub, kept: Iterable[Knock]) -> None:
    for source in {knock.source for knock in kept}:
        hub.sources.arrived(source)
