"""The audit log, for those who oversee: reading it, proving a record, opening what is sealed."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.access import About, operator_of
from watchfloor.audit import (
    AuditEvent,
    Cosigned,
    Entry,
    Inspected,
    Object,
    Outcome,
    Sealed,
    Where,
)
from watchfloor.audit.export import Exported
from watchfloor.audit.export import export as write_export
from watchfloor.contracts import GiveUp, NotFound, micros, rfc3339
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission
from watchfloor.web.lines import send_file
from watchfloor.web.routes import LIMIT, TIME, Access, Answer, Call, Param, Route, path_param

_INDEX = path_param("index", "The record's place in the log.", {"type": "integer", "minimum": 0,
                                                                 "maximum": 2**53 - 1})  # fmt: skip


class Record(Struct):
    """A record and its place in the log."""

    index: int
    entry: Entry


class RecordList(Struct):
    """Records, newest first. ``next``: give it as ``cursor`` for the page after it."""

    items: list[Record]
    next: int | None


class Witnessed(Struct, kw_only=True):
    """A witness: how many records it has cosigned and when; the code of why it does not."""

    name: str
    size: int
    at: str | None
    problem: str | None


class AuditTrouble(Struct):
    """Something that is wrong with the log."""

    code: str
    fault: str
    detail: str
    remedy: str
    since: str


class AuditState(Struct, kw_only=True):
    """How the log fares, and what anybody needs to check it."""

    size: int
    healthy: bool
    since: str
    reason: str
    key: str
    """The verifier key (c2sp.org/signed-note)."""
    checkpoint: str | None
    """The last that was signed, as text."""
    witness_key: str
    """The key by which this hub cosigns others' logs (c2sp.org/tlog-cosignature)."""
    witnesses: list[Witnessed]
    """Who cosigns this log."""
    inspected: Inspected | None
    """What the daily check of all copies found last."""
    troubles: list[AuditTrouble]
    """All that is wrong now, the worst first."""


class Why(Struct, forbid_unknown_fields=True):
    """Why a sealed value is opened: it stands in the log itself."""

    reason: Annotated[str, Meta(min_length=10, max_length=1000, pattern=SAID)]


class Opened(Struct):
    """What was sealed. A value is ``null`` when the key of its month has been destroyed."""

    subject: str | None
    asked: str | None
    reason: str | None


async def list_records(call: Call) -> RecordList:
    """Records, newest first."""
    params = call.params
    names = ("operator", "event", "outcome", "purpose", "case", "since", "until")
    where = Where(request=params["of_request"], **{name: params[name] for name in names})
    page = await call.hub.audit.read(where, params["cursor"], params["limit"])
    return RecordList([Record(each.index, each.entry) for each in page.items], page.next)


async def get_record(call: Call) -> Record:
    """One record."""
    return await _record(call)


async def get_proof(call: Call) -> web.Response:
    """That a record is in the log, for whoever has its key (c2sp.org/tlog-proof)."""
    proof = await call.hub.audit.proof(call.params["index"])
    name = f"audit-{call.params['index']}.tlog-proof"
    return web.Response(
        body=bytes(proof),
        content_type="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def export(call: Call) -> web.StreamResponse:
    """The records of some time with their proof, as ``watchfloor audit export`` writes them:
    whoever has the log's public key checks them, on any machine. What is sealed stays sealed."""
    audit = call.hub.audit
    await audit.proof(audit.size - 1)  # so that all of them are signed
    since, until = (_moment(call.params[name]) for name in ("since", "until"))
    log = call.hub.basemap_path.parent / "audit"
    with tempfile.TemporaryDirectory() as scratch:
        package, done = await asyncio.to_thread(_packed, log, Path(scratch), since, until)
        name = f"audit-{since[:10]}-to-{until[:10]}.zip"
        count = done.next - done.first
        return await send_file(call, package, name, "application/zip", count)


async def get_state(call: Call) -> AuditState:
    """How the log fares."""
    log, custody = call.hub.audit, call.hub.custody
    health, checkpoint = log.health, log.checkpoint
    return AuditState(
        size=log.size,
        healthy=health.healthy,
        since=rfc3339(health.since),
        reason=health.reason,
        key=log.key,
        checkpoint=bytes(checkpoint).decode() if checkpoint else None,
        witness_key=custody.witness.key,
        witnesses=[_witnessed(each) for each in custody.cosigners.standing],
        inspected=custody.inspector.last,
        troubles=[
            AuditTrouble(each.code, each.fault, each.detail, each.remedy, rfc3339(each.since))
            for each in custody.troubles()
        ],
    )


def _witnessed(standing: Cosigned) -> Witnessed:
    at = None if standing.at is None else rfc3339(standing.at)
    return Witnessed(name=standing.witness, size=standing.size, at=at, problem=standing.problem)


async def unseal(call: Call) -> Opened:
    """Open what is sealed in a record. Who did, and why, is recorded before."""
    record = await _record(call)
    entry = record.entry
    reason = await call.hub.door.sealer.seal("reason", call.body.reason)
    await call.hub.audit.record(
        Entry(
            event=AuditEvent.AUDIT_UNSEALED,
            outcome=Outcome.DONE,
            operator=operator_of(call.person),
            session=call.signed_in.id,
            object=Object(kind="record", id=str(record.index)),
            subject=reason,
        )
    )
    asked, why = (entry.purpose.asked, entry.purpose.reason) if entry.purpose else (None, None)
    return Opened(
        subject=await _open(call, entry.subject),
        asked=await _open(call, asked),
        reason=await _open(call, why),
    )


def _packed(log: Path, scratch: Path, since: str, until: str) -> tuple[Path, Exported]:
    folder = scratch / "audit"
    done = write_export(log, folder, since, until)
    return Path(shutil.make_archive(str(folder), "zip", scratch, folder.name)), done


def _moment(text: str) -> str:
    """As the log writes it."""
    try:
        return rfc3339(micros(text))
    except (ValueError, OverflowError):
        raise GiveUp("That is no moment with its offset.", code="bad_parameter") from None


async def _open(call: Call, sealed: Sealed | None) -> str | None:
    if sealed is None:
        return None
    try:
        return await call.hub.door.sealer.open(sealed)
    except NotFound:
        return None


async def _record(call: Call) -> Record:
    index = call.params["index"]
    page = await call.hub.audit.read(before=index + 1, limit=1)
    for each in page.items:
        if each.index == index:
            return Record(each.index, each.entry)
    raise NotFound(f"There is no audit record {index}.")


def _one(call: Call) -> About:
    return About(object=("record", str(call.params["index"])))


def _stretch(call: Call) -> About:
    return About(more={name: str(call.params[name]) for name in ("since", "until")})


_READ = Access(Permission.AUDIT_READ, AuditEvent.AUDIT_READ)

ROUTES = (
    Route("GET", "/audit", "audit", "What was done", list_records,
          access=_READ,
          params=(Param("operator", "By whom: the person's id."), Param("event", "What."),
                  Param("outcome", "How it ended.", {"enum": [each.value for each in Outcome]}),
                  Param("purpose", "For which purpose: its code."),
                  Param("case", "For which case."),
                  Param("of_request", "For which request."), Param("since", "From.", TIME),
                  Param("until", "To.", TIME), LIMIT,
                  Param("cursor", "Where the last page ended.",
                        {"type": "integer", "minimum": 0, "maximum": 2**53 - 1})),
          answers={200: Answer("Newest first.", RecordList)}),
    Route("GET", "/audit/state", "audit", "How the log fares", get_state,
          access=_READ, answers={200: Answer("The log.", AuditState)}),
    Route("GET", "/audit/export", "audit", "The records of some time, with their proof", export,
          access=Access(Permission.AUDIT_READ, AuditEvent.AUDIT_EXPORTED, about=_stretch),
          params=(Param("since", "From.", TIME, required=True),
                  Param("until", "Up to; that moment is not in it.", TIME, required=True)),
          answers={200: Answer("A folder that anybody can check.", None, "application/zip")}),
    Route("GET", "/audit/{index}", "audit", "One record", get_record,
          access=Access(Permission.AUDIT_READ, AuditEvent.AUDIT_READ, about=_one),
          params=(_INDEX,), answers={200: Answer("The record.", Record)}),
    Route("GET", "/audit/{index}/proof", "audit", "That a record is in the log", get_proof,
          access=Access(Permission.AUDIT_READ, AuditEvent.AUDIT_READ, about=_one),
          params=(_INDEX,), answers={200: Answer("A proof.", None, "text/plain")}),
    Route("POST", "/audit/{index}/unseal", "audit", "Open what is sealed in a record", unseal,
          access=Access(Permission.AUDIT_READ, AuditEvent.AUDIT_READ, about=_one, fresh=True,
                        only_shows=True),
          params=(_INDEX,), body=Why, answers={200: Answer("What was sealed.", Opened)}),
)  # fmt: skip
