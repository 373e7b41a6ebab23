"""Holds: what must stay for a case although its time is up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from watchfloor.access import About, in_lines
from watchfloor.audit import AuditEvent
from watchfloor.contracts import AskAPerson, Refused, normal, rfc3339
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission
from watchfloor.ports.store import Hold, Micros
from watchfloor.retention import Covered, covered, document
from watchfloor.web.moments import Instant, micros_of
from watchfloor.web.routes import Access, Answer, Call, Route, ToAgree, path_param

ID = path_param("id", "The hold's id.", {"type": "string", "pattern": "^H-[0-9a-f]{8}$"})
_Words = Annotated[str, Meta(min_length=1, max_length=2000, pattern=SAID)]
_Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=SAID)]
_NORMAL: dict[str, Callable[[str], str]] = {
    "plate": normal.normal_plate,
    "address": normal.normal_address,
    "phone": normal.normal_phone,
}


class HeldKey(Struct, forbid_unknown_fields=True):
    """What records are found by, as somebody writes it."""

    kind: Literal[
        "plate", "asset", "unit", "call", "address", "phone", "incident", "event", "report"
    ]
    value: _Name


class What(Struct, kw_only=True, forbid_unknown_fields=True):
    """All given parts must hold. ``keys`` are alternatives, as are ``sources`` and ``kinds``; times
    are ``since`` ≤ t < ``until``. It names keys, or sources with a time window."""

    keys: Annotated[list[HeldKey], Meta(max_length=1000)] = []
    sources: Annotated[list[_Name], Meta(max_length=1000)] = []
    kinds: Annotated[list[_Name], Meta(max_length=100)] = []
    since: Instant | None = None
    until: Instant | None = None


class NewHold(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who answers for it (``approver``) is somebody else than who places it: a prosecutor, say."""

    what: What
    case_number: _Name
    reason: _Words
    approver: _Name
    expires: Instant


class MoreTime(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a hold is kept for longer and until when; who answers for that (``approver``) is somebody
    else than who extends it."""

    reason: _Words
    approver: _Name
    expires: Instant


class Extension(Struct):
    """Who gave a hold more time, when, on whose word, why, and until when."""

    at: str
    by: str
    approver: str
    reason: str | None
    until: str


class WhatView(Struct, kw_only=True, omit_defaults=True):
    """What a hold covers. Keys are as the hub files them; times are microseconds since 1970."""

    keys: list[tuple[str, str | None]] = []
    sources: list[str] = []
    kinds: list[str] = []
    since: int | None = None
    until: int | None = None


class HoldView(Struct, kw_only=True):
    """A hold. ``state``: ``in_force``, ``ending`` (within two weeks), ``expired``, ``released``.
    ``let_go``: since when it is known that it may end. ``extensions``: the oldest first. Whoever
    reads no requests is told that it stands and until when, and by whose word; not the case, the
    reasons and the keys' values."""

    id: str
    state: str
    case_number: str | None
    reason: str | None
    approver: str
    made: str
    expires: str
    what: WhatView
    released: str | None
    released_by: str | None
    let_go: str | None
    let_go_by: str | None
    extensions: list[Extension]


class EndingHold(Struct, kw_only=True):
    """That a hold ends or has ended, and whether the signed-in person answers for it (``own``).
    Its case is told to them and to who reads requests."""

    id: str
    case_number: str | None
    approver: str
    expires: str
    own: bool


class EndingList(Struct):
    """The first to end first."""

    items: list[EndingHold]
    next: None = None


class HoldList(Struct):
    """Those that end next first, those that are over last."""

    items: list[HoldView]
    next: None = None


async def list_holds(call: Call) -> HoldList:
    """Those that are over, too."""
    return HoldList([_view(each, call) for each in await call.hub.holds.documents()])


async def list_ending(call: Call) -> EndingList:
    """Those that end within two weeks and those that ended in the last two, until somebody extends
    them or lets them go: all of them to who keeps holds, to others the ones that they answer for.
    """
    keeps = Permission.HOLDS_KEEP in call.person.permissions
    told = [_ending(hold, call) for hold in await call.hub.holds.ending()]
    return EndingList([each for each in told if keeps or each.own])


def _ending(hold: Hold, call: Call) -> EndingHold:
    own = _is_caller(call, hold.approver)
    return EndingHold(
        id=hold.id,
        case_number=hold.case_number if own or _reads_cases(call) else None,
        approver=hold.approver,
        expires=rfc3339(hold.expires),
        own=own,
    )


async def place_hold(call: Call) -> HoldView:
    """In force when this answers: a purge under way heeds it."""
    body: NewHold = call.body
    _somebody_else(call, body.approver)
    hold = await call.hub.holds.place(
        _covered(body.what), body.case_number, body.reason, body.approver, micros_of(body.expires)
    )
    return _view(document(hold, call.hub.clock.now()), call)


async def extend_hold(call: Call) -> HoldView:
    """In force until the new end when this answers."""
    body: MoreTime = call.body
    _somebody_else(call, body.approver)
    hold = await call.hub.holds.extend(
        call.params["id"], body.reason, body.approver, micros_of(body.expires), call.actor
    )
    return _view(document(hold, call.hub.clock.now()), call)


async def let_hold_go(call: Call) -> HoldView:
    """Nobody is told of its end any more; until then it keeps what it keeps."""
    hold = await call.hub.holds.let_go(call.params["id"], call.actor)
    return _view(document(hold, call.hub.clock.now()), call)


async def release_hold(call: Call) -> HoldView:
    """What is due goes with the next purge."""
    hold = await call.hub.holds.release(call.params["id"], call.actor)
    return _view(document(hold, call.hub.clock.now()), call)


def _somebody_else(call: Call, approver: str) -> None:
    if _is_caller(call, approver):
        raise Refused(
            "A hold is approved by somebody else than who places or extends it.",
            code="two_people",
            remedy="Name who answers for it.",
        )


def _is_caller(call: Call, called: str) -> bool:
    return called.strip().casefold() in {
        call.person.handle.casefold(), call.person.name.casefold(),
    }  # fmt: skip


def _covered(what: What) -> Covered:
    return Covered(
        keys=[(key.kind, _normal(key)) for key in what.keys],
        sources=what.sources,
        kinds=what.kinds,
        since=None if what.since is None else micros_of(what.since),
        until=None if what.until is None else micros_of(what.until),
    )


def _normal(key: HeldKey) -> str:
    """As events are filed under it. Raises ``AskAPerson`` when nothing is left of it: such a hold
    would hold nothing."""
    value = _NORMAL[key.kind](key.value) if key.kind in _NORMAL else key.value.strip()
    if not value:
        raise AskAPerson(
            f"Nothing can be found by this {key.kind}.",
            code="hold_incomplete",
            remedy="Write it as it stands on the record.",
        )
    return value


def _reads_cases(call: Call) -> bool:
    """Whoever runs the hub does not."""
    return Permission.REQUESTS_READ in call.person.permissions


def _view(said: dict[str, Any], call: Call) -> HoldView:
    hold = msgspec.convert(said, HoldView)
    if _reads_cases(call):
        return hold
    what = msgspec.structs.replace(hold.what, keys=[(kind, None) for kind, _ in hold.what.keys])
    unsaid = [msgspec.structs.replace(each, reason=None) for each in hold.extensions]
    return msgspec.structs.replace(
        hold, case_number=None, reason=None, what=what, extensions=unsaid
    )


def _placed(call: Call) -> About:
    body: NewHold = call.body
    return About(object=("holds", None), more={"case": body.case_number})


def _wide(call: Call) -> str | ToAgree:
    """One on all that something sent keeps of everybody what would go. Raises ``AskAPerson`` for
    one that is refused anyway."""
    body: NewHold = call.body
    what = _covered(body.what)
    what.check_new()
    if what.is_narrow:
        return ""
    shown = _in_words(what, body.case_number, micros_of(body.expires), body.approver, body.reason)
    return ToAgree("Hold all that was sent in a time", shown, "following")


def _wide_for_longer(call: Call) -> str | ToAgree:
    """What two people placed for a week, nobody keeps for a year alone."""
    hold, body = call.hub.holds.known(call.params["id"]), call.body
    if hold is None or (what := covered(hold.what)).is_narrow:
        return ""
    shown = _in_words(what, hold.case_number, micros_of(body.expires), body.approver, body.reason)
    return ToAgree("Hold for longer all that was sent in a time", shown, "following")


def _whole(call: Call) -> str | ToAgree:
    """What it kept may be due at once. Its plates and its case are for who sees data alone."""
    hold = call.hub.holds.known(call.params["id"])
    if hold is None:  # which the handler tells
        return ""
    what = covered(hold.what)
    shown = _in_words(what, hold.case_number, hold.expires, hold.approver, hold.reason)
    return ToAgree("Release a hold", shown, "following")


def _in_words(what: Covered, case: str, expires: Micros, approver: str, reason: str) -> str:
    """The whole hold, for whoever is to agree to it."""
    keys = [f"{kind} {value}" for kind, value in what.keys]
    since, until = (_moment(at) for at in (what.since, what.until))
    parts = [", ".join(each) for each in (what.sources, keys, what.kinds) if each]
    return in_lines(
        [
            ("what is held", f"{'; '.join(parts)}: {since} to {until}"),
            ("until", _moment(expires)),
            ("case", case),
            ("on the word of", approver),
            ("reason", reason),
        ]
    )


def _moment(at: Micros | None) -> str:
    return "any time" if at is None else f"{rfc3339(at)[:16].replace('T', ' ')} UTC"


def _extended(call: Call) -> About:
    body: MoreTime = call.body
    return About(
        object=("holds", call.params["id"]), more={"until": rfc3339(micros_of(body.expires))}
    )


ROUTES = (
    Route("GET", "/retention/holds", "retention", "What must stay", list_holds,
          access=Access(Permission.RETENTION_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Holds.", HoldList)}),
    Route("POST", "/retention/holds", "retention", "Place a hold", place_hold,
          access=Access(Permission.HOLDS_KEEP, AuditEvent.HOLD_PLACED, about=_placed,
                        two_people=_wide),
          body=NewHold, answers={200: Answer("The hold, in force.", HoldView)}),
    Route("GET", "/retention/holds/ending", "retention", "Which holds end", list_ending,
          access=Access(Permission.HUB_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Holds that end, or have ended.", EndingList)}),
    Route("POST", "/retention/holds/{id}/extend", "retention", "Extend a hold", extend_hold,
          access=Access(Permission.HOLDS_KEEP, AuditEvent.HOLD_EXTENDED, about=_extended,
                        two_people=_wide_for_longer),
          params=(ID,), body=MoreTime, answers={200: Answer("The hold, in force.", HoldView)}),
    Route("POST", "/retention/holds/{id}/let-go", "retention", "Let a hold end", let_hold_go,
          access=Access(Permission.HOLDS_KEEP, AuditEvent.HOLD_LET_GO),
          params=(ID,), answers={200: Answer("The hold.", HoldView)}),
    Route("DELETE", "/retention/holds/{id}", "retention", "Release a hold", release_hold,
          access=Access(Permission.HOLDS_KEEP, AuditEvent.HOLD_RELEASED,
                        two_people=_whole),
          params=(ID,), answers={200: Answer("The hold, over.", HoldView)}),
)  # fmt: skip
