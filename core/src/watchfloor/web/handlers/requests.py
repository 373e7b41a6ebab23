"""Requests: the desk, and the life of each."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, get_args

from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.audit import AuditEvent
from watchfloor.contracts import NotFound, WatchfloorError
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission
from watchfloor.ports.store import (
    Finding,
    Outcome,
    Request,
    RequestListing,
    Verdict,
)
from watchfloor.requests import NewRequest, Page, RequestView, request_view
from watchfloor.web.another import check_another
from watchfloor.web.routes import LIMIT, Access, Answer, Call, Param, Route, path_param

ID = path_param(
    "id", "Its number.", {"type": "string", "pattern": "^R-[0-9]{2}-[0-9]{6,}$", "maxLength": 32}
)
BEFORE = Param("before", "Older than this request.", ID.schema)
SHOW = Param(
    "show",
    "Which; all, when it is left out.",
    {"type": "string", "enum": list(get_args(RequestListing))},
)

Text = Annotated[str, Meta(max_length=4000)]
Said = Annotated[str, Meta(min_length=1, max_length=4000, pattern=SAID)]
Short = Annotated[str, Meta(min_length=1, max_length=64)]


class RequestList(Struct, kw_only=True):
    """A page of requests. ``next``: where the next page begins. ``counts``: how many there are of
    each listing, whichever is shown."""

    items: list[RequestView]
    next: str | None
    counts: dict[str, int] = {}


class ForCall(Struct, forbid_unknown_fields=True):
    """The call that somebody works on."""

    call: Short


class Tie(Struct, forbid_unknown_fields=True):
    """The call's or the case's number."""

    number: Short


class Take(Struct, forbid_unknown_fields=True):
    """Who works on it; whoever asks, where nobody is named."""

    worker: Short | None = None


class NewAnswer(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was found, and whether it served."""

    outcome: Outcome
    answer: Text = ""
    note: Text = ""


class Because(Struct, forbid_unknown_fields=True):
    """Why, or what is to be remembered."""

    note: Said


class Again(Struct, forbid_unknown_fields=True):
    """Why it is opened again."""

    note: Text = ""


class OneFinding(Struct, kw_only=True, forbid_unknown_fields=True):
    """An event by its place in the log, or a look-up by its id: one of the two."""

    event: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    lookup: Annotated[str, Meta(min_length=1, max_length=256)] | None = None

    def __post_init__(self) -> None:
        if (self.event is None) == (self.lookup is None):
            raise ValueError("name an event or a look-up")


class NewVerdict(Struct, forbid_unknown_fields=True):
    """What whoever reviewed it says."""

    verdict: Verdict
    note: Said


async def list_requests(call: Call) -> RequestList:
    """Newest first."""
    found = await call.hub.requests.page(
        call.person, call.params["show"], call.params["limit"], call.params["before"],
        call.params["number"],
    )  # fmt: skip
    return _page(call, found, await call.hub.requests.counts(call.person))


async def list_in_review(call: Call) -> RequestList:
    """What waits for a verdict, newest first."""
    return _page(
        call, await call.hub.requests.reviews.waiting(call.params["limit"], call.params["before"])
    )


async def open_request(call: Call) -> RequestView:
    """Open one; it has its number when this answers."""
    return _view(call, await call.hub.requests.open(call.body, call.person))


async def open_for_call(call: Call) -> RequestView:
    """The signed-in person's request for a live call: opened now, or the one that is."""
    sight, _ = call.hub.door.shows(call.person, Permission.DATA_LIVE)
    return _view(call, await call.hub.requests.for_call(call.body.call, call.person, sight))


async def get_request(call: Call) -> RequestView:
    """One request."""
    return _view(call, await call.hub.requests.get(call.params["id"], call.person))


async def edit_request(call: Call) -> RequestView:
    """Describe it anew, whole."""
    requests = call.hub.requests
    return _view(call, await requests.edit(call.params["id"], call.body, call.person))


async def tie_request(call: Call) -> RequestView:
    """Give it the call or the case that it was opened without."""
    requests = call.hub.requests
    return _view(call, await requests.tie(call.params["id"], call.body.number, call.person))


async def take_request(call: Call) -> RequestView:
    """Work on it, or say who does."""
    requests = call.hub.requests
    return _view(call, await requests.take(call.params["id"], call.person, call.body.worker))


async def answer_request(call: Call) -> RequestView:
    """Answer it: done."""
    body: NewAnswer = call.body
    done = await call.hub.requests.answer(
        call.params["id"], call.person, body.answer, body.outcome, body.note
    )
    return _view(call, done)


async def cancel_request(call: Call) -> RequestView:
    """Nobody wants it any more."""
    requests = call.hub.requests
    return _view(call, await requests.cancel(call.params["id"], call.person, call.body.note))


async def reopen_request(call: Call) -> RequestView:
    """Take an answer or a cancellation back."""
    requests = call.hub.requests
    return _view(call, await requests.reopen(call.params["id"], call.person, call.body.note))


async def note_on_request(call: Call) -> RequestView:
    """Write something down in its history."""
    requests = call.hub.requests
    return _view(call, await requests.note(call.params["id"], call.person, call.body.note))


async def attach_finding(call: Call) -> RequestView:
    """Put something found with it. Raises ``NotFound``, also for an event that may not be seen."""
    requests, finding = call.hub.requests, _finding(call)
    await requests.get(call.params["id"], call.person)
    if finding.event is not None:
        await _check_shown(call, finding.event)
    return _view(call, await requests.attach(call.params["id"], call.person, finding))


async def _check_shown(call: Call, seq: int) -> None:
    """Whether whoever calls sees the event, for this request or as it happens."""
    hub, purpose = call.hub, None
    with suppress(WatchfloorError):  # it is over: what was seen in it may still be attached
        purpose = await hub.requests.purpose(call.params["id"], call.person)
    sight, _ = hub.door.shows(call.person, Permission.DATA_LIVE, purpose)
    row = await hub.store.log.get(seq)
    if not (sight.scope.shows(row) or hub.handed_out.has(call.person.id, seq)):
        raise NotFound(f"There is no event {seq}.")


async def detach_finding(call: Call) -> RequestView:
    """Take it away again."""
    requests = call.hub.requests
    return _view(call, await requests.detach(call.params["id"], call.person, _finding(call)))


async def review_request(call: Call) -> RequestView:
    """A second person's verdict."""
    body: NewVerdict = call.body
    request = await call.hub.requests.get(call.params["id"], call.person)
    check_another(call, request.opened_by)
    reviews = call.hub.requests.reviews
    settled = await reviews.settle(call.params["id"], call.person, body.verdict, body.note)
    return _view(call, settled)


def answered(call: Call) -> About:
    """The outcome goes into the record: the centre's benefit is counted from there."""
    return About(object=("requests", call.params["id"]), more={"outcome": call.body.outcome})


def cancelled(call: Call) -> About:
    """The same, for one that was withdrawn."""
    return About(object=("requests", call.params["id"]), more={"outcome": "cancelled"})


def _view(call: Call, request: Request) -> RequestView:
    return request_view(request, call.hub.clock.now(), call.hub.names)


def _page(call: Call, page: Page, counts: dict[RequestListing, int] | None = None) -> RequestList:
    return RequestList(
        items=[_view(call, each) for each in page.items],
        next=page.next,
        counts={str(name): count for name, count in (counts or {}).items()},
    )


def _finding(call: Call) -> Finding:
    return Finding(event=call.body.event, lookup=call.body.lookup)


_ONE = {200: Answer("The request.", RequestView)}

ROUTES = (
    Route("GET", "/requests", "requests", "Requests, newest first", list_requests,
          access=Access(Permission.REQUESTS_READ, AuditEvent.REQUEST_VIEWED),
          params=(SHOW, LIMIT, BEFORE, Param("number", "Part of any of its numbers.")),
          answers={200: Answer("A page.", RequestList)}),
    Route("GET", "/requests/in-review", "requests", "What waits for a review", list_in_review,
          access=Access(Permission.OVERRIDE_REVIEW, AuditEvent.REQUEST_VIEWED),
          params=(LIMIT, BEFORE), answers={200: Answer("A page.", RequestList)}),
    Route("POST", "/requests", "requests", "Open a request", open_request,
          access=Access(Permission.REQUESTS_ASK, AuditEvent.REQUEST_OPENED),
          body=NewRequest,
          answers=_ONE),
    Route("POST", "/requests/for-call", "requests", "The request of a live call", open_for_call,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.REQUEST_OPENED),
          body=ForCall, answers=_ONE),
    Route("GET", "/requests/{id}", "requests", "One request", get_request,
          access=Access(Permission.REQUESTS_READ, AuditEvent.REQUEST_VIEWED),
          params=(ID,), answers=_ONE),
    Route("PUT", "/requests/{id}", "requests", "Describe it anew", edit_request,
          access=Access(Permission.REQUESTS_ASK, AuditEvent.REQUEST_CHANGED),
          params=(ID,), body=NewRequest, answers=_ONE),
    Route("POST", "/requests/{id}/tie", "requests", "Give it its call or case", tie_request,
          access=Access(Permission.REQUESTS_ASK, AuditEvent.REQUEST_TIED),
          params=(ID,), body=Tie, answers=_ONE),
    Route("POST", "/requests/{id}/take", "requests", "Work on it", take_request,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.REQUEST_CHANGED),
          params=(ID,), body=Take, answers=_ONE),
    Route("POST", "/requests/{id}/answer", "requests", "Answer it", answer_request,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.REQUEST_CLOSED, about=answered),
          params=(ID,), body=NewAnswer, answers=_ONE),
    Route("POST", "/requests/{id}/cancel", "requests", "Cancel it", cancel_request,
          access=Access(Permission.REQUESTS_ASK, AuditEvent.REQUEST_CLOSED, about=cancelled),
          params=(ID,), body=Because, answers=_ONE),
    Route("POST", "/requests/{id}/reopen", "requests", "Open it again", reopen_request,
          access=Access(Permission.REQUESTS_ASK, AuditEvent.REQUEST_CHANGED),
          params=(ID,), body=Again, answers=_ONE),
    Route("POST", "/requests/{id}/note", "requests", "Write something down", note_on_request,
          access=Access(Permission.REQUESTS_ASK, AuditEvent.REQUEST_CHANGED),
          params=(ID,), body=Because, answers=_ONE),
    Route("POST", "/requests/{id}/attach", "requests", "Attach something found",
          attach_finding,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.REQUEST_CHANGED),
          params=(ID,), body=OneFinding, answers=_ONE),
    Route("POST", "/requests/{id}/detach", "requests", "Take it away again", detach_finding,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.REQUEST_CHANGED),
          params=(ID,), body=OneFinding, answers=_ONE),
    Route("POST", "/requests/{id}/review", "requests", "Review it", review_request,
          access=Access(Permission.OVERRIDE_REVIEW, AuditEvent.OVERRIDE_REVIEWED),
          params=(ID,), body=NewVerdict, answers=_ONE),
)  # fmt: skip
