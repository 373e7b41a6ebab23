"""Letters that have not left yet, and the links that stand in letters."""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal

from msgspec import Struct

from .book import Book, Change, Letter

Purpose = Literal["confirm", "withdraw", "answer"]


class Link(Struct, kw_only=True, frozen=True):
    """Where a link leads."""

    registration: str
    request: str | None


def new_link(
    change: Change,
    purpose: Purpose,
    registration: str,
    *,
    request: str | None = None,
    within_s: int | None = None,
) -> str:
    """The last part of a new link's address; of it only a hash is kept. Without ``within_s`` it
    can be followed for as long as the camera is registered."""
    token = secrets.token_urlsafe(24)
    change.add(
        "links",
        hash=_hash(token),
        purpose=purpose,
        registration=registration,
        request=request,
        ends=None if within_s is None else change.now + within_s,
    )
    return token


def followed(change: Change, purpose: Purpose, token: str) -> Link:
    """Raises ``LookupError`` where the link leads nowhere (any more)."""
    link = change.row(
        Link,
        "SELECT * FROM links WHERE hash = :hash AND purpose = :purpose "
        "AND (ends IS NULL OR ends > :now)",
        hash=_hash(token), purpose=purpose, now=change.now,
    )  # fmt: skip
    if link is None:
        raise LookupError(purpose)
    return link


def write(
    change: Change, registration: str, letter: tuple[str, str], request: str | None = None
) -> None:
    """A letter to a camera's owner: subject and body, and the request that it is about. It leaves
    with the next post, if this change is made."""
    subject, body = letter
    change.add(
        "letters", registration=registration, request=request, subject=subject, body=body,
        made=change.now, due=change.now,
    )  # fmt: skip


class Mailbag:
    """What the post takes from, letter by letter."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def due(self) -> Letter | None:
        """The letter that has waited longest."""
        with self._book.change() as change:
            return change.row(
                Letter,
                "SELECT letters.*, email AS recipient FROM letters "
                "JOIN registrations ON registrations.id = registration "
                "WHERE due <= :now ORDER BY due, letters.id LIMIT 1",
                now=change.now,
            )

    def sent(self, letter: Letter) -> None:
        """It has left."""
        with self._book.change() as change:
            change.do(
                "UPDATE requests SET sent = :now WHERE sent IS NULL AND reference = "
                "(SELECT request FROM letters WHERE id = :id)",
                now=change.now, id=letter.id,
            )  # fmt: skip
            change.do("DELETE FROM letters WHERE id = :id", id=letter.id)

    def postpone(self, letter: Letter, seconds: int) -> None:
        """It could not leave now."""
        with self._book.change() as change:
            change.do(
                "UPDATE letters SET tries = tries + 1, due = :due WHERE id = :id",
                due=change.now + seconds, id=letter.id,
            )  # fmt: skip

    def undeliverable(self, letter: Letter) -> None:
        """It never will; a request that it was about is told as such."""
        with self._book.change() as change:
            change.do(
                "UPDATE requests SET state = 'undeliverable' WHERE state = 'waiting' "
                "AND sent IS NULL AND reference = (SELECT request FROM letters WHERE id = :id)",
                id=letter.id,
            )
            change.do("DELETE FROM letters WHERE id = :id", id=letter.id)


def _hash(token: str) -> bytes:
    """Tokens are random: nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()
