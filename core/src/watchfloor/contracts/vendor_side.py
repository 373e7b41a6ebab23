"""What a vendor says of its own side: who searched there, how it is set to share, who signed in.

Parts of the worker protocol (``protocol.py``): a worker answers with them, and unknown fields are
passed over.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .event import Identifier, Instant, LongText, ShortText
from .lookup import SubjectKind
from .protocol import Message


class VendorLook(Message):
    """One search, as the vendor's audit log has it. What the log does not say is absent.

    ``id`` is the vendor's, or made of the row, and the same whenever the row is read again.
    ``organisation`` is absent where it is the agency's own. ``record`` is the hub's own record of
    the question, where the vendor kept it among what it was told.
    """

    id: Identifier
    at: Instant
    user: ShortText | None = None
    organisation: ShortText | None = None
    subject_kind: SubjectKind | None = None
    subject: ShortText | None = None
    reason: LongText | None = None
    case_number: ShortText | None = None
    record: Identifier | None = None


class AuditLogParams(Message):
    """Hub → worker, request ``audit_log``: rows from ``since`` on."""

    since: Instant


class VendorLog(Message):
    """Worker's answer to ``audit_log``: rows, oldest first. ``until``: up to then the log is
    whole. ``fields`` are those of ``VendorLook`` that this log has a column for; so many rows as
    ``unreadable`` says are missing from ``rows``."""

    until: Instant
    rows: Annotated[list[VendorLook], Meta(max_length=20_000)] = []
    fields: list[Identifier] = []
    unreadable: int = 0


class SharingSetting(Message):
    """How one thing is set at the vendor that decides who else sees the agency's data, or whose
    the agency sees: ``national_lookup`` is ``on``."""

    name: Identifier
    value: ShortText
    title: ShortText


class Sharing(Message):
    """Worker's answer to ``sharing``: all such settings that the vendor shows."""

    settings: Annotated[list[SharingSetting], Meta(max_length=5000)] = []


class UserSignInParams(Message):
    """Hub → worker, request ``user_sign_in``: ``person`` wants to sign in at the vendor, and comes
    back to the address ``return_to``."""

    person: Identifier
    return_to: ShortText


class UserSignIn(Message):
    """Worker's answer to ``user_sign_in``: where the person's browser goes, a page of the web and
    nothing that would run in it."""

    url: Annotated[str, Meta(max_length=65536, pattern=r"^https?://")]


class UserSignedInParams(Message):
    """Hub → worker, request ``user_signed_in``: what the vendor sent the person back with."""

    person: Identifier
    answer: dict[str, str]


class UserParams(Message):
    """Hub → worker, requests ``user_sign_in_state`` and ``user_sign_out``: whose."""

    person: Identifier


class UserSignInState(Message):
    """Worker's answer to ``user_sign_in_state``. ``needed``: nobody is answered who is not signed
    in there as themselves. ``until``: the person is, until then at the latest."""

    needed: bool = False
    until: Instant | None = None
