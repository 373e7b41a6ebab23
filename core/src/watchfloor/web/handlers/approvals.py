"""Approvals: what waits for a second person, and their answer."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, structs

from watchfloor.access import About
from watchfloor.audit import AuditEvent
from watchfloor.contracts import Refused
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission, in_words
from watchfloor.ports.store import Approval
from watchfloor.requests import ApprovalView, approval_view, digest_of
from watchfloor.web.admission import check_attended
from watchfloor.web.another import check_another
from watchfloor.web.routes import Access, Answer, Call, Param, Route, path_param

ID = path_param("id", "Its id.", {"type": "string", "pattern": "^A-[0-9a-f]{12}$"})


class ApprovalList(Struct):
    """Questions that the signed-in person may answer, oldest first."""

    items: list[ApprovalView]
    next: None = None


class SecondAnswer(Struct, kw_only=True, forbid_unknown_fields=True):
    """The second person's answer."""

    granted: bool
    note: Annotated[str, Meta(max_length=1000)] = ""


class Emergency(Struct, forbid_unknown_fields=True):
    """The emergency request that stands in for the second person."""

    request: Annotated[str, Meta(pattern="^R-[0-9]{2}-[0-9]{6,12}$")]


class AccessWish(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody would like to be able to do, and why."""

    permission: Permission
    why: Annotated[str, Meta(min_length=10, max_length=1000, pattern=SAID)]


async def list_approvals(call: Call) -> ApprovalList:
    """What waits for an answer of the signed-in person's."""
    waiting = await call.hub.approvals.waiting(call.person)
    return ApprovalList([_view(each, call) for each in waiting])


async def get_approval(call: Call) -> ApprovalView:
    """One; with ``wait``, as soon as it is answered."""
    approvals = call.hub.approvals
    approval = await approvals.get(call.params["id"], call.person)
    if approval.answer is None and call.params["wait"]:
        approval = await approvals.wait(approval.id, call.params["wait"])
    return _view(approval, call)


async def answer_approval(call: Call) -> ApprovalView:
    """Grant or decline it."""
    body: SecondAnswer = call.body
    question = await call.hub.approvals.get(call.params["id"], call.person)
    check_another(call, question.asked_by)
    if body.granted and question.subject not in ("data", "access"):
        check_attended(call)  # a look cannot wait for it, and a wish opens nothing by itself
    answered = await call.hub.approvals.answer(
        question.id, call.person, granted=body.granted, note=body.note
    )
    return _view(answered, call)


async def override_approval(call: Call) -> ApprovalView:
    """Nobody answered within two minutes: open it at once, to be reviewed within a day."""
    approvals, request = call.hub.approvals, call.body.request
    question = await approvals.get(call.params["id"], call.person)
    emergency = await call.hub.requests.get(request, call.person)
    overridden = await approvals.override(question.id, call.person, emergency)
    return _view(overridden, call)


async def ask_access(call: Call) -> ApprovalView:
    """Instead of a blank no: who oversees the data decides, and both the wish and the answer are
    recorded. What is granted is then given at the identity provider, where roles come from."""
    wish: AccessWish = call.body
    if wish.permission in call.person.permissions:
        raise Refused(
            "Your role has this already; what was refused was refused for another reason.",
            code="access_held",
            remedy="Read what the refusal said.",
        )
    digest, what = _wish(wish.permission)
    asked = await call.hub.approvals.ask(call.person, "access", digest, what, wish.why)
    return _view(asked, call)


async def list_wishes(call: Call) -> ApprovalList:
    """One's own wish for this permission, while it waits and once it is granted."""
    digest, _ = _wish(call.params["permission"])
    found = await call.hub.approvals.standing(call.person, digest)
    return ApprovalList([_view(each, call) for each in found])


def _view(approval: Approval, call: Call) -> ApprovalView:
    """What is shown is for who answers: whoever asked may not see all of what they asked about."""
    view = approval_view(approval, call.hub.names)
    return structs.replace(view, shown="") if approval.asked_by == call.person.id else view


def _wish(permission: str) -> tuple[str, str]:
    """Its digest, and the words in which whoever decides reads it."""
    what = f"Access: to {in_words(Permission(permission))}"
    return digest_of({"permission": permission}, what), what


def _answered(call: Call) -> About:
    answer = "granted" if call.body.granted else "declined"
    return About(object=("approvals", call.params["id"]), more={"answer": answer})


def _overridden(call: Call) -> About:
    return About(object=("approvals", call.params["id"]), more={"request": call.body.request})


def _wished(call: Call) -> About:
    return About(object=("access", call.body.permission))


ROUTES = (
    Route("GET", "/approvals", "approvals", "What waits for a second person", list_approvals,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.REQUEST_VIEWED),
          answers={200: Answer("Questions.", ApprovalList)}),
    Route("GET", "/approvals/{id}", "approvals", "One question, answered or not", get_approval,
          access=Access(Permission.HUB_READ, AuditEvent.REQUEST_VIEWED),
          params=(ID, Param("wait", "Seconds to wait for its answer.",
                            {"type": "integer", "minimum": 0, "maximum": 30}, default=0)),
          answers={200: Answer("The question.", ApprovalView)}),
    Route("POST", "/approvals/{id}/answer", "approvals", "Grant or decline it", answer_approval,
          access=Access(Permission.SETTINGS_APPROVE, AuditEvent.APPROVAL_GIVEN, about=_answered),
          params=(ID,), body=SecondAnswer, answers={200: Answer("The question.", ApprovalView)}),
    Route("POST", "/approvals/{id}/override", "approvals", "Open it in an emergency",
          override_approval,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.OVERRIDE_OPENED, about=_overridden),
          params=(ID,), body=Emergency, answers={200: Answer("The question.", ApprovalView)}),
    Route("GET", "/access-requests", "approvals", "One's own wish for access", list_wishes,
          access=Access(Permission.HUB_READ, AuditEvent.REQUEST_VIEWED),
          params=(Param("permission", "To do what.",
                        {"type": "string", "enum": [each.value for each in Permission]},
                        required=True),),
          answers={200: Answer("The wish, where there is one that stands.", ApprovalList)}),
    Route("POST", "/access-requests", "approvals", "Ask for access", ask_access,
          access=Access(Permission.HUB_READ, AuditEvent.ACCESS_ASKED, about=_wished),
          body=AccessWish, answers={200: Answer("The question.", ApprovalView)}),
)  # fmt: skip
