"""Where the registry comes from: a file or a web address."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchfloor_sdk import Context
from watchfloor_sdk.auth import ApiKey
from watchfloor_sdk.exports import Export, fetched, local
from watchfloor_sdk.http import Http

from .settings import Settings

MAX_BYTES = 32 * 1024 * 1024
"""Of a registry: about 50,000 cameras in the widest of the formats."""


@dataclass(frozen=True, slots=True)
class Document:
    """A registry as it was at one time. ``stamp`` changes when it is written."""

    body: bytes
    written: datetime
    stamp: str


async def registry_now(ctx: Context[Settings], before: Document | None) -> Document:
    """The registry now; ``before`` itself where it has not changed.

    Raises ``RetryLater`` (``no_export``, ``html_answer``), ``AskAPerson`` and what ``ctx.http``
    raises.
    """
    stamp = before.stamp if before else None
    export = await _export(ctx, stamp)
    with export.stream:
        if before and export.stamp == stamp:
            return before
        body = await asyncio.to_thread(export.whole, MAX_BYTES)
    return Document(body, export.written or ctx.now(), export.stamp)


async def _export(ctx: Context[Settings], stamp: str | None) -> Export:
    settings = ctx.settings
    if settings.path:
        return await asyncio.to_thread(local, Path(settings.path))
    if settings.desk:
        return await fetched(at_desk(ctx), "/hub/cameras", stamp, MAX_BYTES)
    url = settings.url or ""
    http = ctx.http.vendor(base_url=url)  # its clock is compared with ours
    return await fetched(http, url, stamp, MAX_BYTES)


def at_desk(ctx: Context[Settings]) -> Http:
    """The registration desk, with the token that it knows the hub by."""
    auth = ApiKey(ctx, "token", header="authorization", prefix="Bearer ")
    return ctx.http.vendor(base_url=ctx.settings.desk, auth=auth)
