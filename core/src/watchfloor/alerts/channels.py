"""Where alerts go outside: signed webhooks, each with a secret of its own, and sources whose
connector delivers alerts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from watchfloor.contracts import NotFound, Refused
from watchfloor.ports.store import EVERYTHING, Channel, Outgoing, Scope, Store
from watchfloor.ports.world import Secrets

from .desk import Desk
from .rules import SEVERITIES
from .signing import SECRET, keyring_name, new_secret

_ID = re.compile(r"[a-z][a-z0-9-]{1,63}")


class Channels:
    """Channels of one hub."""

    def __init__(self, store: Store, secrets: Secrets, desk: Desk) -> None:
        self._book = store.alerts
        self._ledger = store.ledger
        self._secrets = secrets
        self._desk = desk

    async def all(self) -> Sequence[Channel]:
        """Every channel."""
        return await self._book.channels()

    async def put(self, channel: Channel) -> str | None:
        """Add or change a channel. For a new webhook, answers its signing secret (``whsec_…``) for
        the receiver: it is shown this once."""
        _check(channel)
        known = {each.id for each in await self._book.channels() if each.source is None}
        secret = None
        if channel.source is None and channel.id not in known:
            secret = new_secret()
            await self._secrets.put(keyring_name(channel.id), SECRET, {"secret": secret})
        await self._book.put_channel(channel)
        await self._desk.use_channels()
        return secret

    async def remove(self, id: str) -> None:
        """Remove a channel and its secret. Raises ``NotFound``."""
        if id not in {channel.id for channel in await self._book.channels()}:
            raise NotFound(f"There is no channel {id!r}.", code="no_such_channel")
        await self._book.remove_channel(id)
        await self._secrets.remove(keyring_name(id), SECRET)
        await self._desk.use_channels()

    async def deliveries(
        self, alert: int | None = None, limit: int = 100, scope: Scope = EVERYTHING
    ) -> Sequence[Outgoing]:
        """How deliveries of what ``scope`` opens fare, newest first; of one alert or of all."""
        return await self._book.deliveries(alert, limit, scope)

    async def deliver_again(self, delivery: int, by: str, scope: Scope = EVERYTHING) -> Outgoing:
        """Try one that was given up once more. Raises ``NotFound``, also for one of an alert that
        ``scope`` does not open, and ``Refused``."""
        await self._book.delivery(delivery, scope)
        outgoing = await self._desk.again(delivery)
        what = {"delivery": delivery, "alert": outgoing.alert, "channel": outgoing.channel}
        await self._ledger.note("delivered_again", by, what)
        return outgoing


def _check(channel: Channel) -> None:
    if not _ID.fullmatch(channel.id):
        raise Refused("A channel's id has small letters, digits, hyphens.", code="bad_channel_id")
    if channel.source is not None and channel.url:
        raise Refused(
            "A channel has an address or a source, not both.",
            code="bad_channel_url",
            remedy="Leave the address out: the source knows where its messages go.",
        )
    if channel.source is None and not _is_plain(channel.url):
        raise Refused(
            "The address is not a plain https URL.",
            code="bad_channel_url",
            remedy="Give a URL such as https://receiver.example.org/hook, without a password.",
        )
    if channel.min_severity not in SEVERITIES:
        raise Refused(f"Severity is one of {', '.join(SEVERITIES)}.", code="bad_severity")


def _is_plain(url: str) -> bool:
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False
    return known and parts.scheme in ("http", "https") and "@" not in parts.netloc
