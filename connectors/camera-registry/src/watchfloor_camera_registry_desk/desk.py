"""The desk, put together; and its service."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .book import Book
from .footage import Footage
from .mailbag import Mailbag
from .post import Post, carrier
from .registry import HOUR_S, Registry
from .settings import Settings
from .wording import Wording

PAUSE_S = 1.0
"""Between two looks into the mailbag."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of one desk."""

    settings: Settings
    wording: Wording
    registry: Registry
    footage: Footage
    post: Post

    def answers_at(self, url: str) -> None:
        """Where it can be reached. Links in letters lead there, unless the settings know better."""
        if self.settings.public_url is None:
            self.wording.links_at(url)

    def tidy(self) -> None:
        """Forget what is to be forgotten by now. Blocking."""
        self.registry.tidy()
        self.footage.tidy()


@asynccontextmanager
async def opened(
    folder: Path,
    settings: Settings,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Desk]:
    """A desk whose post goes out and which tidies up for as long as it is open."""
    book = Book(folder / "registry.sqlite3", clock)
    desk = put_together(book, settings, folder / "letters")
    working = asyncio.create_task(_work(desk))
    try:
        yield desk
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        book.close()


def put_together(book: Book, settings: Settings, letters: Path) -> Desk:
    """The parts, over one book; nothing is at work yet."""
    wording = Wording(settings)
    post = Post(Mailbag(book), carrier(settings, letters))
    return Desk(settings, wording, Registry(book, wording), Footage(book, wording), post)


async def _work(desk: Desk) -> None:
    tidied = float("-inf")
    while True:
        now = asyncio.get_running_loop().time()
        try:
            if now - tidied >= HOUR_S:
                await asyncio.to_thread(desk.tidy)
                tidied = now
            await asyncio.to_thread(desk.post.deliver)
        except Exception as error:  # the disk is full, say: what was not done is done next time
            log.error("The desk could not do its work: %s.", type(error).__name__)
        await asyncio.sleep(PAUSE_S)


def hub_token(folder: Path) -> str:
    """What the hub's connector shows; made when it is first asked for."""
    path = folder / "hub-token"
    with suppress(FileExistsError):
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(made, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text("utf-8").strip()
