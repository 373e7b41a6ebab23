"""Around requests: what they may be for, who asks, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from watchfloor.audit import AuditEvent
from watchfloor.contracts import PURPOSES, GiveUp, PurposeKind, micros
from watchfloor.identity import Permission
from watchfloor.policy import TOPICS, NamedTopic
from watchfloor.ports.store import Agency, AgencyKind, PastOutcome
from watchfloor.requests import Figures, PastRow
from watchfloor.web.handlers.search import moment
from watchfloor.web.routes import TIME, Access, Answer, Call, Param, Route, path_param

MAX_IMPORT = 64 * 1024 * 1024

NAME = path_param("id", "Its id.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"})


class PurposeList(Struct):
    """What a request may be for. ``topics`` are what it may have to be declared to be about, with
    the words by which they are known."""

    items: list[PurposeKind]
    topics: Sequence[NamedTopic] = TOPICS
    next: None = None


class NewAgency(Struct, kw_only=True, forbid_unknown_fields=True):
    """An agency that asks. ``state`` is ISO 3166-2, such as ``US-LA``."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: AgencyKind
    ori: Annotated[str, Meta(pattern="^[A-Z0-9]{9}$")] | None = None
    state: Annotated[str, Meta(pattern="^[A-Z]{2}-[A-Z0-9]{1,3}$")] | None = None


class AgencyList(Struct):
    """Who asks, by name."""

    items: list[Agency]
    next: None = None


class PastOutcomes(Struct, forbid_unknown_fields=True):
    """Rows of the time before this hub."""

    rows: Annotated[list[PastRow], Meta(max_length=1_000_000)]


async def list_purposes(call: Call) -> PurposeList:  # noqa: ARG001
    """Every purpose and what has to be said with it, in the order of a form."""
    return PurposeList(list(PURPOSES.values()))


async def get_figures(call: Call) -> Figures:
    """What was asked in an interval, and what came of it."""
    since = moment(call.params["since"], 0)
    until = moment(call.params["until"], call.hub.clock.now())
    return await call.hub.requests.outcomes.figures(since, until)


async def put_past(call: Call) -> dict[str, int]:
    """Put an import in the place of the one of the same name; how many rows it has."""
    try:
        rows = [PastOutcome(micros(row.opened), *row[1:]) for row in call.body.rows]
    except ValueError:
        raise GiveUp("“opened” is no moment with its offset.", code="bad_moment") from None
    await call.hub.requests.outcomes.put_past(call.params["id"], rows)
    return {"rows": len(rows)}


async def list_agencies(call: Call) -> AgencyList:
    """Who asks."""
    return AgencyList(list(await call.hub.requests.agencies.all()))


async def put_agency(call: Call) -> Agency:
    """Add one, or change it."""
    body: NewAgency = call.body
    agency = Agency(call.params["id"], body.name, body.kind, body.ori, body.state)
    await call.hub.requests.agencies.put(agency)
    return agency


ROUTES = (
    Route("GET", "/purposes", "requests", "What a request may be for", list_purposes,
          access=Access(Permission.REQUESTS_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Purposes.", PurposeList)}),
    Route("GET", "/requests/figures", "requests", "What came of requests", get_figures,
          access=Access(Permission.REPORTS_READ, AuditEvent.REPORT_MADE),
          params=(Param("since", "From this moment on.", TIME),
                  Param("until", "Before this moment.", TIME)),
          answers={200: Answer("Counts.", Figures)}),
    Route("PUT", "/requests/past/{id}", "requests", "Import outcomes of the time before", put_past,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.SETTING_CHANGED),
          params=(NAME,), body=PastOutcomes, max_body=MAX_IMPORT,
          answers={200: Answer("How many rows.", {"type": "object"})}),
    Route("GET", "/agencies", "requests", "Agencies that ask", list_agencies,
          access=Access(Permission.REQUESTS_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Agencies.", AgencyList)}),
    Route("PUT", "/agencies/{id}", "requests", "Add an agency, or change it", put_agency,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.SETTING_CHANGED),
          params=(NAME,), body=NewAgency, answers={200: Answer("The agency.", Agency)}),
)  # fmt: skip
