"""Writes records: all that wait at once, into every copy, synced, and only then acknowledged."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from msgspec.structs import replace

from watchfloor.contracts import RetryLater, WatchfloorError, rfc3339
from watchfloor.ports.audit import End, Hashes, Sink
from watchfloor.ports.store import Micros
from watchfloor.ports.world import Clock

from . import frames
from .clockwork import Clockwork
from .events import AuditEvent, Outcome
from .hands import Hand
from .notes import Checkpoint, Note, Signature, Signer
from .record import Entry, encode
from .settling import Settled, settled
from .tree import Tree
from .waiting import Health, Pace, Receipt, Waiting, unavailable

logger = logging.getLogger(__name__)


class Writer:
    """The queue, the copies, the tree and the checkpoints. One task writes."""

    def __init__(
        self, sinks: Sequence[Sink], hashes: Hashes, signer: Signer, clock: Clock, pace: Pace
    ) -> None:
        self.health = Health(False, clock.now(), "It has not been opened.")
        self.checkpoint: Note | None = None
        self.witnessed: Note | None = None
        """The last that somebody else signed, too."""
        self.tree = Tree(hashes)
        self.signed = 0
        """Records that the last checkpoint covers."""
        self._sinks = sinks
        self._signer = signer
        self._clock = clock
        self._pace = pace
        self._clockwork = Clockwork()
        self._hands = [Hand(f"audit-{number}") for number, _ in enumerate(sinks)]
        self._settling = Hand("audit-settling")
        self._waiting: deque[Waiting] = deque()
        self._signing: list[asyncio.Future[None]] = []
        self._cosigned: deque[Note] = deque()
        self._noted = self._left_out = self._refused = 0
        self.left_out_at: Micros | None = None
        """When notes were left out for the last time."""
        self._end: End | None = None
        self._begin: Callable[[int], Awaitable[None]] | None = None
        self._known: Checkpoint | None = None
        """What the log must carry on from when it is opened the next time."""
        self.whole = False
        """The keyring says that nothing comes after the head that is known."""
        self._sound: int | None = None
        """While it is not as it was written: how many records are, before the first that is not."""
        self.divergences = 0
        """How often that was found."""
        self._mistrusted: frames.Diverged | None = None
        self._thorough = False
        self._unsigned_since = 0.0
        self._retry_s = self._pace.retry_s
        self._wake = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(
        self, known: Checkpoint | None, whole: bool, begin: Callable[[int], Awaitable[None]]
    ) -> None:
        """Bring the copies to one and begin; where a disk or the keyring is away, or the log does
        not carry on from the head that is known, begin without. ``whole``: nothing may stand after
        that head.
        ``begin`` is awaited once, with how many records there are, before any is written.

        Raises ``AskAPerson`` (``audit_in_use``)."""
        self._known, self.whole, self._begin = known, whole, begin
        try:
            await self._settle()
            self.health = Health(True, self._clock.now())
        except (OSError, TimeoutError, RetryLater, frames.Diverged) as error:
            self._go_down(error)
        self._task = asyncio.create_task(self._run(), name="audit log")

    async def close(self) -> None:
        """Write what waits, sign, let go of the copies."""
        self._closing.set()
        self._wake.set()
        if self._task is not None:
            await self._task
        for hand, sink in zip(self._hands, self._sinks, strict=True):
            if not hand.busy:
                await hand.do(sink.close)
            hand.end()
        self._settling.end()

    @property
    def size(self) -> int:
        """How many records there are; of a log that is not as it was written, how many are."""
        return self.tree.size if self._sound is None else min(self._sound, self.tree.size)

    @property
    def vouched(self) -> bool:
        """Whether what lies there was compared with what is known, and is that."""
        return self._end is not None and self._sound is None

    def put_first(self, entry: Entry) -> None:
        """Before all that waits."""
        self._waiting.appendleft(Waiting(entry, self._clock.now()))

    def put(self, waiting: Waiting) -> None:
        """Queue a record. Of those that nobody waits for, too many are left out and counted."""
        if waiting.noted and self._noted >= self._pace.notes:
            self._left_out += 1
            self.left_out_at = waiting.said
            return
        self._noted += waiting.noted
        if back := self._clockwork.set_back(waiting.said):
            self._waiting.append(Waiting(back, waiting.said))
        self._waiting.append(waiting)
        if waiting.noted:
            self._wake_soon()
        else:
            self._wake.set()

    def _wake_soon(self) -> None:
        """One sync for many notes: each by itself would be in the way of what waits to be read."""
        if self._soon is None:
            loop = asyncio.get_running_loop()
            self._soon = loop.call_later(self._pace.note_s, self._wake.set)

    def refuse_while_down(self) -> None:
        """Raises ``RetryLater`` (``audit_unavailable``) when records cannot be taken."""
        if not self.health.healthy or self._closing.is_set():
            self._refused += 1
            raise unavailable(self.health.diverged)

    def mistrust(self, error: frames.Diverged) -> None:
        """Somebody could not read a record: nothing is added until all of them were looked at."""
        if self.health.healthy:
            self._mistrusted = error
            self._wake.set()

    def keep(self, text: str, signatures: Sequence[Signature]) -> None:
        """Put cosignatures under a checkpoint, beside what is known under it already."""
        known = [each for each in (self.witnessed, *self._cosigned) if each and each.text == text]
        found = known[-1].signatures if known else ()
        self._cosigned.append(Note(text, tuple(dict.fromkeys([*found, *signatures]))))
        self._wake.set()

    async def written(self) -> None:
        """Wait until what was put before is written, or cannot be for now."""
        if self._waiting and self.health.healthy and not self._closing.is_set():
            last = self._waiting[-1]
            last.read = last.read or asyncio.Event()
            self._wake.set()
            await last.read.wait()

    async def sign_now(self) -> None:
        """A checkpoint over all that is written. Raises ``RetryLater`` (``audit_unavailable``)."""
        self.refuse_while_down()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._signing.append(done)
        self._wake.set()
        await done

    # --- The task -----------------------------------------------------------------------------

    async def _run(self) -> None:
        while not self._closing.is_set():
            # While copies are down, what is noted must not have them looked at sooner.
            awaited = self._wake if self.health.healthy else self._closing
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await awaited.wait()
            self._wake.clear()
            self._no_longer_soon()
            await self._turn()
        if self.health.healthy:
            await self._turn(last=True)

    def _no_longer_soon(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None

    async def _turn(self, last: bool = False) -> None:
        """Whatever goes wrong, the log is down, says so, and tries again."""
        try:
            if self._mistrusted is not None:
                self._go_down(self._mistrusted)
            if not self.health.healthy:
                await self._resume()
            while self._cosigned or self._waiting or self._left_out:
                await (self._keep() if self._cosigned else self._commit())
            if last or self._signing or self._until_signing() == 0:
                await self._sign()
        except (OSError, TimeoutError, WatchfloorError) as error:
            self._go_down(error)
        except Exception as error:
            logger.exception("the audit log cannot be written")
            self._go_down(error)

    def _patience(self) -> float | None:
        """Seconds until there is something to do, unless somebody records something."""
        if not self.health.healthy:
            return self._pace.diverged_s if self.health.diverged else self._retry_s
        return self._until_signing() if self.signed < self.tree.size else None

    def _until_signing(self) -> float:
        waited = asyncio.get_running_loop().time() - self._unsigned_since
        return max(0.0, self._pace.sign_s - waited)

    async def _commit(self) -> None:
        """The next batch: into every copy, then into the tree, then acknowledged."""
        if self._left_out:
            self._own(AuditEvent.AUDIT_LEFT_OUT, self._left_out)
            self._left_out = 0
        batch = [self._waiting[n] for n in range(min(len(self._waiting), self._pace.batch))]
        receipts, lines = self._framed(batch)
        end = self._end or End()
        segment = end.segment if end.length < self._pace.segment else end.count
        content = b"".join(lines)
        await self._everywhere(lambda sink: sink.append(segment, content))
        self._grown(End(end.count + len(lines), segment,
                        len(content) + (end.length if segment == end.segment else 0)),
                    receipts)  # fmt: skip
        for waiting, receipt in zip(batch, receipts, strict=True):
            self._waiting.popleft()
            self._noted -= waiting.noted
            waiting.tell(receipt)
        if self.tree.size - self.signed >= self._pace.sign_every:
            await self._sign()

    def _framed(self, batch: Sequence[Waiting]) -> tuple[list[Receipt | Exception], list[bytes]]:
        """Lines, and for each record its receipt, or why it cannot be written down."""
        receipts: list[Receipt | Exception] = []
        lines: list[bytes] = []
        for waiting in batch:
            at, clock = self._clockwork.times(waiting.said)
            index = self.tree.size + len(lines)
            try:
                line, leaf = frames.frame(index, encode(replace(waiting.entry, at=at, clock=clock)))
            except (TypeError, ValueError, OverflowError) as error:
                logger.error("a record cannot be written down", exc_info=error)
                receipts.append(error)
                self._left_out += waiting.done is None
            else:
                lines.append(line)
                receipts.append(Receipt(index, leaf, waiting.entry.id))
        return receipts, lines

    def _grown(self, end: End, receipts: Sequence[Receipt | Exception]) -> None:
        if self.tree.size == self.signed:
            self._unsigned_since = asyncio.get_running_loop().time()
        self.tree.add(each.leaf for each in receipts if isinstance(each, Receipt))
        self._end = end

    async def _everywhere(self, work: Callable[[Sink], None]) -> None:
        """In every copy at once. Raises ``OSError`` or ``TimeoutError`` when one did not."""
        pairs = zip(self._hands, self._sinks, strict=True)
        begun = [hand.begin(partial(work, sink)) for hand, sink in pairs]
        async with asyncio.timeout(self._pace.write_s):
            done = await asyncio.gather(*begun, return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each

    async def _sign(self) -> None:
        size = self.tree.size
        if size > self.signed:
            text = str(Checkpoint(self._signer.verifier.name, size, self.tree.root()))
            note = Note(text, (self._signer.sign(text),))
            segment = self._end.segment if self._end else 0
            await self._settling.do(self.tree.sync, self._pace.write_s)
            await self._everywhere(lambda sink: sink.sign(segment, bytes(note) + b"\n"))
            self.checkpoint, self.signed = note, size
        _over(self._signing)

    async def _keep(self) -> None:
        """A checkpoint with more signatures stands after the one without them."""
        note = self._cosigned[0]
        size, content = Checkpoint.parse(note.text).size, bytes(note) + b"\n"
        await self._everywhere(
            lambda sink: sink.sign(frames.holding(sink.folder, size - 1), content)
        )
        self.witnessed = note
        self._cosigned.popleft()

    # --- Down, and back -----------------------------------------------------------------------

    def _go_down(self, error: Exception) -> None:
        """Whoever waits is refused; what nobody waits for is kept."""
        if diverged := isinstance(error, frames.Diverged):
            self._sound = error.index
            self.divergences += 1
        was, reason = self.health, _words(error)
        if was.healthy:
            self._known = Checkpoint(self._signer.verifier.name, self.tree.size, self.tree.root())
        if was.healthy or reason != was.reason:
            since = self._clock.now() if was.healthy else was.since
            self.health = Health(False, since, reason, diverged=diverged)
            logger.error("the audit log cannot be written: %s", reason)
        if self._mistrusted is not None:
            self._mistrusted, self._thorough = None, True
        kept = [each for each in self._waiting if each.done is None]
        for waiting in self._waiting:
            waiting.tell(unavailable(diverged))
        self._refused += len(self._waiting) - len(kept)
        self._waiting = deque(kept)
        _over(self._signing, unavailable(diverged))

    async def _resume(self) -> None:
        """Back at work, or an error as before."""
        self._retry_s = min(2 * self._retry_s, self._pace.retry_most_s)
        if any(hand.busy for hand in (*self._hands, self._settling)):
            raise TimeoutError
        ids = (await self._settle()).unacknowledged
        written = [each for each in self._waiting if each.entry.id in ids]
        self._noted -= sum(each.noted for each in written)
        self._waiting = deque(each for each in self._waiting if each.entry.id not in ids)
        down = {"down_since": rfc3339(self.health.since), "refused": self._refused,
                "unacknowledged": len(ids) - len(written)}  # fmt: skip
        self.health = Health(True, self._clock.now(), down_since=self.health.since)
        self._retry_s = self._pace.retry_s
        self._refused = 0
        self._own(AuditEvent.AUDIT_RESUMED, more=down)

    def _own(self, event: AuditEvent, count: int | None = None, **fields: object) -> None:
        entry = replace(Entry(event=event, outcome=Outcome.DONE, count=count), **fields)
        self._waiting.append(Waiting(entry, self._clock.now()))

    async def _settle(self) -> Settled:
        """Copies and tree as one; what is known from now on."""
        acknowledged = self._end.count if self._end else None
        key = str(self._signer.verifier)
        found = await self._settling.do(
            lambda: settled(
                self._sinks,
                self.tree,
                key,
                self._known,
                acknowledged,
                self._thorough,
                whole=self.whole and self._end is None,
            ),
            self._pace.settle_s,
        )
        if self._begin is not None:
            await self._begin(found.end.count)
            self._begin = None
        self._sound = None
        self._end, self.checkpoint, self.signed = found.end, found.checkpoint, found.signed
        self._thorough = False
        self._unsigned_since = -math.inf  # what is there and is not signed may be old: at once
        if found.last_at:
            self._clockwork.carry_on(found.last_at)
        if found.new_key:
            self._own(AuditEvent.AUDIT_KEY_CHANGED, more={"key": key})
        return found


def _over(waiting: list[asyncio.Future[None]], error: Exception | None = None) -> None:
    """Whoever waits goes on, or hears why not."""
    for done in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
    waiting.clear()


def _words(error: Exception) -> str:
    """Why the log is down, for who looks after it: of a disk, which file it was."""
    match error:
        case WatchfloorError():
            return error.detail
        case OSError(strerror=str(why)):
            return f"{why}: {error.filename}." if error.filename else f"{why}."
    return str(error) or "A copy did not answer in time."
