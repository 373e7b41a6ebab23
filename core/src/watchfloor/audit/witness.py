"""A witness: cosigns the heads of other agencies' logs, so that none can show two histories.

c2sp.org/tlog-witness, ``add-checkpoint``: one head per known log is kept, and a new one is cosigned
only when it is proven to carry on from that one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from watchfloor.contracts import GiveUp
from watchfloor.ports.audit import WitnessHeads
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from .events import AuditEvent, Outcome
from .notes import Checkpoint, Note, Signer, Verifier, decimal, signed_by, unbase64
from .record import Entry, Object
from .tree import EMPTY, check_consistency

_TEXT = "text/plain; charset=utf-8"
_MOST_STEPS = 63


@dataclass(frozen=True)
class Answer:
    """What is said over HTTP."""

    status: int
    body: bytes = b""
    content_type: str = _TEXT


@dataclass(frozen=True)
class Strayed:
    """A log that does not carry on from what was cosigned: the newest checkpoint that shows it,
    signed by the log itself, and when the first one came."""

    checkpoint: str
    since: Micros


@dataclass(frozen=True)
class _Asked:
    old: int
    steps: Sequence[bytes]
    note: Note
    head: Checkpoint


class Witness:
    """``signer`` cosigns (``notes.COSIGNATURE``); ``known`` are the logs that it watches, by the
    keys that are believed for them; ``note`` records what was cosigned, and what another history
    may be."""

    def __init__(
        self,
        signer: Signer,
        heads: WitnessHeads,
        known: Sequence[Verifier],
        clock: Clock,
        note: Callable[[Entry], None],
    ) -> None:
        self._signer = signer
        self._heads = heads
        self._known = known
        self._clock = clock
        self._note = note
        self.refused: dict[str, Strayed] = {}
        """By origin: either the log has two histories, or somebody sent a proof that is none."""
        self._one_at_a_time = asyncio.Lock()

    @property
    def key(self) -> str:
        """The verifier key of this witness: for the settings of those whose logs it watches."""
        return str(self._signer.verifier)

    async def add_checkpoint(self, body: bytes) -> Answer:
        """``POST add-checkpoint``: 200 with the cosignature, 400 malformed, 403 not signed by the
        log, 404 no known log, 409 with the size that was cosigned last, 422 no proof."""
        try:
            asked = _parse(body)
        except GiveUp as error:
            return Answer(400, error.detail.encode())
        keys = [key for key in self._known if key.name == asked.head.origin]
        if not keys:
            return Answer(404)
        try:
            signers = signed_by(asked.note, keys)
        except GiveUp:
            signers = []
        if not signers:
            return Answer(403)
        if asked.old > asked.head.size:
            return Answer(400, b"The old size is larger than the checkpoint's.")
        by_log = [each for each in asked.note.signatures if any(key.made(each) for key in signers)]
        async with self._one_at_a_time:
            return await self._cosign(replace(asked, note=Note(asked.note.text, tuple(by_log))))

    async def latest(self, origin: str) -> bytes | None:
        """The checkpoint of a log that was cosigned last, with its signatures."""
        return await asyncio.to_thread(self._heads.read, origin)

    async def _cosign(self, asked: _Asked) -> Answer:
        """``asked`` has the log's own signatures alone."""
        kept = await self.latest(asked.head.origin)
        last = Checkpoint.parse(Note.parse(kept).text) if kept else None
        size = last.size if last else 0
        if asked.old != size:
            return Answer(409, f"{size}\n".encode(), "text/x.tlog.size")
        if not _carries_on(asked, last.root if last else EMPTY):
            self._refuse(asked)
            return Answer(422)
        text = asked.note.text
        cosignature = self._signer.cosign(text, self._clock.now() // 1_000_000)
        note = Note(text, (*asked.note.signatures, cosignature))
        await asyncio.to_thread(self._heads.write, asked.head.origin, bytes(note))
        self.refused.pop(asked.head.origin, None)
        if asked.head.size > size:
            self._note(_entry(Outcome.DONE, asked))
        return Answer(200, str(cosignature).encode())

    def _refuse(self, asked: _Asked) -> None:
        """The record holds the checkpoint with the log's own signature: that is the evidence."""
        origin, text = asked.head.origin, asked.note.text
        before = self.refused.get(origin)
        if before is None or before.checkpoint != text:
            since = before.since if before else self._clock.now()
            self.refused[origin] = Strayed(text, since)
            self._note(_entry(Outcome.DENIED, asked))


def _entry(outcome: Outcome, asked: _Asked) -> Entry:
    return Entry(
        event=AuditEvent.AUDIT_WITNESSED,
        outcome=outcome,
        object=Object(kind="log", id=asked.head.origin),
        count=asked.head.size,
        more={} if outcome is Outcome.DONE else {"checkpoint": bytes(asked.note).decode()},
    )


def _carries_on(asked: _Asked, root: bytes) -> bool:
    head = asked.head
    if head.size == 0 and head.root != EMPTY:
        return False
    return check_consistency(asked.old, head.size, asked.steps, root, head.root)


def _parse(body: bytes) -> _Asked:
    """Raises ``GiveUp`` (``bad_note``)."""
    top, _, rest = body.partition(b"\n\n")
    try:
        first, *steps = top.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise GiveUp("The request is no ASCII.", code="bad_note") from None
    if not first.startswith("old ") or len(steps) > _MOST_STEPS:
        raise GiveUp("The request has no old size, or too many proof lines.", code="bad_note")
    note = Note.parse(rest)
    old = decimal(first.removeprefix("old "))
    return _Asked(old, [unbase64(step) for step in steps], note, Checkpoint.parse(note.text))
