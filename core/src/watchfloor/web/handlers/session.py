"""One's own session: signing in at the hub itself, staying in, and out again."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from watchfloor.access import About, operator_of
from watchfloor.audit import AuditEvent, Entry, Operator, Outcome, Scalar
from watchfloor.audit import Origin as Whence
from watchfloor.contracts import WatchfloorError, rfc3339
from watchfloor.identity import Origin, Permission, Person, Session, Vouched, account_of
from watchfloor.web.admission import origin_of
from watchfloor.web.cookies import COOKIE, DEVICE, drop_cookie, set_cookie
from watchfloor.web.notices import tell
from watchfloor.web.routes import Access, Answer, Call, Route

YEAR_S = 365 * 86_400

WALL = frozenset({Permission.DATA_LIVE, Permission.HUB_READ})
"""What a wall receives: the board, and of alerts what may be said to a room."""
_BY_GLASS: dict[str, Scalar] = {"by": "break_glass"}


class Token(Struct, forbid_unknown_fields=True):
    """The one-time token from the sign-in link."""

    token: Annotated[str, Meta(min_length=16, max_length=256)]


class LocalSignIn(Struct, forbid_unknown_fields=True):
    """A break-glass account."""

    account: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]


class OpenRequest(Struct, forbid_unknown_fields=True):
    """The request that is worked on; ``null`` for none."""

    request: Annotated[str, Meta(pattern="^R-[0-9]{2}-[0-9]{6,12}$")] | None


class Who(Struct, kw_only=True):
    """Who is signed in, what they may do at most, and until when."""

    person: str
    name: str
    agency: str
    roles: list[str]
    permissions: list[str]
    state: Literal["open", "locked"]
    banner: str | None
    """The notice that must be acknowledged before anything else; ``null`` once it is."""
    request: str | None
    locks: str
    """When the screen locks if nobody does anything."""
    ends: str
    """When a fresh sign-in is due, however busy."""
    wall: bool
    break_glass: str | None
    """The account of the hub's own, if by one: its password, and no provider, shows who they are.
    """


class Left(Struct):
    """Where the browser goes to end the provider's own session, too."""

    url: str | None


async def sign_in(call: Call) -> web.Response:
    """Exchange a one-time token for a session, at the hub's own machine."""
    try:
        person = call.hub.invitations.accept(call.body.token)
    except WatchfloorError as error:
        refused(call, error, more={"by": "link"})
        raise
    response = web.Response(status=201, content_type="application/json")
    session = begin_session(call, response, _here(call, person), origin_of(call.request))
    response.body = msgspec.json.encode(who(call, session))
    return response


async def break_glass(call: Call) -> web.Response:
    """Sign in with a break-glass account; whoever watches the hub is told at once."""
    body: LocalSignIn = call.body
    try:
        person = await call.hub.break_glass.sign_in(body.account, body.password)
    except WatchfloorError as error:
        known = any(each.id == body.account for each in call.hub.break_glass.all())
        refused(call, error, more=_BY_GLASS | ({"account": body.account} if known else {}))
        tell(call.hub, "break_glass_refused")
        raise
    response = web.Response(status=201, content_type="application/json")
    vouched = replace(_here(call, person), until=call.hub.break_glass.closes(body.account))
    session = go_on(call, response, vouched, call.session, origin_of(call.request), more=_BY_GLASS)
    tell(call.hub, "break_glass_used", by=person.handle)
    response.body = msgspec.json.encode(who(call, session))
    return response


async def make_wall(call: Call) -> Who:
    """From now on this screen only receives, and does not lock."""
    call.hub.sessions.make_wall(call.signed_in, WALL)
    return who(call, call.signed_in)


async def who_am_i(call: Call) -> Who:
    """The signed-in person."""
    return who(call, call.signed_in)


async def still_here(call: Call) -> Who:
    """The person did something: their screen does not lock yet. A locked one stays locked."""
    session = call.signed_in
    if session.state(call.hub.clock.now()) == "open":
        call.hub.sessions.touch(session)
    return who(call, session)


async def acknowledge(call: Call) -> Who:
    """The notice was read (CJISSECPOL AC-8)."""
    call.hub.sessions.acknowledge(call.signed_in)
    note(call, AuditEvent.BANNER_ACKNOWLEDGED, session=call.signed_in)
    return who(call, call.signed_in)


async def lock(call: Call) -> Who:
    """Lock this screen now."""
    call.hub.sessions.lock(call.signed_in)
    note(call, AuditEvent.SESSION_LOCKED, session=call.signed_in)
    return who(call, call.signed_in)


async def work_on(call: Call) -> Who:
    """What is asked from now on is asked for this request."""
    session, request = call.signed_in, call.body.request
    if request is not None:
        await call.hub.door.purposes.purpose(request, session.person)
    call.hub.sessions.work_on(session, request)
    return who(call, session)


async def sign_out(call: Call) -> web.Response:
    """End the session here and at the hub; says where the provider's own is ended."""
    session = call.signed_in
    call.hub.sessions.end(session.id)
    note(call, AuditEvent.SESSION_ENDED, session=session)
    url = None
    if call.hub.sign_on is not None and session.ticket:
        with suppress(WatchfloorError):  # the provider is away: here they are signed out
            url = await call.hub.sign_on.leave_url(session.ticket)
    response = web.Response(body=msgspec.json.encode(Left(url)), content_type="application/json")
    drop_cookie(call.request, response, COOKIE)
    return response


def _here(call: Call, person: Person) -> Vouched:
    """The hub itself vouches for them, at this moment."""
    return Vouched(person, call.hub.clock.now(), None, "")


def go_on(
    call: Call,
    response: web.StreamResponse,
    vouched: Vouched,
    before: Session | None,
    origin: Origin,
    more: dict[str, Scalar] | None = None,
) -> Session:
    """In the session from before, where it is the same person's: by a new secret. Another's
    ends."""
    if before is not None and before.person.id == vouched.person.id:
        secret = call.hub.sessions.renew(before, vouched)
        _give(call, response, secret)
        note(call, AuditEvent.SESSION_CONFIRMED, session=before, more=more, origin=origin)
        return before
    if before is not None:
        call.hub.sessions.end(before.id)
    return begin_session(call, response, vouched, origin, more)


def begin_session(
    call: Call,
    response: web.StreamResponse,
    vouched: Vouched,
    origin: Origin,
    more: dict[str, Scalar] | None = None,
) -> Session:
    """A session of whoever was vouched for; its cookies are on the response. A device that shows no
    mark gets one."""
    origin = replace(origin, device=origin.device or secrets.token_hex(16))
    secret, session = call.hub.sessions.begin(
        vouched.person, origin, authenticated=vouched.authenticated,
        provider_session=vouched.provider_session, ticket=vouched.ticket, until=vouched.until,
    )  # fmt: skip
    _give(call, response, secret)
    set_cookie(call.request, response, DEVICE, origin.device, max_age=YEAR_S)
    note(call, AuditEvent.SESSION_BEGUN, session=session, more=more, origin=origin)
    return session


def _give(call: Call, response: web.StreamResponse, secret: str) -> None:
    """Until the browser closes: when the session ends is the hub's to say."""
    set_cookie(call.request, response, COOKIE, secret, max_age=None)


def refused(
    call: Call,
    error: WatchfloorError,
    event: AuditEvent = AuditEvent.SESSION_BEGUN,
    more: dict[str, Scalar] | None = None,
    operator: Operator | None = None,
) -> None:
    """Write down that somebody was not let in, and why; who, where that is known."""
    more = {**(more or {}), "reason": error.code}
    note(call, event, Outcome.DENIED, more=more, operator=operator)


def who(call: Call, session: Session) -> Who:
    """As the caller is told who they are."""
    now = call.hub.clock.now()
    banner = call.hub.settings.sign_in_banner
    return Who(
        person=session.person.handle,
        name=session.person.name,
        agency=session.person.agency,
        roles=sorted(session.person.roles),
        permissions=sorted(session.person.permissions),
        state=session.state(now),
        banner=banner if banner and not session.acknowledged else None,
        request=session.request,
        locks=rfc3339(session.locks),
        ends=rfc3339(session.ends),
        wall=session.wall,
        break_glass=account_of(session.person),
    )


def note(
    call: Call,
    event: AuditEvent,
    outcome: Outcome = Outcome.DONE,
    session: Session | None = None,
    more: dict[str, Scalar] | None = None,
    origin: Origin | None = None,
    operator: Operator | None = None,
) -> None:
    """Write down what was done with a session, or tried. ``origin``: where from, if that is known
    better than the call shows it. ``operator``: who, where no session says it."""
    origin = origin or origin_of(call.request)
    call.hub.door.recorder.note(
        Entry(
            event=event,
            outcome=outcome,
            operator=operator_of(session.person) if session else operator,
            session=session.id if session else None,
            origin=Whence(address=origin.address, device=origin.device),
            more=more or {},
        )
    )


_WHO = {200: Answer("The signed-in person.", Who)}
ROUTES = (
    Route("POST", "/session", "session", "Sign in with a one-time token", sign_in,
          body=Token, answers={201: Answer("Signed in; the cookie is set.", Who)}, session=False),
    Route("POST", "/session/break-glass", "session", "Sign in while the provider is down",
          break_glass, body=LocalSignIn,
          answers={201: Answer("Signed in; the cookie is set.", Who)}, session=False),
    Route("POST", "/session/wall", "session", "Make this a wall's screen", make_wall,
          access=Access(Permission.REQUESTS_WORK, AuditEvent.SESSION_CONFIRMED, fresh=True,
                        about=lambda _: About(more={"wall": True})),
          answers=_WHO),
    Route("GET", "/session", "session", "Who is signed in", who_am_i, answers=_WHO),
    Route("POST", "/session/seen", "session", "The person is still here", still_here,
          answers=_WHO),
    Route("POST", "/session/acknowledge", "session", "The notice was read", acknowledge,
          answers=_WHO),
    Route("POST", "/session/lock", "session", "Lock this screen", lock, answers=_WHO),
    Route("PUT", "/session/request", "session", "Work on a request", work_on,
          access=Access(Permission.REQUESTS_READ, AuditEvent.REQUEST_CHOSEN,
                        about=lambda call: About(object=("requests", call.body.request))),
          body=OpenRequest, answers=_WHO),
    Route("DELETE", "/session", "session", "Sign out", sign_out,
          answers={200: Answer("Signed out.", Left)}),
)  # fmt: skip
