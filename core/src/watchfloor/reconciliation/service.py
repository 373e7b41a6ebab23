"""Every day to each vendor that has a log or settings to show: pull, keep, compare, tell."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from watchfloor import audit
from watchfloor.audit import AuditEvent, AuditLog, Entry, Outcome, Sealer
from watchfloor.contracts import (
    Capability,
    NotFound,
    VendorLook,
    WatchfloorError,
    micros,
    rfc3339,
)
from watchfloor.hosting import Catalogue, Supervisor
from watchfloor.oversight import Oversight, week_of
from watchfloor.ports.store import (
    Instance,
    KeptLog,
    KeptLook,
    Micros,
    ReviewItem,
    SharingState,
    Store,
)
from watchfloor.ports.world import Clock
from watchfloor.sources import Repair

from .asking import asked_between
from .comparing import TOLERANCE, Finding, compare
from .drift import drifted, looked_at
from .repairing import is_late, vendor_repairs

HOUR: Micros = 3600 * 1_000_000
DAILY: Micros = 20 * HOUR
"""With a look every hour, whatever happens at a vendor is seen within a day."""
AGAIN: Micros = HOUR
"""After a visit that failed."""
FIRST: Micros = 24 * HOUR
"""How far back a log is read the first time."""
OVERLAP: Micros = 24 * HOUR
"""Read again each time: rows may come late. What is there is not kept twice."""
DUE: Micros = 24 * HOUR
"""By when somebody has to have looked at a finding."""
_FIRST_S = 120
_PAGES = 100
_SAYS = ("user", "organisation", "subject", "reason", "case_number")

log = logging.getLogger(__name__)


class LogView(Struct, kw_only=True):
    """How a source's log stands: whole up to ``until``, with so many rows kept, held against the
    hub's own up to ``compared``; ``fields`` are the most that it ever had; ``problem`` is why it
    could not be read the last time, ``late`` that it is too old."""

    source: str
    until: str
    compared: str
    tried: str
    late: bool
    rows: int
    fields: list[str]
    problem: str | None
    detail: str


class SharingView(Struct, kw_only=True):
    """One setting at a vendor: as it was found (none: it is not shown any more) and since when, and
    as two people approved it. ``drifted``: it is open, and not as approved."""

    source: str
    name: str
    title: str
    found: str | None
    since: str
    looked: str
    approved: str | None
    approved_at: str | None
    approved_by: str | None
    drifted: bool


class Reconciliation:
    """One hub's. ``sources`` are the configured ones."""

    def __init__(
        self, sources: Callable[[], Sequence[Instance]], catalogue: Catalogue,
        supervisor: Supervisor, store: Store, audit_log: AuditLog, sealer: Sealer,
        oversight: Oversight, clock: Clock, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self._sources = sources
        self._catalogue = catalogue
        self._supervisor = supervisor
        self._side = store.vendor_side
        self._ledger = store.ledger
        self._log = audit_log
        self._sealer = sealer
        self._oversight = oversight
        self._clock = clock
        self._zone = zone

    async def keep(self) -> None:
        """Visit whoever is due every hour, until cancelled. What goes wrong is kept and told, and
        tried again."""
        await asyncio.sleep(_FIRST_S)
        while True:
            try:
                await self.sweep()
            except WatchfloorError as error:
                log.warning("Vendors' logs could not be compared: %s", error.code)
            await asyncio.sleep(HOUR / 1_000_000)

    async def sweep(self, *, now: bool = False) -> Sequence[ReviewItem]:
        """Visit every vendor that is due (with ``now`` every one); the findings that are new.
        Raises ``RetryLater`` (``audit_unavailable``)."""
        logs = {kept.id: kept for kept in await self._side.logs()}
        new: list[ReviewItem] = []
        for source in self._sources():
            can = self._can(source) & {"audit_log", "sharing"}
            if can and source.enabled and (now or self._is_due(logs.get(source.id))):
                new += await self._visit(source.id, can, logs.get(source.id))
        return new

    async def logs(self) -> list[LogView]:
        """How each vendor's log stands."""
        now = self._clock.now()
        return [
            LogView(
                source=kept.id, until=rfc3339(kept.until), compared=rfc3339(kept.compared),
                tried=rfc3339(kept.tried), late=is_late(kept, now), rows=kept.rows,
                fields=list(kept.fields), problem=kept.problem, detail=kept.detail,
            )
            for kept in await self._side.logs()
        ]  # fmt: skip

    async def looks(self, source: str, since: Micros, until: Micros) -> Sequence[KeptLook]:
        """Rows of a vendor's log that were kept."""
        return await self._side.looks(source, since, until)

    async def sharing(self) -> list[SharingView]:
        """Every setting at every vendor."""
        return [_sharing_view(state) for state in await self._side.sharing()]

    async def approve(self, source: str, name: str, value: str, by: str) -> SharingView:
        """Two people approved how something shall be set at a vendor; ``by`` is who asked for it.
        Raises ``NotFound`` (``no_such_setting``)."""
        now = self._clock.now()

        def approved(known: Sequence[SharingState]) -> list[SharingState]:
            return [
                replace(state, approved=value, approved_at=now, approved_by=by)
                for state in known
                if state.name == name
            ]

        changed = await self._side.change_sharing(source, approved)
        if not changed:
            raise NotFound("The vendor has shown no such setting.", code="no_such_setting")
        return _sharing_view(changed[0])

    async def repairs(self, names: Mapping[str, str]) -> list[Repair]:
        """What is to be mended at vendors."""
        logs, states = await self._side.logs(), await self._side.sharing()
        return list(vendor_repairs(logs, states, names, self._clock.now()))

    def _can(self, source: Instance) -> set[Capability]:
        try:
            return set(self._catalogue.manifest(source.connector).capabilities)
        except WatchfloorError:  # not installed any more, a push source, a broken manifest
            return set()

    def _is_due(self, kept: KeptLog | None) -> bool:
        if kept is None:
            return True
        return self._clock.now() - kept.tried >= (AGAIN if kept.problem else DAILY)

    async def _visit(
        self, source: str, can: set[Capability], before: KeptLog | None
    ) -> Sequence[ReviewItem]:
        now = self._clock.now()
        kept = before or KeptLog(
            id=source, until=now - FIRST, compared=now - FIRST, tried=now - FIRST, rows=0, fields=()
        )
        kept = replace(kept, until=min(kept.until, now))
        found: list[Finding] = []
        try:
            if "sharing" in can:
                found += await self._look_at_sharing(source)
            if "audit_log" in can:
                kept, differing = await self._pull(source, kept)
                found += differing
            kept = replace(kept, problem=None, detail="")
        except WatchfloorError as error:
            kept = replace(kept, problem=error.code, detail=error.detail)
        new = await self._raise(source, found)  # first: what cannot be told is found again
        await self._side.keep((), replace(kept, tried=now))
        return new

    async def _look_at_sharing(self, source: str) -> list[Finding]:
        settings = (await self._supervisor.sharing(source)).settings
        now = self._clock.now()
        states = await self._side.change_sharing(
            source, lambda known: looked_at(source, known, settings, now)
        )
        return [_not_approved(state) for state in drifted(states)]

    async def _pull(self, source: str, before: KeptLog) -> tuple[KeptLog, list[Finding]]:
        """What is new in the vendor's log, kept, and compared as far as both logs are whole."""
        kept, now, unreadable = before, self._clock.now(), 0
        columns: Sequence[str] | None = None
        since = min(before.until, before.compared) - OVERLAP
        for _ in range(_PAGES):
            page = await self._supervisor.audit_log(source, _moment(since))
            await self._side.keep([await self._kept(source, row) for row in page.rows], before)
            until = min(micros(page.until.isoformat()), now)
            fields = sorted({*kept.fields, *page.fields})
            kept = replace(kept, until=max(kept.until, until), fields=fields)
            columns = page.fields if page.rows else columns
            unreadable = max(unreadable, page.unreadable)
            if not since < until < now:
                break
            since = until
        compared = max(before.compared, kept.until - TOLERANCE)
        found = await self._compared(source, before.compared, compared, before.visited)
        found += _thinner(before, columns, unreadable)
        await self._record(
            AuditEvent.VENDOR_LOG_COMPARED, source, findings=len(found),
            since=rfc3339(before.compared), until=rfc3339(compared),
        )  # fmt: skip
        return replace(kept, compared=compared, visited=self._clock.now()), found

    async def _compared(
        self, source: str, since: Micros, until: Micros, visited: Micros
    ) -> list[Finding]:
        around = (since - OVERLAP - TOLERANCE, until + TOLERANCE)
        asked = await asked_between(self._log, self._sealer, self._ledger, source, *around)
        looks = await self._side.looks(source, *around)
        late = {look.id for look in looks if look.at < since and look.pulled > visited}
        return await asyncio.to_thread(compare, asked, looks, since, until, late)

    async def _kept(self, source: str, row: VendorLook) -> KeptLook:
        """Whom it was about stands in it sealed, as in a record of the audit log."""
        subject = (row.subject_kind, row.subject)
        known = row.subject_kind is not None and row.subject is not None
        whole = await self._sealer.seal("vendor_look", msgspec.json.encode(row).decode())
        return KeptLook(
            id=f"{source}/{row.id}", source=source, at=micros(row.at.isoformat()),
            pulled=self._clock.now(), user=row.user, organisation=row.organisation,
            case_number=row.case_number, record=row.record,
            key=await self._sealer.joining(*subject) if known else None,  # type: ignore[arg-type]
            says=tuple(name for name in _SAYS if getattr(row, name)),
            sealed=msgspec.to_builtins(whole),
        )  # fmt: skip

    async def _raise(self, source: str, found: Sequence[Finding]) -> Sequence[ReviewItem]:
        """Into the queue that whoever watches over misuse works through."""
        now = self._clock.now()
        week = week_of(now, self._zone).id
        items = [_item(source, week, finding, now) for finding in found]
        new = await self._oversight.queue(items)
        for item in new:
            if item.why == "sharing":
                await self._record(AuditEvent.VENDOR_SETTING_FOUND, source, words=item.words)
        return new

    async def _record(self, event: AuditEvent, source: str, **more: audit.Scalar) -> None:
        about = audit.Object(kind="source", id=source)
        await self._log.record(Entry(event=event, outcome=Outcome.DONE, object=about, more=more))


def _thinner(before: KeptLog, columns: Sequence[str] | None, unreadable: int) -> list[Finding]:
    """The log as a whole says less than it did. ``columns`` are those of the newest rows."""
    found = []
    if columns is not None and (lost := sorted(set(before.fields) - set(columns))):
        words = f"The vendor's log has no column any more for: {', '.join(lost)}."
        found.append(Finding("log_thinned", words, " ".join(lost)))
    if unreadable:
        words = f"{unreadable} rows of the vendor's log cannot be read."
        found.append(Finding("log_unreadable", words, str(unreadable)))
    return found


def _not_approved(state: SharingState) -> Finding:
    approved = f"approved is “{state.approved}”" if state.approved else "nobody approved it"
    words = f"{state.title}: “{state.found}” at the vendor; {approved}."
    return Finding("sharing", words, f"{state.name}\0{state.found}\0{state.since}")


def _item(source: str, week: str, finding: Finding, now: Micros) -> ReviewItem:
    """The same finding is the same item, in whatever week it is found again. Of whom it is, person
    or source, stands beside its words."""
    ground = "\0".join(("vendor", source, finding.why, finding.ground))
    words = f"{source}: {finding.words}" if finding.handle else finding.words
    return ReviewItem(
        id=f"V-{hashlib.sha256(ground.encode()).hexdigest()[:12]}", week=week, why=finding.why,
        person=finding.person, handle=finding.handle or source, agency=finding.agency,
        words=words, records=finding.records, raised=now, due=now + DUE,
    )  # fmt: skip


def _sharing_view(state: SharingState) -> SharingView:
    at = state.approved_at
    return SharingView(
        source=state.source, name=state.name, title=state.title, found=state.found,
        since=rfc3339(state.since), looked=rfc3339(state.looked), approved=state.approved,
        approved_at=rfc3339(at) if at is not None else None, approved_by=state.approved_by,
        drifted=bool(drifted([state])),
    )  # fmt: skip


def _moment(at: Micros) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, UTC)
