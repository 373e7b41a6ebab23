"""Having this log's checkpoints cosigned by its witnesses, so that nobody, not even who holds its
key, can show another history later (c2sp.org/tlog-witness, the log's side)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from watchfloor.contracts import GiveUp, WatchfloorError
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .events import AuditEvent, Outcome
from .log import AuditLog
from .notes import Checkpoint, Note, Signature, Verifier, decimal, parse_signature
from .record import Entry, Object

Post = Callable[[str, bytes], Awaitable[tuple[int, bytes]]]
"""Posts a body to an address; the status and body of the answer. Raises ``WatchfloorError``."""

DONE, STALE, NO_PROOF = 200, 409, 422


@dataclass(frozen=True)
class Cosigned:
    """How a witness stands: the records that it has cosigned and when; ``problem`` is the code of
    why it did not the last time that it was asked, since ``since``."""

    witness: str
    size: int = 0
    at: Micros | None = None
    problem: str | None = None
    since: Micros | None = None


@dataclass(frozen=True)
class Witnessing:
    """A witness: where it takes checkpoints (its submission prefix), and its key."""

    url: str
    key: Verifier


class Cosigners:
    """The witnesses of one log."""

    def __init__(
        self, log: AuditLog, witnesses: Sequence[Witnessing], post: Post, clock: Clock
    ) -> None:
        self._log = log
        self._post = post
        self._clock = clock
        self._witnesses = witnesses
        self._standing = {each.key.name: Cosigned(each.key.name) for each in witnesses}

    @property
    def standing(self) -> list[Cosigned]:
        """Each witness."""
        return list(self._standing.values())

    async def ask(self) -> None:
        """Have the newest checkpoint cosigned by every witness; one that fails is asked again the
        next time, and its failure recorded once."""
        await asyncio.gather(*map(self._ask, self._witnesses))

    async def _ask(self, witness: Witnessing) -> None:
        before = self._standing[witness.key.name]
        now = self._clock.now()
        try:
            size = await self._cosigned(witness, before.size)
            after = Cosigned(before.witness, size, now)
        except WatchfloorError as error:
            same = error.code == before.problem
            after = replace(before, problem=error.code, since=before.since if same else now)
        self._standing[witness.key.name] = after
        if after.problem is None or after.problem != before.problem:
            self._log.note(_entry(after))

    async def _cosigned(self, witness: Witnessing, old: int) -> int:
        """The records that it has cosigned now. Raises ``WatchfloorError``."""
        status, body, note = await self._submit(witness, old)
        if status == STALE:
            known = decimal(body.decode(errors="replace").strip())
            status, body, note = await self._submit(witness, known)
        if status == NO_PROOF:
            raise _another_history()
        if status != DONE:
            raise GiveUp(f"The witness answered with {status}.", code="not_cosigned")
        made = _checked(witness.key, note, body)
        self._log.cosigned(note.text, [*note.signatures, *made])
        return Checkpoint.parse(note.text).size

    async def _submit(self, witness: Witnessing, old: int) -> tuple[int, bytes, Note]:
        """``old`` is what it has seen. More than there is: this log has lost its end."""
        try:
            request = await self._log.witness_request(old)
        except GiveUp:
            raise _another_history() from None
        status, body = await self._post(f"{witness.url.rstrip('/')}/add-checkpoint", request)
        return status, body, Note.parse(request.partition(b"\n\n")[2])


def _checked(key: Verifier, note: Note, body: bytes) -> list[Signature]:
    """The witness's own signatures of an answer; others are nobody's. Raises ``GiveUp``."""
    found = [parse_signature(line) for line in body.decode(errors="replace").splitlines()]
    made = [each for each in found if key.made(each) and key.check(note.text, each)]
    if not made:
        raise GiveUp("The witness's signature does not fit.", code="not_cosigned")
    return made


def _entry(standing: Cosigned) -> Entry:
    return Entry(
        event=AuditEvent.AUDIT_WITNESSED,
        outcome=Outcome.FAILED if standing.problem else Outcome.DONE,
        object=Object(kind="witness", id=standing.witness),
        count=standing.size,
        more={"why": standing.problem} if standing.problem else {},
    )


def _another_history() -> GiveUp:
    return GiveUp("The witness has cosigned another history of this log.", code="log_forked")
