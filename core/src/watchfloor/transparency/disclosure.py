"""What leaves the house about the hub's own use: the log for a records request, and everything that
was done in one case for its defence. Each is a file whose hash stands in the log, with the proof.

The same question gives the same file, byte by byte, whoever asks it and when; but for alerts that
policy does not show whoever hands them out, whose words are not in their case's file.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from msgspec import Struct

from watchfloor.access import Grant, operator_of
from watchfloor.audit import (
    ATTEMPT,
    PAGE,
    AuditEvent,
    AuditLog,
    Entry,
    Numbered,
    Object,
    Outcome,
    Sealer,
    Where,
    encode,
    leaf_hash,
)
from watchfloor.contracts import AskAPerson, NotFound, micros
from watchfloor.ports.world import Clock

from .cases import CaseFile, case_records
from .redaction import Profile, Pseudonyms, redacted
from .sheets import csv_of

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""A ZIP's first day: the file's own time says nothing, and must not differ."""
PROOF = "proof.tlog-proof"
CONTENT = "disclosure.zip"

_json = msgspec.json.Encoder(order="deterministic").encode


class Disclosed(Struct, frozen=True):
    """A file, its SHA-256 (hex), how many records are in it, and proofs by name
    (c2sp.org/tlog-proof): ``PROOF`` that its handing out is in the log, to be checked by
    ``watchfloor audit verify PROOF --key KEY --of FILE``, and those of single records."""

    content: bytes
    sha256: str
    count: int
    proofs: dict[str, bytes]

    def package(self) -> bytes:
        """File and proofs together."""
        return packed({CONTENT: self.content, **self.proofs})


class Disclosures:
    """Makes them."""

    def __init__(self, audit: AuditLog, sealer: Sealer, clock: Clock) -> None:
        self._audit = audit
        self._sealer = sealer
        self._clock = clock

    async def records(self, profile: Profile, since: str, until: str, grant: Grant) -> Disclosed:
        """The log of some time (RFC 3339) as one kind of reader sees it, oldest first. Raises
        ``AskAPerson`` (``not_over``) for a time that still gains records, ``NotFound``."""
        self._check_over(until)
        which = f"{profile}/{micros(since)}/{micros(until)}"
        key = await self._sealer.joining("disclosure", which)
        pseudonyms = Pseudonyms(bytes.fromhex(key))
        where = Where(since=since, until=until)
        pages, count, places = await self._surveyed(where)
        if not count:
            raise NotFound(
                "There are no records of that time.",
                code="nothing_to_disclose",
                remedy="Check the time.",
            )
        archive = io.BytesIO()
        with (
            ZipFile(archive, "w") as zipped,
            zipped.open(_member("records.jsonl"), "w", force_zip64=True) as file,
        ):
            for before in reversed(pages):
                page = await self._audit.read(where, before, PAGE)
                await asyncio.to_thread(
                    lambda items: file.write(_lines(items, places, profile, pseudonyms)), page.items
                )
        made, what = AuditEvent.EXPORT_MADE, ("records", which)
        return await self._handed_out(made, archive.getvalue(), count, what, grant)

    async def case(self, file: CaseFile, grant: Grant) -> Disclosed:
        """Every search, look-up, view, alert and discarded lead of a case, or of work for a call,
        each record with its proof. Raises ``NotFound``."""
        found = await case_records(self._audit, file)
        if not found and not file.alerts and not file.leads:
            raise NotFound(
                "No request has this number, and no record.",
                code="nothing_to_disclose",
                remedy="Write the number of the case or the call as its own system does.",
            )
        rows = [await self._row(each, file) for each in found]
        content = await asyncio.to_thread(_case_file, file, found, rows)
        made, what = AuditEvent.DISCLOSURE_MADE, ("case", file.case)
        given = await self._handed_out(made, content, len(found), what, grant)
        proofs = {
            f"proofs/{each.index}.tlog-proof": bytes(await self._audit.proof(each.index))
            for each in found
        }
        return msgspec.structs.replace(given, proofs={**given.proofs, **proofs})

    async def _row(self, each: Numbered, file: CaseFile) -> dict[str, Any]:
        entry = each.entry
        purpose = entry.purpose
        return {
            "index": each.index,
            "at": entry.at,
            "what": entry.event.value,
            "outcome": entry.outcome.value,
            "refused_because": _refused_because(entry),
            "who": entry.operator.handle or entry.operator.id if entry.operator else None,
            "for": entry.on_behalf_of.agency if entry.on_behalf_of else None,
            "about": await self._opened(entry),
            "seen": _seen(entry.object),
            "since": entry.lookback.since if entry.lookback else None,
            "until": entry.lookback.until if entry.lookback else None,
            "found": file.answers.get(entry.id, entry.count),
            "purpose": purpose.code if purpose else None,
            "request": purpose.request if purpose else None,
        }

    async def _opened(self, entry: Entry) -> str | None:
        if entry.subject is None:
            return None
        try:
            return await self._sealer.open(entry.subject)
        except NotFound:
            return "sealed: the key of that month has been destroyed"

    async def _surveyed(self, where: Where) -> tuple[list[int | None], int, dict[str, int]]:
        """Where the pages begin, newest first; how many records there are; and the places of those
        that came to nothing afterwards, by their ids. A page is held at a time."""
        pages: list[int | None] = []
        places: dict[str, int] = {}
        count, before, in_vain = 0, None, set[str]()
        async for each in self._audit.each(where):
            if count % PAGE == 0:
                pages.append(before)
            count, before = count + 1, each.index
            in_vain.add(each.entry.attempt or "")
            if each.entry.id in in_vain:
                places[each.entry.id] = each.index
        return pages, count, places

    async def _handed_out(
        self, event: AuditEvent, content: bytes, count: int, what: tuple[str, str], grant: Grant
    ) -> Disclosed:
        digest = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
        receipt = await self._audit.record(
            Entry(
                event=event,
                outcome=Outcome.DONE,
                operator=operator_of(grant.person),
                object=Object(kind=what[0], id=what[1]),
                count=count,
                sha256=digest,
            )
        )
        proof = await self._audit.proof(receipt.index)
        return Disclosed(content, digest, count, {PROOF: bytes(proof)})

    def _check_over(self, until: str) -> None:
        if micros(until) > self._clock.now():
            raise AskAPerson(
                "That time is not over: more records will belong to it.",
                code="not_over",
                remedy="Choose an end that lies in the past.",
            )


_COLUMNS: Sequence[str] = (
    "index", "at", "what", "outcome", "refused_because", "who", "for", "about", "seen", "since",
    "until", "found", "purpose", "request",
)  # fmt: skip
_ALERT_COLUMNS = ("alert", "raised", "rule", "title", "hot_list", "verification")
_LEAD_COLUMNS = ("request", "alert", "asked", "title", "outcome", "note")


def _lines(
    page: Sequence[Numbered], places: Mapping[str, int], profile: Profile, pseudonyms: Pseudonyms
) -> bytes:
    """A record a line, oldest first."""
    return b"".join(
        _json({"index": each.index, "hash": leaf_hash(encode(each.entry)).hex(),
               **_in_vain(each.entry, places),
               "record": redacted(each.entry, profile, pseudonyms)}) + b"\n"
        for each in reversed(page)
    )  # fmt: skip


def _case_file(file: CaseFile, found: Sequence[Numbered], rows: Sequence[dict[str, Any]]) -> bytes:
    return packed({
        "case.json": msgspec.json.format(
            _json({"case": file.case, "requests": list(file.requests), "records": rows,
                   "alerts": file.alerts, "leads": file.leads}), indent=1),
        "case.csv": _sheet(_COLUMNS, rows),
        "alerts.csv": _sheet(_ALERT_COLUMNS, file.alerts),
        "leads.csv": _sheet(_LEAD_COLUMNS, file.leads),
        **{f"records/{each.index}.json": encode(each.entry) for each in found},
    })  # fmt: skip


def _sheet(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    return csv_of(columns, [[row.get(column) for column in columns] for row in rows]).encode()


def _refused_because(entry: Entry) -> str | None:
    if entry.decision is None or entry.outcome is not Outcome.DENIED:
        return None
    return entry.decision.reason


def _in_vain(entry: Entry, places: Mapping[str, int]) -> dict[str, int]:
    """Of a record that something came to nothing: which one it was begun by."""
    place = places.get(entry.attempt or "")
    return {} if place is None else {ATTEMPT: place}


def _seen(what: Object | None) -> str | None:
    """``events/6336``: what was opened, by its place in the API."""
    return f"{what.kind}/{what.id}" if what and what.id else None


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive that is the same for the same files."""
    archive = io.BytesIO()
    with ZipFile(archive, "w") as zipped:
        for name in sorted(files):
            zipped.writestr(_member(name), files[name])
    return archive.getvalue()


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name, _EPOCH)
    info.compress_type = ZIP_DEFLATED
    return info
