"""Reports on what the hub is used for: the public page, drafts for people, disclosure, complaints.

The public page and its files are open to everybody, and read from where the daily chore puts them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.access import About as Asked
from watchfloor.audit import AuditEvent
from watchfloor.contracts import GiveUp, micros, rfc3339
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission
from watchfloor.ports.store import training
from watchfloor.transparency import (
    CONTENT_SECURITY_POLICY,
    CSV,
    DEVICES,
    FOLDER,
    JSON,
    PAGE,
    PDF,
    AnnualReport,
    Answered,
    Cases,
    Complaint,
    Disclosed,
    Disclosures,
    Distribution,
    Figures,
    Profile,
    SubjectOf,
    Technology,
    alert_points,
    annual_report,
    distribution,
    distribution_csv,
    figures_of,
    points_of,
    published,
    supplied,
)
from watchfloor.web.hub import inventory
from watchfloor.web.routes import TIME, Access, Answer, Call, Param, Route, path_param

Moment = Annotated[str, Meta(min_length=20, max_length=40)]
Words = Annotated[str, Meta(min_length=1, max_length=4000, pattern=SAID)]

_AUDIT = "audit"
"""Where the log lies in the data directory."""
_ID = path_param("id", "Its id.", {"type": "string", "pattern": "^C-[0-9]{2}-[0-9]{6,12}$"})
_SINCE = Param("since", "From (RFC 3339).", TIME, required=True)
_UNTIL = Param("until", "Up to; that moment is not in it.", TIME, required=True)


class TechnologyList(Struct):
    """Every source."""

    items: list[Technology]
    next: None = None


class ComplaintList(Struct):
    """Newest first."""

    items: list[Complaint]
    next: None = None


class RecordsRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which records, and for what kind of reader."""

    profile: Profile
    since: Moment
    until: Moment


class CaseRequest(Struct, forbid_unknown_fields=True):
    """Which case or call, by its number."""

    case: Annotated[str, Meta(min_length=1, max_length=64)]


class NewComplaint(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whom it is about, kept sealed, and what it says in words that name nobody."""

    kind: SubjectOf
    value: Annotated[str, Meta(min_length=1, max_length=256)]
    words: Words


class ComplaintAnswer(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was found, and what the resident is told."""

    finding: Answered
    words: Words


def _file(name: str, content_type: str) -> Callable[[Call], Awaitable[web.Response]]:
    async def serve(call: Call) -> web.Response:
        body = await published(_data_dir(call) / FOLDER, name)
        headers = {"Cache-Control": "public, max-age=3600"}
        if name == PAGE:
            headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return web.Response(
            body=body, content_type=content_type, charset=_charset(name), headers=headers
        )

    serve.__name__ = f"transparency_{Path(name).suffix[1:]}"  # the operation's, in the API
    return serve


async def get_use(call: Call) -> Figures:
    """What the hub was used for, counted from the log."""
    return await _figures(call)


async def list_inventory(call: Call) -> TechnologyList:
    """Surveillance technology in use."""
    return TechnologyList(await inventory(call.hub))


async def get_annual(call: Call) -> AnnualReport:
    """A draft of the annual report."""
    used = await _figures(call)
    outcomes = await call.hub.requests.outcomes.figures(micros(used.since), micros(used.until))
    return annual_report(call.hub.settings.name, used, outcomes, await inventory(call.hub))


async def get_distribution(call: Call) -> Distribution:
    """How cameras, readers and alerts are spread over districts, against their residents."""
    return await _distribution(call)


async def get_distribution_csv(call: Call) -> web.Response:
    """The same as a sheet."""
    sheet = distribution_csv(await _distribution(call))
    return web.Response(text=sheet, content_type="text/csv", charset="utf-8")


async def disclose_records(call: Call) -> web.Response:
    """The log of some time, redacted, with its proof."""
    body: RecordsRequest = call.body
    since, until = (_moment(each) for each in (body.since, body.until))
    return await _package(await _disclosures(call).records(body.profile, since, until, call.grant))


async def disclose_case(call: Call) -> web.Response:
    """Everything that was done in a case or for a call, with proofs."""
    hub = call.hub
    cases = Cases(hub.store, hub.audit, hub.door.sealer)
    file = await cases.file(call.body.case, hub.clock.now(), call.grant.scope)
    return await _package(await _disclosures(call).case(file, call.grant))


async def list_complaints(call: Call) -> ComplaintList:
    """Newest first."""
    return ComplaintList(await call.hub.complaints.all())


async def receive_complaint(call: Call) -> Complaint:
    """Write a complaint down."""
    body: NewComplaint = call.body
    return await call.hub.complaints.receive(body.kind, body.value, body.words, call.grant)


async def search_complaint(call: Call) -> Complaint:
    """Count what the log has about whom a complaint is about."""
    return await call.hub.complaints.search(call.params["id"], call.grant)


async def answer_complaint(call: Call) -> Complaint:
    """What was found, and what the resident is told."""
    body: ComplaintAnswer = call.body
    return await call.hub.complaints.answer(call.params["id"], body.finding, body.words, call.grant)


def _disclosures(call: Call) -> Disclosures:
    return Disclosures(call.hub.audit, call.hub.door.sealer, call.hub.clock)


async def _package(given: Disclosed) -> web.Response:
    headers = {"Content-Disposition": 'attachment; filename="disclosure-with-proof.zip"'}
    body = await asyncio.to_thread(given.package)
    return web.Response(body=body, content_type="application/zip", headers=headers)


async def _figures(call: Call) -> Figures:
    since, until = (_moment(call.params[name]) for name in ("since", "until"))
    folder = _data_dir(call) / _AUDIT
    return await asyncio.to_thread(lambda: figures_of(folder, since, until))


async def _distribution(call: Call) -> Distribution:
    store, span = call.hub.store, (_moment(call.params["since"]), _moment(call.params["until"]))
    districts, population = await asyncio.to_thread(supplied, _data_dir(call))
    without = training(call.hub.sources.all())
    assets = await store.assets.all(DEVICES)
    devices = list(points_of(each for each in assets if each["source"] not in without))
    alerts = await alert_points(store, micros(span[0]), micros(span[1]), without)
    return await asyncio.to_thread(distribution, districts, population, devices, alerts, span)


def _data_dir(call: Call) -> Path:
    """Everything of the hub lies beside its basemap."""
    return call.hub.basemap_path.parent


def _charset(name: str) -> str | None:
    return None if name == PDF else "utf-8"


def _moment(text: str) -> str:
    """As the log writes it."""
    try:
        return rfc3339(micros(text))
    except (ValueError, OverflowError):
        raise GiveUp("That is no moment with its offset.", code="bad_parameter") from None


def _one(call: Call) -> Asked:
    return Asked(object=("complaint", call.params["id"]))


_REPORT = Access(Permission.REPORTS_READ, AuditEvent.REPORT_MADE)
_DISCLOSE = Access(
    Permission.DISCLOSURE_MAKE, AuditEvent.AUDIT_EXPORTED, only_shows=True, attended=True
)
_LOOK = Access(Permission.DISCLOSURE_MAKE, AuditEvent.AUDIT_READ)
_LOOK_AT = Access(Permission.DISCLOSURE_MAKE, AuditEvent.AUDIT_READ, about=_one)

ROUTES = (
    Route("GET", "/transparency", "reports", "What the hub was used for: the public page",
          _file(PAGE, "text/html"), session=False,
          answers={200: Answer("The page.", None, "text/html")}),
    Route("GET", "/transparency.json", "reports", "The same as data",
          _file(JSON, "application/json"), session=False,
          answers={200: Answer("The report.", {"type": "object"})}),
    Route("GET", "/transparency.csv", "reports", "The same as a sheet",
          _file(CSV, "text/csv"), session=False,
          answers={200: Answer("A line a figure.", None, "text/csv")}),
    Route("GET", "/transparency.pdf", "reports", "The same on paper",
          _file(PDF, "application/pdf"), session=False,
          answers={200: Answer("PDF/A.", None, "application/pdf")}),
    Route("GET", "/reports/figures", "reports", "Figures of some time", get_use,
          access=_REPORT, params=(_SINCE, _UNTIL), answers={200: Answer("Counts.", Figures)}),
    Route("GET", "/reports/inventory", "reports", "Surveillance technology in use",
          list_inventory, access=_REPORT, answers={200: Answer("Sources.", TechnologyList)}),
    Route("GET", "/reports/annual", "reports", "A draft of the annual report", get_annual,
          access=_REPORT, params=(_SINCE, _UNTIL), answers={200: Answer("Draft.", AnnualReport)}),
    Route("GET", "/reports/distribution", "reports", "Devices and alerts by district and residents",
          get_distribution, access=_REPORT, params=(_SINCE, _UNTIL),
          answers={200: Answer("Districts.", Distribution)}),
    Route("GET", "/reports/distribution.csv", "reports", "The same as a sheet",
          get_distribution_csv, access=_REPORT, params=(_SINCE, _UNTIL),
          answers={200: Answer("A line a district.", None, "text/csv")}),
    Route("POST", "/disclosures/records", "reports", "The log for a records request",
          disclose_records, access=_DISCLOSE, body=RecordsRequest,
          answers={200: Answer("The file and its proof.", None, "application/zip")}),
    Route("POST", "/disclosures/case", "reports", "What was done for a case or a call",
          disclose_case, access=_DISCLOSE, body=CaseRequest,
          answers={200: Answer("The list and its proofs.", None, "application/zip")}),
    Route("GET", "/complaints", "reports", "Complaints", list_complaints,
          access=_LOOK, answers={200: Answer("Complaints.", ComplaintList)}),
    Route("POST", "/complaints", "reports", "Write a complaint down", receive_complaint,
          access=_LOOK, body=NewComplaint, answers={200: Answer("The complaint.", Complaint)}),
    Route("POST", "/complaints/{id}/search", "reports", "Search the log for a complaint",
          search_complaint, access=_LOOK_AT, params=(_ID,),
          answers={200: Answer("With what was found.", Complaint)}),
    Route("POST", "/complaints/{id}/answer", "reports", "Answer a complaint", answer_complaint,
          access=_LOOK_AT, params=(_ID,), body=ComplaintAnswer,
          answers={200: Answer("The complaint.", Complaint)}),
)  # fmt: skip
