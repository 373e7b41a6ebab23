"""Cameras are registered, confirmed, withdrawn. What a method has answered is on the disk."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec

from .book import Book, Change, Entry, Registration
from .mailbag import Purpose, followed, new_link, write
from .wording import TEXT_VERSION, Wording

HOUR_S = 3600
DAY_S = 24 * HOUR_S
CONFIRM_WITHIN_S = 2 * DAY_S
WAITING = 3
"""So many registrations of one e-mail address may wait for their link: nobody's mailbox is filled
through this form."""

_LISTED = "SELECT * FROM registrations WHERE confirmed IS NOT NULL"


class Registry:
    """Cameras and their owners."""

    def __init__(self, book: Book, wording: Wording) -> None:
        self._book = book
        self._wording = wording

    def register(self, entry: Entry, submission: str) -> None:
        """Write it down, and write to the address. The same ``submission`` is the same camera.
        Nothing tells whether the address is known here."""
        with self._book.change() as change:
            if _waiting(change, entry.email) < WAITING:
                self._register(change, entry, submission)

    def owner_of(self, purpose: Purpose, token: str) -> Registration:
        """Whose letter a link stood in. Raises ``LookupError`` where it leads nowhere (any
        more)."""
        with self._book.change() as change:
            return _owner(change, purpose, token)

    def confirm(self, token: str) -> Registration:
        """Whoever reads the address's mail has spoken: the camera is on the list. Once more changes
        nothing. Raises ``LookupError``."""
        with self._book.change() as change:
            owner = _owner(change, "confirm", token)
            sql = "UPDATE registrations SET confirmed = :now WHERE id = :id AND confirmed IS NULL"
            if change.do(sql, now=change.now, id=owner.id):
                withdraw = new_link(change, "withdraw", owner.id)
                write(change, owner.id, self._wording.confirmed(owner, withdraw))
            return owner

    def withdraw(self, token: str) -> None:
        """Forget the camera and its owner, with all links and letters. Raises ``LookupError``."""
        with self._book.change() as change:
            owner = _owner(change, "withdraw", token)
            change.do("DELETE FROM registrations WHERE id = :id", id=owner.id)
            change.do(
                "UPDATE requests SET state = 'owner_gone' WHERE camera = :id AND state = 'waiting'",
                id=owner.id,
            )
            change.add("withdrawals", at=change.now)

    def cameras(self) -> Sequence[Registration]:
        """The list: those that were confirmed."""
        with self._book.change() as change:
            return change.rows(Registration, f"{_LISTED} ORDER BY id")

    def tidy(self) -> None:
        """Forget what was not confirmed in time."""
        with self._book.change() as change:
            change.do(
                "DELETE FROM registrations WHERE confirmed IS NULL AND given <= :before",
                before=change.now - CONFIRM_WITHIN_S,
            )

    def _register(self, change: Change, entry: Entry, submission: str) -> None:
        id_ = f"reg-{secrets.token_hex(6)}"
        if change.add(
            "registrations",
            **msgspec.structs.asdict(entry),
            id=id_,
            submission=submission,
            text_version=TEXT_VERSION,
            given=change.now,
        ):
            confirm = new_link(change, "confirm", id_, within_s=CONFIRM_WITHIN_S)
            withdraw = new_link(change, "withdraw", id_)
            write(change, id_, self._wording.confirm(confirm, withdraw))


def listed(change: Change, camera: str) -> Registration | None:
    """A camera that is on the list."""
    return change.row(Registration, f"{_LISTED} AND id = :id", id=camera)


def _owner(change: Change, purpose: Purpose, token: str) -> Registration:
    link = followed(change, purpose, token)
    sql = "SELECT * FROM registrations WHERE id = :id"
    owner = change.row(Registration, sql, id=link.registration)
    assert owner is not None  # links end with their registration
    return owner


def _waiting(change: Change, email: str) -> int:
    return change.count(
        "SELECT count(*) FROM registrations WHERE lower(email) = lower(:email) "
        "AND confirmed IS NULL",
        email=email,
    )
