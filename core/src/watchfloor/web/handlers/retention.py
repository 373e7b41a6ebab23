"""Retention: the schedule and who agreed to it, the purge, and what proves a deletion."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from watchfloor.access import About, operator_of
from watchfloor.audit import AuditEvent, Entry, Object, Outcome
from watchfloor.contracts import NotFound
from watchfloor.identity import Permission
from watchfloor.retention import (
    RECORDS,
    InForce,
    Preset,
    Progress,
    Schedule,
    preset,
    presets,
    proof_document,
    receipt_document,
)
from watchfloor.web.another import check_another
from watchfloor.web.routes import LIMIT, POSITIVE, Access, Answer, Call, Param, Route, path_param


class Proposal(Struct, forbid_unknown_fields=True):
    """A whole new schedule."""

    document: Schedule


class InForceView(Struct):
    """What counts now. Version 0: nobody chose anything, and the strict defaults count. ``presets``
    are those switched on, each with its citation and the sentence that cautions about it."""

    version: int
    schedule: Schedule
    presets: list[Preset]


class ScheduleView(Struct, kw_only=True):
    """A schedule as somebody proposed it, and who approved it."""

    version: int
    schedule: Schedule
    proposed: str
    proposed_by: str
    approved: str | None
    approved_by: str | None


class TimeLimit(Struct):
    """So long, by this rule."""

    time: str
    rule: str


class PlanLine(Struct, kw_only=True):
    """What counts for one kind of a source's data (no source: the hub's own), or for some handling
    classes of it, and how many records are ``due``: held ones among them, counted to a million."""

    source: str
    kind: str
    handlings: list[str]
    cap: TimeLimit
    floor: TimeLimit | None
    contradiction: bool
    before: str
    due: int
    source_name: str = ""


class ReceiptView(Struct, kw_only=True):
    """That records were held and are deleted. ``root`` is the Merkle root (RFC 6962) over the
    commitments to their ids; none while the purge is under way."""

    no: int
    source: str
    kind: str
    rule: str
    schedule: int
    before: str
    count: int
    oldest: str
    newest: str
    begun: str
    ended: str | None
    root: str | None


class Proof(Struct, kw_only=True):
    """That one record was held and was deleted: checked without a hub by ``watchfloor retention
    receipt check``."""

    receipt: ReceiptView
    at: str
    index: int
    blind: str
    path: list[str]


class PresetList(Struct):
    """What laws and orders say; all off until somebody answers for one."""

    items: list[Preset]
    next: None = None


class ScheduleList(Struct):
    """Every schedule that was proposed, the newest first."""

    items: list[ScheduleView]
    next: None = None


class PlanList(Struct):
    """What counts for everything that there is."""

    items: list[PlanLine]
    next: None = None


class ReceiptList(Struct):
    """Receipts, the newest first. ``next``: give it as ``before`` for the page after it."""

    items: list[ReceiptView]
    next: int | None


async def get_retention(call: Call) -> InForceView:
    """What counts now."""
    return _in_force(call.hub.retention.in_force)


async def list_presets(_: Call) -> PresetList:
    """By jurisdiction, each with its citation and how sure it is."""
    return PresetList(list(presets().values()))


async def get_plan(call: Call) -> PlanList:
    """What counts, and what is due."""
    lines = msgspec.convert(await call.hub.retention.plan(), list[PlanLine])
    names = {each.id: each.name for each in call.hub.sources.all()}
    for line in lines:
        line.source_name = names.get(line.source, line.source)
    return PlanList(lines)


async def list_proposals(call: Call) -> ScheduleList:
    """Those that wait for a second person, and all before."""
    return ScheduleList(await _versions(call))


async def propose_retention(call: Call) -> ScheduleView:
    """It changes nothing until somebody else approves it."""
    body: Proposal = call.body
    document, person = msgspec.json.encode(body.document), call.person
    version = await call.hub.retention.propose(document, person.id, person.handle)
    return next(each for each in await _versions(call) if each.version == version)


async def approve_retention(call: Call) -> InForceView:
    """Put it in force: what is due by it begins to go."""
    version, person = call.params["version"], call.person
    check_another(call, await call.hub.retention.proposer(version))
    in_force = await call.hub.retention.approve(version, person.id, person.handle)
    call.hub.purge.ask()  # it lay down to sleep by the one before
    call.hub.audit.note(
        Entry(
            event=AuditEvent.RETENTION_CHANGED,
            outcome=Outcome.DONE,
            operator=operator_of(person),
            object=Object(kind="retention", id=str(version)),
        )
    )
    return _in_force(in_force)


async def start_purge(call: Call) -> web.Response:
    """Delete what is due now, not at the next hour."""
    body = msgspec.json.encode(call.hub.purge.ask())
    return web.Response(body=body, status=202, content_type="application/json")


async def get_purge(call: Call) -> Progress:
    """The run that is under way, or the last."""
    return call.hub.purge.progress


async def list_receipts(call: Call) -> ReceiptList:
    """What was deleted: how much, from when to when, and under which rule."""
    limit = call.params["limit"]
    found = await call.hub.store.receipts.list(call.params["before"], limit)
    more = len(found) == limit
    return ReceiptList(
        [_view(receipt_document(each)) for each in found], found[-1].no if more else None
    )


async def get_receipt(call: Call) -> ReceiptView:
    """One run's deletions under one rule."""
    return _view(receipt_document(await call.hub.store.receipts.get(call.params["no"])))


async def prove_deletion(call: Call) -> Proof:
    """That a record was held and was deleted."""
    params = call.params
    found = await call.hub.store.receipts.deletion(params["source"], params["id"], params["kind"])
    if found is None:
        raise NotFound(
            "No receipt holds a deletion of that id.",
            code="no_such_receipt",
            remedy="It is kept still, was never held, or its purge is under way.",
        )
    return msgspec.convert(proof_document(found), Proof)


async def _versions(call: Call) -> list[ScheduleView]:
    return msgspec.convert(await call.hub.retention.versions(), list[ScheduleView])


def _in_force(found: InForce) -> InForceView:
    switched_on = [preset(each.preset) for each in found.schedule.presets]
    return InForceView(found.version, found.schedule, switched_on)


def _view(document: dict[str, Any]) -> ReceiptView:
    return msgspec.convert(document, ReceiptView)


def _approved(call: Call) -> About:
    return About(object=("retention", str(call.params["version"])))


def _sought(call: Call) -> About:
    """Whose deletion is proven stands in the record sealed: it is to be forgotten in its time."""
    return About(object=("receipts", None), subject=("record", call.params["id"]))


_READ = Access(Permission.RETENTION_READ, AuditEvent.SETTING_VIEWED)

ROUTES = (
    Route("GET", "/retention", "retention", "What is kept for how long", get_retention,
          access=_READ, answers={200: Answer("The schedule in force.", InForceView)}),
    Route("GET", "/retention/presets", "retention", "What laws and orders say", list_presets,
          access=_READ, answers={200: Answer("Presets.", PresetList)}),
    Route("GET", "/retention/plan", "retention", "What counts for what there is, and what is due",
          get_plan, access=_READ, answers={200: Answer("A line a kind.", PlanList)}),
    Route("GET", "/retention/proposals", "retention", "Every schedule that was proposed",
          list_proposals,
          access=_READ, answers={200: Answer("The newest first.", ScheduleList)}),
    Route("POST", "/retention/proposals", "retention", "Propose a schedule", propose_retention,
          access=Access(Permission.RETENTION_CHANGE, AuditEvent.RETENTION_PROPOSED),
          body=Proposal, answers={200: Answer("It waits for a second person.", ScheduleView)}),
    Route("POST", "/retention/proposals/{version}/approve", "retention",
          "Put a schedule in force that somebody else proposed", approve_retention,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.RETENTION_APPROVED,
                        about=_approved, fresh=True),
          params=(path_param("version", "Its number.", POSITIVE),),
          answers={200: Answer("The schedule in force.", InForceView)}),
    Route("POST", "/retention/purge", "retention", "Delete now what is due", start_purge,
          access=Access(Permission.RETENTION_CHANGE, AuditEvent.DATA_PURGED),
          answers={202: Answer("How far it is.", Progress)}),
    Route("GET", "/retention/purge", "retention", "How far the purge is", get_purge,
          access=_READ, answers={200: Answer("The run under way, or the last.", Progress)}),
    Route("GET", "/retention/receipts", "retention", "What was deleted", list_receipts,
          access=_READ, params=(Param("before", "Before this number.", POSITIVE), LIMIT),
          answers={200: Answer("Receipts.", ReceiptList)}),
    Route("GET", "/retention/receipts/{no}", "retention", "One receipt", get_receipt,
          access=_READ, params=(path_param("no", "Its number.", POSITIVE),),
          answers={200: Answer("The receipt.", ReceiptView)}),
    Route("GET", "/retention/proof", "retention", "That a record was held and was deleted",
          prove_deletion,
          access=Access(Permission.RETENTION_READ, AuditEvent.SETTING_VIEWED, about=_sought),
          params=(Param("source", "Who delivered it; without, it was the hub's own.", default=""),
                  Param("id", "The event's own id; a record's number.", required=True),
                  Param("kind", "For other records than events.",
                        {"type": "string", "enum": sorted(RECORDS)})),
          answers={200: Answer("The proof.", Proof)}),
)  # fmt: skip
