"""The audit log: durable in every copy before it is acknowledged, or the asker hears of it.

Look-ups fail closed, alerts fail open (as HashiCorp Vault's audit devices and Alertmanager do,
each for its own): ``record`` returns when the record is synced in every copy and raises otherwise;
``note`` never waits and never raises, keeps in bounded memory what cannot be written yet, and
what it had to leave out is counted, in the log.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress

from watchfloor.contracts import NotFound, RetryLater, WatchfloorError
from watchfloor.ports.audit import AuditIndex, Hashes, Sink, Where
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock, Secrets

from . import frames
from .events import AuditEvent, Outcome
from .lasthead import LastHead
from .notes import ED25519, Checkpoint, Note, Signature, Signer
from .proofs import Proof
from .reader import Numbered, Page, Reader
from .record import Entry, Object, Operator
from .sealing import INSTANCE
from .waiting import Health, Pace, Receipt, Waiting
from .writer import Writer

SIGNING, COSIGNING = "signing", "cosigning"
"""Names of keys in the keyring: the log's own, and that of this hub as a witness of others."""
PAGE = 1000
"""Records that are read at a time where all are wanted."""
_INDEX_S = 1.0
_KEEP_S = 10.0
"""No head that was signed waits longer to be kept; a keyring may be at another machine."""

logger = logging.getLogger(__name__)


async def signer_of(secrets: Secrets, name: str, key: str = SIGNING, kind: int = ED25519) -> Signer:
    """A signing key from the keyring, made at the first use; ``name`` is what it signs as."""
    if key not in await secrets.names(INSTANCE):
        seed = base64.b64encode(os.urandom(32)).decode()
        await secrets.put(INSTANCE, key, {"seed": seed})
    kept = await secrets.get(INSTANCE, key)
    return Signer(name, base64.b64decode(kept["seed"]), kind)


class AuditLog:
    """One log in several copies. ``signer`` is named like the log's origin: a schema-less address
    that never changes."""

    def __init__(
        self,
        signer: Signer,
        sinks: Sequence[Sink],
        hashes: Hashes,
        index: AuditIndex,
        clock: Clock,
        last: LastHead,
        pace: Pace | None = None,
    ) -> None:
        self._signer = signer
        self._last = last
        self._kept: Note | None = None
        self._accepting: str | None = None
        """Who said to go on with it although it is another one, until the record of that stands."""
        self._before: Checkpoint | None = None
        """The head that it need not carry on from then."""
        self._hashes = hashes
        self._clock = clock
        self._writer = Writer(sinks, hashes, signer, clock, pace or Pace())
        self.folders = [sink.folder for sink in sinks]
        """Where the copies lie, the first one first."""
        self._reader = Reader(index, self.folders)
        self._tasks: list[asyncio.Task[None]] = []
        self.accepted: Entry | None = None
        """The last record that it was gone on with as it lay, once the index is up with it."""
        self._indexed_since = 0
        """How often the log had diverged when the index was begun."""

    async def open(self) -> None:
        """Bring the copies to one, and begin. Where a disk is away, or the log does not carry on
        from the head that this hub signed last, the log begins all the same, refuses records, and
        tries again by itself.

        Raises ``AskAPerson`` (``audit_in_use``), and as ``Secrets`` does."""
        self._before, self._accepting = await self._last.read()
        whole = not self._accepting and await self._last.is_whole()
        await self._reader.open()
        try:
            await self._writer.open(None if self._accepting else self._before, whole, self._begin)
        except WatchfloorError:
            await self._reader.close()
            raise
        self._tasks = [
            asyncio.create_task(self._keep_indexed(), name="audit index"),
            asyncio.create_task(self._keep_head(), name="audit head"),
        ]

    async def close(self) -> None:
        """Write what waits, sign, let go of the files."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.close()
        await self._keep(ended=True)
        await self._reader.close()
        self._hashes.close()

    @property
    def health(self) -> Health:
        """Whether records are taken now."""
        return self._writer.health

    @property
    def left_out_at(self) -> Micros | None:
        """When notes were left out for the last time, since the start."""
        return self._writer.left_out_at

    @property
    def size(self) -> int:
        """How many records there are; while the log is not as it was written, how many are."""
        return self._writer.size

    @property
    def key(self) -> str:
        """The verifier key: to be published where nobody of this house can change it."""
        return str(self._signer.verifier)

    @property
    def checkpoint(self) -> Note | None:
        """The last that was signed."""
        return self._writer.checkpoint

    async def record(self, entry: Entry) -> Receipt:
        """Durable in every copy when it returns. Raises ``RetryLater`` (``audit_unavailable``):
        then whoever asked must be refused."""
        return await self.begin(entry)

    def begin(self, entry: Entry) -> asyncio.Future[Receipt]:
        """Have it recorded: durable in every copy once the future is done. Raises as ``record``,
        at once or by the future. Whether somebody waits on makes no difference to the log."""
        self._writer.refuse_while_down()
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_heard)
        self._writer.put(Waiting(entry, self._clock.now(), done))
        return done

    def note(self, entry: Entry) -> None:
        """Record it as soon as that can be done. Never waits and never raises: alerts go on."""
        self._writer.put(Waiting(entry, self._clock.now(), noted=True))

    async def read(
        self, where: Where | None = None, before: int | None = None, limit: int = 100
    ) -> Page:
        """Newest first, with all that was noted so far; ``before`` is the ``next`` of the page
        before. Raises ``RetryLater`` (``audit_unavailable``), ``AskAPerson``
        (``audit_diverged``)."""
        await self._writer.written()
        with self._mistrusting():
            size = await self._caught_up()
            return await self._reader.page(where or Where(), before, limit, size)

    async def each(self, where: Where | None = None) -> AsyncIterator[Numbered]:
        """All of them, newest first, ``PAGE`` held at a time. Raises as ``read``."""
        before: int | None = None
        while True:
            page = await self.read(where, before, PAGE)
            for found in page.items:
                yield found
            if (before := page.next) is None:
                return

    async def proof(self, index: int) -> Proof:
        """That a record is in the log, for whoever has its key: by the last checkpoint that was
        witnessed, where that covers it; signed first, where none does yet. Raises ``NotFound``,
        ``RetryLater`` (``audit_unavailable``)."""
        if not 0 <= index < self.size:
            raise NotFound(f"There is no audit record {index}.")
        with self._mistrusting():
            line = await self._reader.line(index, await self._caught_up())
        note, size = self._witnessed(index + 1) or await self._head(index + 1)
        return Proof(line, index, tuple(self._writer.tree.inclusion(index, size)), note)

    async def witness_request(self, old: int) -> bytes:
        """The body of ``add-checkpoint`` for a witness that has seen ``old`` records
        (c2sp.org/tlog-witness). Raises ``RetryLater``, ``GiveUp`` (``bad_proof``)."""
        note, size = await self._head(self.size)
        steps = self._writer.tree.consistency(old, size)
        lines = [f"old {old}", *(base64.b64encode(step).decode() for step in steps)]
        return "\n".join([*lines, "", ""]).encode() + bytes(note)

    def cosigned(self, text: str, signatures: Sequence[Signature]) -> None:
        """Keep a checkpoint that witnesses signed, too, in every copy, as soon as that can be done.
        Whoever checked the signatures calls this."""
        self._writer.keep(text, signatures)

    def _witnessed(self, size: int) -> tuple[Note, int] | None:
        note = self._writer.witnessed
        head = Checkpoint.parse(note.text) if note else None
        return (note, head.size) if note and head and head.size >= size else None

    async def _head(self, size: int) -> tuple[Note, int]:
        """A checkpoint over so many records, or more."""
        self._writer.refuse_while_down()
        if self._writer.signed < size or self._writer.checkpoint is None:
            await self._writer.sign_now()
        note = self._writer.checkpoint
        if note is None:
            raise NotFound("The audit log is empty.")
        return note, Checkpoint.parse(note.text).size

    async def _keep_indexed(self) -> None:
        """So that a reader does not wait. What is wrong with the log, a reader hears."""
        looked = -1
        while True:
            with suppress(WatchfloorError), self._mistrusting():
                if (size := await self._caught_up()) != looked:
                    self.accepted = await self._last_accepted(size) or self.accepted
                    looked = size
            await asyncio.sleep(_INDEX_S)

    async def _caught_up(self) -> int:
        """How many records there are, all indexed; what the log's files hold that was not compared,
        or is not as it was written, is not."""
        size, times = self.size, self._writer.divergences
        if self._writer.vouched:
            if times != self._indexed_since:
                await self._reader.clear()
                self._indexed_since = times
            await self._reader.catch_up(size)
        return size

    async def _last_accepted(self, size: int) -> Entry | None:
        where = Where(event=AuditEvent.AUDIT_ACCEPTED.value)
        found = await self._reader.page(where, None, 1, size)
        return found.items[0].entry if found.items else None

    @contextmanager
    def _mistrusting(self) -> Iterator[None]:
        """A record that nobody can read any more is no matter of whoever asked for it alone."""
        try:
            yield
        except frames.Diverged as error:
            self._writer.mistrust(error)
            raise

    async def _begin(self, size: int) -> None:
        """So many records are there, and are gone on with. Raises ``RetryLater`` while the keyring
        says, and cannot be told otherwise, that nothing comes after them: what did would be taken
        for somebody else's."""
        if self._writer.whole:
            try:
                await self._last.begin()
            except WatchfloorError as error:
                raise RetryLater(
                    f"The keyring takes nothing: {error.detail}", code="audit_unavailable"
                ) from None
            self._writer.whole = False
        if self._accepting and self._before is not None:
            self._writer.put_first(_accepted(self._before, size, self._accepting))
        with suppress(WatchfloorError):  # a reader hears of it
            await self._reader.forget_beyond(size)

    async def _keep_head(self) -> None:
        while True:
            await self._keep()
            await asyncio.sleep(_KEEP_S)

    async def _keep(self, ended: bool = False) -> None:
        """What was signed last. Where the keyring is away the one before is compared with."""
        whole = ended and self._writer.signed == self._writer.tree.size
        try:
            if self._accepting and not await self._accepted():
                return
            note = self.checkpoint
            if note is None or not self.health.healthy or (note == self._kept and not whole):
                return
            await self._last.keep(note, whole=whole)
            self._kept = note
        except WatchfloorError as error:
            logger.warning("the audit log's head is not kept: %s", error.detail)

    async def _accepted(self) -> bool:
        """Whether the record of that is signed: until then the head before is the one to know."""
        await self._writer.written()
        if not self.health.healthy:
            return False
        if self._writer.signed < self.size:
            await self._writer.sign_now()
        self._accepting = None
        return True


def _accepted(head: Checkpoint, size: int, by: str) -> Entry:
    """That the log need not carry on from what was signed: who said so, how many records that were,
    and in how many the log that was found is gone on with."""
    return Entry(
        event=AuditEvent.AUDIT_ACCEPTED,
        outcome=Outcome.DONE,
        operator=Operator(id=f"local|{by}", handle=by),
        object=Object(kind="checkpoint", id=base64.b64encode(head.root).decode()),
        count=size,
        more={"signed": head.size},
    )


def _heard(done: asyncio.Future[Receipt]) -> None:
    """Who has gone need not hear that it could not be recorded."""
    if not done.cancelled():
        done.exception()
