"""Approvals: what takes two people, who asked and who answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .log import Micros

ApprovalSubject = Literal[
    "data", "deed", "history", "export", "following", "settings", "access"
]  # fmt: skip
"""About data what cannot wait: a look, and all in an emergency; what can: something done outside,
one subject's movements, data taken out. What goes on to follow plates; other settings; somebody's
wish for access."""
ApprovalAnswer = Literal["granted", "declined", "overridden"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A question to a second person. ``digest`` binds the answer to exactly what was asked;
    ``what`` says it in words, ``shown`` is the thing itself where words leave it out. Answered by
    nobody, it is void after ``expires``. ``used`` is when what it was for was done, where a yes is
    for one deed.

    ``asked_by`` and ``answered_by`` are persons' ids, ``asker`` and ``answerer`` their handles.
    ``request`` is what it was asked for, or the emergency request that opened it.
    """

    id: str
    subject: ApprovalSubject
    digest: str
    what: str
    why: str
    asked: Micros
    asked_by: str
    asker: str
    expires: Micros
    request: str | None = None
    answer: ApprovalAnswer | None = None
    answered: Micros | None = None
    answered_by: str | None = None
    answerer: str | None = None
    note: str = ""
    shown: str = ""
    used: Micros | None = None


class ApprovalBook(Protocol):
    """Every approval that was asked for."""

    async def add(self, approval: Approval, now: Micros) -> Approval:
        """Write a new one; where the same person waits for the same digest already, that one is
        the answer."""

    async def get(self, id: str) -> Approval:
        """Raises ``NotFound`` (code ``no_such_approval``)."""

    async def change(self, id: str, change: Callable[[Approval], Approval]) -> Approval:
        """Put what ``change`` makes of it in its place, in one step; it may be called more than
        once. What it raises is raised. Raises ``NotFound``."""

    async def waiting(self, now: Micros) -> Sequence[Approval]:
        """Not answered and not void, oldest first."""

    async def answered(self, asked_by: str, digest: str, now: Micros) -> Approval | None:
        """The newest that opens exactly this for this person now: granted or overridden, and
        neither void nor used."""

    async def use(self, asked_by: str, digest: str, now: Micros) -> Approval | None:
        """The same, used up by this."""
