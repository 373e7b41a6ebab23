"""The search box, and where data is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from aiohttp import web

from watchfloor.audit import AuditEvent
from watchfloor.contracts import BY_NAME, BY_TYPE, KINDS, GiveUp, micros, rfc3339
from watchfloor.identity import Permission
from watchfloor.policy import MOVEMENTS, Decision
from watchfloor.retention import words
from watchfloor.search import Begun, Query, describe_gap, is_narrow
from watchfloor.web.handlers.reach import (
    ABOUT,
    CURSOR,
    DAY,
    LINE,
    ReachView,
    asked,
    begin,
    preview,
    previewed,
    showing,
)
from watchfloor.web.lines import stream_lines
from watchfloor.web.moments import clock_time
from watchfloor.web.routes import TIME, Access, Answer, Call, Param, Route

T = TypeVar("T", int, None)

Line = dict[str, Any]


async def search(call: Call) -> web.StreamResponse:
    """Answer lines as they come (JSON lines)."""
    begun: Begun | None = call.grant.fetched
    if begun is None:  # what policy shows has changed since it was counted
        query = call.hub.search.understand(call.params["q"])
        begun = await begin(call, query, call.grant.scope)
    return await stream_lines(call, _accounted(call, begun), found=_found)


async def _accounted(call: Call, begun: Begun) -> AsyncIterator[Line]:
    """The lines, of which the first also says what policy closes to whoever asks, how far back it
    lets this question see, and who will see that it was asked. What they show may be opened."""
    decision = call.grant.decision
    noting, opens = showing(call, begun.query, decision), _opened_once_shown(begun.query, decision)
    async for line in call.hub.search.answer(begun, decision.redacts, noting):
        if (understood := line.get("understood")) is not None:
            closed = call.grant.decision.closed
            understood["warnings"] += [closed] if closed else []
            understood["warnings"] += _clamped(call, begun.query)
            understood["accountability"] = await _accountability(call)
        hits = line.get("hits", ())
        reads = [hit["seq"] for hit in hits if BY_NAME[hit["kind"]].type in opens]
        shown = [hit["seq"] for hit in hits] if call.grant.scope.held else reads
        call.hub.handed_out.note(call.person.id, shown)
        yield line


_COUNTED = frozenset(kind.type for kind in KINDS if kind.personal or kind.name == "call")
_UNCOUNTED = BY_NAME["911"].type
"""Nothing is filed under the telephone number of a 911 call, so no search counts it."""


def _opened_once_shown(query: Query, decision: Decision) -> frozenset[str]:
    """Types of what counts where it is opened by a number that nothing showed. Of 911 calls a
    search shows it that names the one, or to which a second person agreed."""
    return _COUNTED | {_UNCOUNTED} if is_narrow(query) or decision.approval else _COUNTED


def _clamped(call: Call, query: Query) -> list[str]:
    """In one line, what of the time that is asked about is not shown: what takes more than one
    person, and what nothing opens, being deleted or closed by the settings. Where no time is asked
    about, plate reads and hits alone are spoken of."""
    zone, now, since = call.hub.settings.zone(), call.hub.clock.now(), query.since or 0
    engine = call.hub.engine
    kept_from, days = engine.world.earliest(now), engine.policy.settings.lookback_by_type()
    types = query.types or (BY_TYPE if query.since is not None else MOVEMENTS)
    ends: dict[str, list[str]] = {}
    for kind, earliest in sorted(call.grant.scope.earliest.items()):
        if kind not in types or since >= earliest:
            continue
        kept = kept_from.get(kind, 0)
        open_from = max(kept, now - days[kind] * DAY if kind in days else 0)
        if earliest > open_from + _DECIDED_WITHIN:
            end = f"are shown from {clock_time(earliest, zone)} on: further back takes a case and"
            ends.setdefault(f"{end} a second person", []).append(kind)
        if since < open_from:
            how = "deleted after" if open_from == kept else "shown for no more than"
            ends.setdefault(f"are {how} {words(now - open_from)}", []).append(kind)
    of_kinds: dict[tuple[str, ...], list[str]] = {}
    for end, kinds in ends.items():
        of_kinds.setdefault(tuple(kinds), []).append(end)
    said = [f"{_named(kinds)} {'; they '.join(each)}." for kinds, each in of_kinds.items()]
    said += _of_held(call)
    return [" ".join(said)] if said else []


def _of_held(call: Call) -> list[str]:
    """Whether something is held for the case, and how it is found."""
    purpose = call.grant.purpose
    if call.grant.scope.held:
        return ["What is held for the case is shown, however old it is."]
    case, now = purpose.case_number if purpose else None, call.hub.clock.now()
    if case is None or not call.hub.engine.world.held(case, now):
        return []
    return ["What is held for the case is found with “since:” and a day, and a second person."]


_DECIDED_WITHIN = 60_000_000
"""Microseconds that lie at most between a decision and the answer that it opens."""


def _named(types: Sequence[str]) -> str:
    """“Hits and reads”."""
    *others, last = (f"{BY_TYPE[each].name}s" for each in types)
    return (f"{', '.join(others)} and {last}" if others else last).capitalize()


async def _accountability(call: Call) -> dict[str, Any]:
    """Who agreed that this is asked, by which rules, and who will see it: who reads the audit, and
    where policy has it reviewed, who does that."""
    grant, rules = call.grant, call.hub.engine.policy.rules.rules
    titles = {name: rule.title for name, rule in rules.items()}
    purpose = grant.purpose
    assert purpose is not None
    reviewed = ["whoever reviews it"] if grant.decision.values("review") else []
    return {
        "person": grant.person.handle,
        "request": purpose.request,
        "purpose": purpose.kind.title,
        "case": purpose.case_number or purpose.call_number,
        "rules": list(grant.decision.rules),
        "allowed_by": [titles.get(each) or each for each in grant.decision.rules],
        "agreed_by": await _second_person(call),
        "record": grant.entry,
        "until": None if grant.until is None else rfc3339(grant.until),
        "seen_by": ["the auditor", "the records officer", *reviewed],
    }


async def _second_person(call: Call) -> str | None:
    """Who agreed to it, by handle; nobody, where it took none or an emergency stood in."""
    asked = call.grant.decision.approval
    if not asked:
        return None
    approval = await call.hub.approvals.get(asked, call.person)
    return approval.answerer if approval.answer == "granted" else None


def _found(line: dict[str, Any]) -> int:
    return len(line.get("hits", ()))


async def list_gaps(call: Call) -> dict[str, Any]:
    """Intervals without assured data that touch a time."""
    now = call.hub.clock.now()
    since = moment(call.params["since"], now - DAY)
    until = moment(call.params["until"], now)
    gaps = await call.hub.store.gaps.between(since, until, call.params["source"])
    return {"items": [describe_gap(gap) for gap in gaps], "next": None}


def moment(text: str | None, default: T) -> int | T:
    """A time parameter in microseconds. Raises ``GiveUp``."""
    if text is None:
        return default
    try:
        return micros(text)
    except (ValueError, OverflowError):
        raise GiveUp("A time is written as 2026-05-02T21:14:07Z.", code="bad_parameter") from None


ROUTES = (
    Route("GET", "/search", "search", "Ask everything one question", search,
          access=Access(Permission.DATA_SEARCH, AuditEvent.SEARCH_ASKED, "needed", about=asked,
                        meanwhile=True),
          params=(
              LINE,
              ABOUT,
              Param("ask", "Whether a second person is asked, where it takes one.",
                    {"type": "boolean"}, default=True),
              Param("limit", "How many events at most.",
                    {"type": "integer", "minimum": 1, "maximum": 5000}, default=500),
              CURSOR,
          ),
          answers={200: Answer("The answer's lines.", None, "application/x-ndjson")}),
    Route("GET", "/search/reach", "search", "How far a question would reach", preview,
          access=Access(
              Permission.DATA_SEARCH, AuditEvent.SEARCH_PREVIEWED, "needed", about=previewed
          ),
          params=(LINE, ABOUT), answers={200: Answer("Counts, and what it takes.", ReachView)}),
    Route("GET", "/gaps", "search", "Where no data is assured", list_gaps,
          access=Access(Permission.SOURCES_READ, AuditEvent.SETTING_VIEWED),
          params=(Param("source", "Of one source."), Param("since", "From.", TIME),
                  Param("until", "To.", TIME)),
          answers={200: Answer("Gaps.", {"type": "object"})}),
)  # fmt: skip
