"""Who is signed in, and ending that: one session, or everything that a person holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from watchfloor.access import About
from watchfloor.audit import AuditEvent
from watchfloor.contracts import NotFound, Refused, rfc3339
from watchfloor.contracts.words import SAID
from watchfloor.identity import Permission, Session
from watchfloor.web.routes import Access, Answer, Call, Route, path_param


class SessionView(Struct, kw_only=True):
    """One person at one device. ``id`` names it; it opens nothing. ``program`` is what they look
    through, in words; ``device`` is its mark."""

    id: str
    person: str
    name: str
    agency: str
    roles: list[str]
    address: str
    device: str
    program: str
    begun: str
    seen: str
    ends: str
    state: str
    wall: bool
    mine: bool


class SessionList(Struct):
    """Who is signed in, newest first."""

    items: list[SessionView]
    next: None = None


class SignedOut(Struct):
    """How many sessions were ended."""

    sessions: int


class Why(Struct, forbid_unknown_fields=True):
    """Why somebody is cut off: it stands in the audit."""

    reason: Annotated[str, Meta(min_length=3, max_length=500, pattern=SAID)]


class CutOff(Struct):
    """What was ended."""

    sessions: int
    tokens: int
    """Tokens of services that they made: whoever needs one gets it from somebody else."""
    vendors: int
    """Vendors at which they were signed in as themselves: what workers held in their name."""
    accounts: int
    """Break-glass accounts that they made or enabled: they know or could ask for the password."""


async def list_sessions(call: Call) -> SessionList:
    """Every session of this hub."""
    return SessionList([_view(call, session) for session in call.hub.sessions.all()])


async def end_session(call: Call) -> None:
    """Sign one session out; what it had open closes within two seconds."""
    call.hub.sessions.end(call.hub.sessions.get(call.params["id"]).id)


async def sign_out_device(call: Call) -> SignedOut:
    """Sign out whoever is signed in at a device: one that was lost, or left open."""
    device = call.params["device"]
    return _sign_out(call, lambda session: _device(session) == device)


async def sign_out_agency(call: Call) -> SignedOut:
    """Sign out everybody of an agency."""
    agency = call.params["agency"]
    call.hub.handovers.forget_where(lambda vouched: vouched.person.agency == agency)
    return _sign_out(call, lambda session: session.person.agency == agency)


def _sign_out(call: Call, fits: Callable[[Session], bool]) -> SignedOut:
    """All that fit but the caller's own session, and the machine's, which ends with the hub."""
    own = call.signed_in
    ended = call.hub.sessions.end_where(
        lambda session: fits(session) and session is not own and not session.passing
    )
    if not ended:
        raise NotFound("Nobody else is signed in there.", code="no_such_session")
    return SignedOut(len(ended))


async def list_own(call: Call) -> SessionList:
    """Where else one is signed in, and here."""
    return SessionList([_view(call, session) for session in _own(call)])


async def end_own(call: Call) -> None:
    """Sign oneself out elsewhere. Raises ``NotFound`` for another's."""
    for session in _own(call):
        if session.id == call.params["id"]:
            return call.hub.sessions.end(session.id)
    raise NotFound("You have no such session.", code="no_such_session")


def _own(call: Call) -> list[Session]:
    return [each for each in call.hub.sessions.all() if each.person.id == call.person.id]


async def cut_off(call: Call) -> CutOff:
    """Cut a person off in one act: every session, here and at vendors, every token that they made,
    and every break-glass account that they made or enabled (CJISSECPOL AC-2(13): within 30 minutes;
    here: at once). They can sign in again once the identity provider lets them."""
    people = _people(call, call.params["handle"])
    if call.person.id in people:
        raise Refused(
            "Nobody cuts themselves off: sign out instead.",
            code="own_account",
            remedy="Another person with this permission can do it.",
        )
    ended = call.hub.sessions.end_where(lambda session: session.person.id in people)
    codes = call.hub.handovers.forget_where(lambda vouched: vouched.person.id in people)
    accounts = await call.hub.break_glass.remove_all_of(people)
    ended += call.hub.sessions.end_where(lambda session: session.person.id in accounts)
    handles = {call.params["handle"], *call.hub.handles.of(people)}
    tokens = await call.hub.tokens.revoke_all(handles, call.actor)
    vendors = sum([await call.hub.lookups.sign_out_everywhere(handle) for handle in handles])
    if not (ended or codes or tokens or vendors or accounts):
        raise NotFound("Nobody of that name is signed in or holds anything.", code="no_such_person")
    return CutOff(len(ended), tokens, vendors, len(accounts))


def _people(call: Call, handle: str) -> set[str]:
    """The ids of whom histories call so, or did before they had another handle."""
    hub = call.hub
    signed_in = {each.person.id for each in hub.sessions.all() if each.person.is_among([handle])}
    return signed_in | hub.handles.people(handle) | hub.break_glass.people(handle)


def _whom(call: Call) -> About:
    """What people write may name others, and is sealed."""
    return About(object=("people", call.params["handle"]), subject=("reason", call.body.reason))


HERE = "The hub's own machine"


def _device(session: Session) -> str:
    """A device's mark as people are shown it."""
    return session.origin.device[:8]


def _view(call: Call, session: Session) -> SessionView:
    person = session.person
    return SessionView(
        id=session.id,
        person=person.handle,
        name=person.name,
        agency=person.agency,
        roles=sorted(person.roles),
        address=session.origin.address,
        device=_device(session),
        program=HERE if session.passing else session.origin.program,
        begun=rfc3339(session.begun),
        seen=rfc3339(session.seen),
        ends=rfc3339(session.ends),
        state=session.state(call.hub.clock.now()),
        wall=session.wall,
        mine=session is call.session,
    )


ROUTES = (
    Route("GET", "/sessions", "people", "Who is signed in", list_sessions,
          access=Access(Permission.PEOPLE_MANAGE, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("Sessions, newest first.", SessionList)}),
    Route("DELETE", "/sessions/{id}", "people", "End a session", end_session,
          access=Access(Permission.PEOPLE_MANAGE, AuditEvent.SESSION_REVOKED),
          params=(path_param("id", "The session's id."),)),
    Route("POST", "/devices/{device}/sign-out", "people", "Sign a device out", sign_out_device,
          access=Access(Permission.PEOPLE_MANAGE, AuditEvent.SESSION_REVOKED),
          params=(path_param("device", "Its mark, as the list has it.",
                             {"type": "string", "pattern": "^[0-9a-f]{8}$"}),),
          answers={200: Answer("How many sessions were ended.", SignedOut)}),
    Route("POST", "/agencies/{agency}/sign-out", "people", "Sign an agency's people out",
          sign_out_agency,
          access=Access(Permission.PEOPLE_MANAGE, AuditEvent.SESSION_REVOKED),
          params=(path_param("agency", "Its id."),),
          answers={200: Answer("How many sessions were ended.", SignedOut)}),
    Route("GET", "/session/screens", "session", "Where one is signed in", list_own,
          access=Access(Permission.HUB_READ, AuditEvent.SETTING_VIEWED),
          answers={200: Answer("One's own sessions, newest first.", SessionList)}),
    Route("DELETE", "/session/screens/{id}", "session", "Sign oneself out elsewhere", end_own,
          access=Access(Permission.HUB_READ, AuditEvent.SESSION_ENDED),
          params=(path_param("id", "The session's id."),)),
    Route("POST", "/people/{handle}/cut-off", "people", "Cut a person off", cut_off,
          access=Access(Permission.PEOPLE_MANAGE, AuditEvent.PERSON_CUT_OFF, about=_whom,
                        attended=True),
          params=(path_param("handle", "As histories name them."),), body=Why,
          answers={200: Answer("What was ended.", CutOff)}),
)  # fmt: skip
