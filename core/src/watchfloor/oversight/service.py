"""Oversight as the rest of the hub asks for it: look for misuse, draw lots, queue, sign off."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from watchfloor import audit
from watchfloor.access import operator_of
from watchfloor.audit import AuditEvent, AuditLog, Checkpoint, Entry, Outcome, Sealer, Where
from watchfloor.contracts import NotFound, Refused, WatchfloorError, rfc3339
from watchfloor.identity import Person
from watchfloor.ports.store import (
    Draw,
    Gathering,
    Micros,
    Relation,
    ReviewBook,
    ReviewCounts,
    ReviewItem,
    ReviewListing,
    ReviewVerdict,
    StaffSubject,
)
from watchfloor.ports.world import Clock
from watchfloor.settings_oversight import OversightSettings

from .detectors import detect
from .looks import DAY, Flag, Look, Window
from .lots import drawn, how_many
from .reading import looks_between
from .signing import may_review, signed
from .weeks import Week, week_of

USUAL: Micros = 28 * DAY
"""How far back “usual” reaches."""
DUE_AFTER: Micros = 7 * DAY
"""A week's reviews are done by the end of the next (CJISSECPOL AU-6: weekly)."""
_FIRST_S = 60
"""A hub that starts has other things to do."""
_EVERY_S = 3600
_CATCH_UP = 4
"""Weeks that are made up for when the hub did not run."""
_SHOWN = 100
"""Records that stand with a review; the first ones, where there are more."""

log = logging.getLogger(__name__)


class Oversight:
    """Looks for misuse week by week. All it keeps is in the book and in the audit log. One per hub:
    two would find the same thing new, and draw twice."""

    def __init__(
        self, book: ReviewBook, audit_log: AuditLog, sealer: Sealer, clock: Clock, zone: ZoneInfo,
        settings: OversightSettings,
    ) -> None:  # fmt: skip
        self._book = book
        self._log = audit_log
        self._sealer = sealer
        self._clock = clock
        self._zone = zone
        self._settings = settings
        self._finding = asyncio.Lock()

    async def keep(self) -> None:
        """Sweep every hour, until cancelled. What goes wrong is logged, and tried again."""
        await asyncio.sleep(_FIRST_S)
        while True:
            try:
                await self.sweep()
            except WatchfloorError as error:
                log.warning("Misuse could not be looked for: %s", error.code)
            await asyncio.sleep(_EVERY_S)

    async def sweep(self) -> Sequence[ReviewItem]:
        """Judge this week so far, and weeks that ended and have no drawing yet; the findings that
        are new. Raises ``RetryLater`` (``audit_unavailable``)."""
        async with self._finding:
            return await self._sweep()

    async def _sweep(self) -> Sequence[ReviewItem]:
        this = week = week_of(self._clock.now(), self._zone)
        new = [*await self._judge(this, await self._looks(this))]
        for _ in range(_CATCH_UP):
            week = week_of(week.since - 1, self._zone)
            if await self._book.draw(week.id) is None:
                looks = await self._looks(week)
                new += await self._judge(week, looks)
                new += await self._draw(week, [each for each in looks if each.at >= week.since])
        return new

    async def reviews(self, person: Person, which: ReviewListing) -> Sequence[ReviewItem]:
        """Those that this person may review: nobody reads what was found about themselves."""
        found = await self._book.list(which, self._clock.now())
        return [item for item in found if self._reviews(person, item)]

    async def review(self, person: Person, id: str) -> ReviewItem:
        """One. Raises ``NotFound`` and what ``may_review`` does."""
        item = await self._book.get(id)
        may_review(person, item, self._settings.teams)
        return item

    async def records(self, item: ReviewItem) -> Sequence[audit.Numbered]:
        """What it is about, as it stands in the log."""
        pages = [await self._log.read(Where(), n + 1, 1) for n in item.records[:_SHOWN]]
        return [each for page in pages for each in page.items]

    async def sign(self, person: Person, id: str, verdict: ReviewVerdict, note: str) -> ReviewItem:
        """A verdict; recorded before it stands, and recorded where it is refused. Raises
        ``NotFound``, ``Refused`` (``review_signed``) and what ``may_review`` does."""
        item = await self._book.get(id)
        now = self._clock.now()
        try:
            may_review(person, item, self._settings.teams)
            signed(item, person, verdict, note, now)
        except Refused as error:
            await self._record(
                AuditEvent.REVIEW_SIGNED, ("review", id), person, Outcome.DENIED, reason=error.code
            )
            raise
        await self._record(AuditEvent.REVIEW_SIGNED, ("review", id), person, verdict=verdict)
        return await self._book.change(id, lambda kept: signed(kept, person, verdict, note, now))

    async def standing(self) -> ReviewCounts:
        """How many wait, and how many for too long: for everybody who reads reports."""
        return await self._book.counts(self._clock.now())

    async def register(
        self, person: Person, kind: str, value: str, relation: Relation
    ) -> StaffSubject:
        """What staff register of their own and their relatives': the keyed hash alone is kept; what
        the log has of it, sealed, is compared with patterns."""
        key = await self._sealer.joining(kind, value)
        subject = StaffSubject(
            f"S-{secrets.token_hex(6)}", person.id, kind, key, relation, self._clock.now()
        )
        await self._book.put_staff(subject)
        return subject

    async def registered(self, person: Person) -> Sequence[StaffSubject]:
        """One's own registrations."""
        return [each for each in await self._book.staff() if each.person == person.id]

    async def forget(self, person: Person, id: str) -> None:
        """Take back a registration of one's own. Raises ``NotFound``."""
        await self._book.remove_staff(id, person.id)

    async def gatherings(self) -> Sequence[Gathering]:
        """Public events whose visitors are watched over."""
        return await self._book.gatherings()

    async def put_gathering(self, gathering: Gathering) -> None:
        """Register one, or change it."""
        await self._book.put_gathering(gathering)

    async def remove_gathering(self, id: str) -> None:
        """Raises ``NotFound``."""
        await self._book.remove_gathering(id)

    def _reviews(self, person: Person, item: ReviewItem) -> bool:
        with suppress(Refused):
            may_review(person, item, self._settings.teams)
            return True
        return False

    async def _looks(self, week: Week) -> Sequence[Look]:
        since = week.since - USUAL
        staff = await self._book.staff()
        return await looks_between(self._log, self._sealer, since, week.until, week.since, staff)

    async def _judge(self, week: Week, looks: Sequence[Look]) -> Sequence[ReviewItem]:
        window = Window(
            looks, week.since, week.until, self._zone, self._settings,
            await self._book.staff(), await self._book.gatherings(),
        )  # fmt: skip
        found = await asyncio.to_thread(detect, window)
        items = [await self._unsigned(week, flag) for flag in found]
        return await self._queue([item for item in items if item is not None])

    async def _unsigned(self, week: Week, flag: Flag) -> ReviewItem | None:
        """What of a finding waits: a sign-off covers the records that stood with it, and those that
        came since wait anew, if there are any."""
        item, left, part = self._item(week, flag), set(flag.records), 1
        while (kept := await self._kept(item.id)) is not None and kept.verdict is not None:
            left -= set(kept.records)
            if not left:
                return None
            part += 1
            words = f"{flag.words} {len(left)} of these since {kept.id} was signed."
            ground, records = f"{flag.ground}\0{part}", tuple(sorted(left))
            item = self._item(week, replace(flag, records=records, words=words, ground=ground))
        return item

    async def _kept(self, id: str) -> ReviewItem | None:
        with suppress(NotFound):
            return await self._book.get(id)
        return None

    async def queue(self, items: Sequence[ReviewItem]) -> Sequence[ReviewItem]:
        """Put findings before whoever reviews, and record those that are new; they are answered.
        Raises ``RetryLater`` (``audit_unavailable``)."""
        async with self._finding:
            return await self._queue(items)

    async def _queue(self, items: Sequence[ReviewItem]) -> Sequence[ReviewItem]:
        known = await self._book.known([item.id for item in items])
        new = [item for item in items if item.id not in known]
        for item in new:
            await self._record(
                AuditEvent.FINDING_RAISED, ("review", item.id), detector=item.why, week=item.week,
                records=_listed(item.records),
            )  # fmt: skip
        await self._book.put(items)
        return new

    async def _draw(self, week: Week, looks: Sequence[Look]) -> Sequence[ReviewItem]:
        """Lots of a week that is over, once a checkpoint covers it."""
        if not looks:
            return ()
        note = self._log.checkpoint
        head = Checkpoint.parse(note.text) if note else None
        if head is None or head.size <= looks[-1].index:
            return ()
        root, of = head.root.hex(), {look.index: look for look in looks}
        chosen = drawn(root, of, how_many(len(of), self._settings.samples))
        items = [self._sample(week, of[index], len(of), len(chosen)) for index in chosen]
        await self._record(
            AuditEvent.REVIEW_OPENED, ("draw", week.id), root=root, size=head.size,
            since=rfc3339(week.since), until=rfc3339(week.until), looks=len(of),
            records=" ".join(map(str, chosen)), reviews=" ".join(item.id for item in items),
        )  # fmt: skip
        draw = Draw(week.id, root, head.size, len(of), len(chosen), self._clock.now())
        await self._book.drawn(draw, items)
        return items

    def _sample(self, week: Week, look: Look, looks: int, count: int) -> ReviewItem:
        who = look.entry.operator
        words = f"Drawn by lot: one of {count} of {looks} look-ups of the week."
        return self._item(week, Flag(
            "sample", look.person, (who.handle if who else None) or look.person,
            (who.agency if who else None) or "", words, (look.index,), str(look.index),
        ))  # fmt: skip

    def _item(self, week: Week, flag: Flag) -> ReviewItem:
        ground = "\0".join((week.id, flag.detector, flag.person, flag.ground))
        return ReviewItem(
            id=f"V-{hashlib.sha256(ground.encode()).hexdigest()[:12]}", week=week.id,
            why=flag.detector, person=flag.person, handle=flag.handle, agency=flag.agency,
            words=flag.words, records=flag.records, raised=self._clock.now(),
            due=week.until + DUE_AFTER,
        )  # fmt: skip

    async def _record(
        self, event: AuditEvent, about: tuple[str, str], person: Person | None = None,
        outcome: Outcome = Outcome.DONE, **more: audit.Scalar,
    ) -> None:  # fmt: skip
        await self._log.record(
            Entry(
                event=event,
                outcome=outcome,
                operator=operator_of(person) if person else None,
                object=audit.Object(kind=about[0], id=about[1]),
                more=more,
            )
        )


def _listed(records: Sequence[int]) -> str:
    return " ".join(map(str, records[:_SHOWN]))
