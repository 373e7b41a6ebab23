"""Where the registry comes from: a file or a web address."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchfloor_sdk import AskAPerson, Context, RetryLater
from watchfloor_sdk.auth import ApiKey
from watchfloor_sdk.http import Answer, Http

from .settings import Settings

MAX_BYTES = 32 * 1024 * 1024
"""Of a registry: about 50,000 cameras in the widest of the formats."""


@dataclass(frozen=True, slots=True)
class Document:
    """A registry as it was at one time."""

    body: bytes
    written: datetime
    etag: str | None = None
    content_type: str = "application/octet-stream"


async def fetched(ctx: Context[Settings], before: Document | None) -> Document:
    """The registry now; ``before`` itself where the server says that it has not changed.

    Raises ``RetryLater`` (``no_registry``, ``html_answer``), ``AskAPerson`` and what ``ctx.http``
    raises.
    """
    if ctx.settings.path:
        return await asyncio.to_thread(_read, Path(ctx.settings.path))
    etag = before.etag if before else None
    headers = {"if-none-match": etag} if etag else None
    answer = await _asked(ctx, headers)
    if answer.status == 304 and before:
        return before
    body, written = answer.document("a registry"), answer.last_modified or ctx.now()
    return Document(body, written, answer.headers.get("etag"), answer.content_type)


async def _asked(ctx: Context[Settings], headers: dict[str, str] | None) -> Answer:
    if ctx.settings.desk:
        return await at_desk(ctx).get("/hub/cameras", headers=headers, max_body=MAX_BYTES)
    url = ctx.settings.url or ""
    http = ctx.http.vendor(base_url=url)  # its clock is compared with ours
    return await http.get(url, headers=headers, max_body=MAX_BYTES)


def at_desk(ctx: Context[Settings]) -> Http:
    """The registration desk, with the token that it knows the hub by."""
    auth = ApiKey(ctx, "token", header="authorization", prefix="Bearer ")
    return ctx.http.vendor(base_url=ctx.settings.desk, auth=auth)


def _read(path: Path) -> Document:
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("rb") as stream:
            body = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise RetryLater(
            f"There is no registry at {path}.",
            code="no_registry",
            remedy="If it stays so: check the path in the settings.",
        ) from None
    except OSError as error:
        raise AskAPerson(
            f"The registry at {path} cannot be read: {error.strerror}.",
            code="registry_unreadable",
            remedy="Name a file that the hub's user may read.",
        ) from None
    if len(body) > MAX_BYTES:
        raise AskAPerson(
            f"The registry at {path} is larger than {MAX_BYTES} bytes.",
            code="registry_too_large",
            remedy="Split it into several sources.",
        )
    return Document(body, written)
