"""Owners are asked for footage, and answer. What a method has answered is on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from .book import Book, Change, FootageRequest, Registration, seconds
from .mailbag import followed, new_link, write
from .registry import DAY_S, listed
from .wording import Wording

ANSWER_WITHIN_S = 30 * DAY_S
KEPT_S = 365 * DAY_S
"""How long requests are kept, and who asked about them."""
LONGEST_WINDOW_S = DAY_S
"""Nobody looks through a week of recordings for a stranger."""

Moment = Annotated[datetime, Meta(tz=True)]
Line = Annotated[str, Meta(min_length=1, max_length=500)]

_BY_REFERENCE = "SELECT * FROM requests WHERE reference = :reference"


class Denied(Exception):
    """What the hub asked for cannot be. ``status`` is that of HTTP."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


class Asked(Struct, kw_only=True, frozen=True):
    """What the hub asks for: a camera's footage from ``start`` to ``end``."""

    camera: Line
    start: Moment
    end: Moment
    case_number: Line
    reason: Line
    requested_by: Line


class Questioner(Struct, kw_only=True, frozen=True):
    """Who wants to know what became of a case's requests, and why."""

    requester: str
    purpose: str
    case_number: str = ""
    reason: str = ""


class Footage:
    """Requests for footage."""

    def __init__(self, book: Book, wording: Wording) -> None:
        self._book = book
        self._wording = wording

    def ask(self, reference: str, asked: Asked) -> FootageRequest:
        """Write to a camera's owner. The same ``reference`` is the same request. Raises
        ``Denied``."""
        with self._book.change() as change:
            known = change.row(FootageRequest, _BY_REFERENCE, reference=reference)
            return known or self._ask(change, reference, asked)

    def asked(self, reference: str) -> FootageRequest:
        """What became of it. Raises ``Denied``."""
        with self._book.change() as change:
            return _found(change, reference)

    def take_back(self, reference: str) -> FootageRequest:
        """The owner need not look any more, and is told so. Raises ``Denied``."""
        with self._book.change() as change:
            before = _found(change, reference)
            if before.state in ("waiting", "will_help"):
                _settle(change, reference, "taken_back", before.answered)
                self._tell(change, before)
            return _found(change, reference)

    def request_of(self, token: str) -> FootageRequest:
        """Which request a letter was about. Raises ``LookupError`` where its link leads nowhere
        (any more)."""
        with self._book.change() as change:
            return _open(change, token)

    def answer(self, token: str, *, helps: bool) -> FootageRequest:
        """What the owner says; the last word counts. Raises ``LookupError``."""
        with self._book.change() as change:
            reference = _open(change, token).reference
            _settle(change, reference, "will_help" if helps else "declined", change.now)
            return _found(change, reference)

    def of_case(self, case_number: str, by: Questioner) -> Sequence[FootageRequest]:
        """A case's requests, newest first. Who wanted to know is written down."""
        with self._book.change() as change:
            change.add(
                "questions",
                at=change.now,
                requester=by.requester,
                purpose=by.purpose,
                case_number=by.case_number or case_number,
                reason=by.reason,
            )
            return change.rows(
                FootageRequest,
                "SELECT * FROM requests WHERE case_number = :case ORDER BY asked DESC, reference",
                case=case_number,
            )

    def tidy(self) -> None:
        """Forget what is old."""
        with self._book.change() as change:
            before = change.now - KEPT_S
            change.do("DELETE FROM requests WHERE asked <= :before", before=before)
            change.do("DELETE FROM questions WHERE at <= :before", before=before)

    def _ask(self, change: Change, reference: str, asked: Asked) -> FootageRequest:
        owner = _askable(change, asked)
        change.add(
            "requests",
            reference=reference,
            camera=asked.camera,
            requested_by=asked.requested_by,
            case_number=asked.case_number,
            reason=asked.reason,
            window_start=seconds(asked.start),
            window_end=seconds(asked.end),
            state="waiting",
            asked=change.now,
        )
        request = _found(change, reference)
        answer = new_link(change, "answer", owner.id, request=reference, within_s=ANSWER_WITHIN_S)
        withdraw = new_link(change, "withdraw", owner.id)
        letter = self._wording.request(owner, request, answer, withdraw)
        write(change, owner.id, letter, reference)
        return request

    def _tell(self, change: Change, request: FootageRequest) -> None:
        """That it was taken back, unless the request has not left yet either."""
        unsent = "DELETE FROM letters WHERE request = :reference"
        owner = listed(change, request.camera)
        if owner is not None and not change.do(unsent, reference=request.reference):
            withdraw = new_link(change, "withdraw", owner.id)
            write(change, owner.id, self._wording.taken_back(owner, request, withdraw))


def _askable(change: Change, asked: Asked) -> Registration:
    """The camera. Raises ``Denied``."""
    owner = listed(change, asked.camera)
    if owner is None:
        raise Denied(404, "no_such_camera", "No such camera is registered here, or no longer.")
    if owner.level != "request":
        raise Denied(409, "not_to_be_asked", "Its owner does not want to be asked for footage.")
    window_s = (asked.end - asked.start).total_seconds()
    if not 0 < window_s <= LONGEST_WINDOW_S or seconds(asked.start) > change.now:
        raise Denied(422, "bad_window", "The window has not begun, or is longer than a day.")
    return owner


def _open(change: Change, token: str) -> FootageRequest:
    """The request that can still be answered. Raises ``LookupError``."""
    link = followed(change, "answer", token)
    request = _found(change, link.request or "")
    if request.state == "taken_back":
        raise LookupError(request.reference)
    return request


def _settle(change: Change, reference: str, state: str, answered: int | None) -> None:
    change.do(
        "UPDATE requests SET state = :state, answered = :answered WHERE reference = :reference",
        state=state, answered=answered, reference=reference,
    )  # fmt: skip


def _found(change: Change, reference: str) -> FootageRequest:
    found = change.row(FootageRequest, _BY_REFERENCE, reference=reference)
    if found is None:
        raise Denied(404, "no_such_request", "There is no such request.")
    return found
