"""Vendor webhooks: check the signature, make the bytes durable, answer, let the worker map them.

The gate hands over many at a time; they are kept together, by one write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from watchfloor.contracts import WatchfloorError
from watchfloor.gate import Knock, Reply
from watchfloor.ports.store import NewDelivery
from watchfloor.webhooks import Door

from .hub import Hub

_KEPT_HEADERS = ("content-type", "user-agent")
"""What a mapping may need. Signatures and tokens are not kept."""


async def receive(hub: Hub, knocks: Sequence[Knock]) -> list[Reply]:
    """An answer to each, in no order: 202 when it is on disk, 200 to a handshake, or an error."""
    replies: list[Reply] = []
    genuine: list[Knock] = []
    deliveries: list[NewDelivery] = []
    now = hub.clock.now()
    for knock in knocks:
        try:
            door = await hub.sources.door(knock.source)
            if (echo := door.echo(knock.headers, knock.body)) is not None:
                replies.append(Reply(knock.number, 200, headers=echo))
                continue
            door.check(knock.headers, knock.body, now, query=knock.query)
            body = hub.sources.cleansed(knock.source, knock.body)
            deliveries.append(_delivery(door, knock, body))
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


def _delivery(door: Door, knock: Knock, body: bytes) -> NewDelivery:
    """What is kept of it."""
    return NewDelivery(
        source=knock.source,
        headers=_kept(*(knock.headers.get(name) for name in _KEPT_HEADERS)),
        body=body,
        dedupe=door.delivery_id(knock.headers),
    )


@lru_cache(maxsize=64)
def _kept(*values: str | None) -> str:
    """The headers that are kept, as JSON: a vendor's are the same each time."""
    kept = {name: value for name, value in zip(_KEPT_HEADERS, values, strict=True) if value}
    return msgspec.json.encode(kept).decode()


def _tell(hub: Hub, kept: Iterable[Knock]) -> None:
    for source in {knock.source for knock in kept}:
        hub.sources.arrived(source)
