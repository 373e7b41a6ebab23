"""Actions: what can be done outside, doing it, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Any

from msgspec import Meta, Struct

from watchfloor.access import About, Weighed, Weighing, in_lines
from watchfloor.actions import Doable
from watchfloor.audit import AuditEvent
from watchfloor.contracts import rfc3339
from watchfloor.identity import Permission
from watchfloor.policy import Sight
from watchfloor.ports.store import Deed, Scope
from watchfloor.web.handlers.lookups import is_synthetic
from watchfloor.web.routes import LIMIT, Access, Answer, Call, Param, Route, path_param
from watchfloor.web.told import purpose_told

Short = Annotated[str, Meta(min_length=1, max_length=256)]


class NewDeed(Struct, kw_only=True, forbid_unknown_fields=True):
    """What shall be done. The same ``idempotency_key`` is done at most once."""

    source: Short
    action: Short
    parameters: dict[str, Any] = {}
    idempotency_key: Short | None = None
    alert: Annotated[int, Meta(ge=1)] | None = None
    """Because of which alert it is done, where it is because of one."""


class DeedView(Struct, kw_only=True):
    """What was asked for and what became of it; ``outcome`` is empty while it is under way."""

    id: str
    source: str
    action: str
    parameters: dict[str, Any]
    requested_by: str
    asked: str
    outcome: str | None
    done: str | None
    reference: str | None
    detail: str | None


class DeedList(Struct):
    """What was done, newest first."""

    items: list[DeedView]
    next: None = None


class DoableList(Struct):
    """What can be done."""

    items: list[Doable]
    next: None = None


async def list_doable(call: Call) -> DoableList:
    """What can be done outside, by source."""
    return DoableList(call.hub.actions.doable())


async def act(call: Call) -> DeedView:
    """Do it once; answers the receipt. What a second person agreed to is one deed: by its own key,
    else by their answer's id until it has an outcome."""
    body: NewDeed = call.body
    agreed = call.grant.decision.approval or None
    deed = await call.hub.actions.act(
        body.source, body.action, body.parameters, call.actor, body.idempotency_key or agreed,
        purpose_told(call), call.person.id,
    )  # fmt: skip
    if agreed and body.idempotency_key is None:
        await call.hub.approvals.used_up(agreed)
    return _view(deed)


def doing(call: Call) -> About:
    """What is about to be done, for policy and record."""
    body: NewDeed = call.body
    return About(
        facts={"synthetic": is_synthetic(call, body.source)},
        object=("action", f"{body.source}/{body.action}"),
        more={} if body.alert is None else {"alert": body.alert},
        words=f"{body.source} is told to do: {body.action}",
        shown=in_lines(_in_full(call)),
        weigh=None if body.alert is None else _verified(call, body.alert),
    )


def _in_full(call: Call) -> Iterator[tuple[str, Any]]:
    """All that is asked, by name."""
    body: NewDeed = call.body
    yield from _what(call, body.source, body.action, body.parameters)
    yield "because of alert", body.alert
    yield "key of this deed", body.idempotency_key


def _what(
    call: Call, source: str, action: str, parameters: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """One deed in the words of its declaration, where it is still declared."""
    declared = {(each.source, each.declaration.name): each for each in call.hub.actions.doable()}
    doable = declared.get((source, action))
    yield "what", doable.declaration.title if doable else action
    yield "by", f"{doable.source_name} ({source})" if doable else source
    fields = doable.declaration.parameters.get("properties", {}) if doable else {}
    for name, value in parameters.items():
        field = fields.get(name)
        yield field.get("title", name) if isinstance(field, dict) else name, value


def _verified(call: Call, alert: int) -> Weighing:
    """Whether it is done because of a hit, and whether a person looked at that. Raises
    ``NotFound``, also for an alert that may not be seen."""

    async def weigh(scope: Scope) -> Weighed:
        verification = (await call.hub.alerts.get(alert, Sight(scope))).verification
        confirmed = verification == "confirmed"
        return Weighed(
            {"acts_on_hit": verification != "not_needed", "visually_confirmed": confirmed}
        )

    return weigh


async def list_deeds(call: Call) -> DeedList:
    """What was done, newest first, where data of its source may be seen: what was said there may
    name anybody. People of another agency see what they had done themselves."""
    guest = None if call.person.agency == call.hub.settings.agency else call.person.id
    deeds = await call.hub.actions.recent(call.params["limit"], _shown(call), guest)
    return DeedList([_view(deed) for deed in deeds])


def _shown(call: Call) -> Collection[str] | None:
    """Of which sources; ``None``: of all, those that nobody knows any more among them."""
    source = call.params["source"]
    known = {each.id for each in call.hub.sources.all()}
    open_ones = {each for each in known if _opens(call, each)}
    if open_ones == known and _opens_gone_ones(call):
        return None if source is None else {source}
    return open_ones if source is None else open_ones & {source}


def _opens(call: Call, source: str) -> bool:
    scope = call.grant.scope
    is_cji = call.hub.lookups.domain(source) == "criminal_history"
    return scope.opens_source(source) and not (is_cji and "cji" in scope.without_handling)


def _opens_gone_ones(call: Call) -> bool:
    """Of a source that was removed nobody knows any more whether it gave criminal justice
    information."""
    scope = call.grant.scope
    return scope.opens_source("") and "cji" not in scope.without_handling


async def undo(call: Call) -> DeedView:
    """Take a deed back, where its source can."""
    return _view(
        await call.hub.actions.undo(
            call.params["id"], call.actor, purpose_told(call), call.person.id
        )
    )


def undoing(call: Call) -> About:
    """What is about to be taken back."""

    async def shown() -> str:
        deed = await call.hub.store.deeds.get(call.params["id"])
        lines = in_lines(_what(call, deed.source, deed.action, deed.parameters))
        done_by = in_lines([("done for", deed.requested_by), ("there it is", deed.reference)])
        return f"To be taken back: what was done {rfc3339(deed.asked)}\n{lines}\n{done_by}"

    return About(
        object=("deeds", call.params["id"]), words="What was done outside is taken back",
        shown=shown,
    )  # fmt: skip


def _view(deed: Deed) -> DeedView:
    return DeedView(
        id=deed.id,
        source=deed.source,
        action=deed.action,
        parameters=deed.parameters,
        requested_by=deed.requested_by,
        asked=rfc3339(deed.asked),
        outcome=deed.outcome,
        done=rfc3339(deed.done) if deed.done is not None else None,
        reference=deed.reference,
        detail=deed.detail,
    )


ROUTES = (
    Route("GET", "/actions", "actions", "What can be done outside", list_doable,
          access=Access(Permission.DATA_LIVE, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Actions by source.", DoableList)}),
    Route("POST", "/deeds", "actions", "Do something outside, once", act,
          access=Access(Permission.ACTIONS_DO, AuditEvent.ACTION_DONE, "needed", about=doing),
          body=NewDeed,
          answers={200: Answer("What became of it.", DeedView)}),
    Route("GET", "/deeds", "actions", "What was done", list_deeds,
          access=Access(Permission.DATA_LIVE, AuditEvent.ACTION_VIEWED, "needed"),
          params=(LIMIT, Param("source", "Only by this source.")),
          answers={200: Answer("Deeds.", DeedList)}),
    Route("POST", "/deeds/{id}/undo", "actions", "Take a deed back", undo,
          access=Access(Permission.ACTIONS_DO, AuditEvent.ACTION_UNDONE, "needed", about=undoing),
          params=(path_param("id", "The deed's id, its idempotency key."),),
          answers={200: Answer("The deed that took it back.", DeedView)}),
)  # fmt: skip
