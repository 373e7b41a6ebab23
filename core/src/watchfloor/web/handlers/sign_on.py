"""Signing in by the agency's provider, and what it says of who left there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from html import escape
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from watchfloor.audit import AuditEvent, Operator
from watchfloor.contracts import NotFound, WatchfloorError
from watchfloor.identity import (
    Person,
    Session,
    Terminal,
    Vouched,
    attributes,
    called,
    person_id,
    require_two_factors,
)
from watchfloor.ports.signon import WITHIN_S, SignedOn, SignOn, within_console
from watchfloor.web.admission import origin_of
from watchfloor.web.cookies import PENDING, cookie, drop_cookie, set_cookie
from watchfloor.web.departures import Begun
from watchfloor.web.routes import Answer, Call, Param, Route

from .session import go_on, note, refused


class Contact(Struct):
    """Whom to ask."""

    contact: str


async def whom_to_ask(call: Call) -> Contact:
    """Whom the agency names for people without access. Anybody is told: who is turned away is
    nobody yet."""
    settings = call.hub.settings.sign_on
    if settings is None:
        raise _no_sign_on()
    return Contact(settings.contact)


async def depart(call: Call) -> web.Response:
    """Send the browser to the agency's identity provider."""
    return await send_away(call, within_console(call.params["to"]), again=call.params["again"])


async def send_away(
    call: Call,
    to: str,
    *,
    again: bool,
    terminal: Terminal | None = None,
    begun: Begun | None = None,
) -> web.Response:
    """To the provider, and from there ``to`` a page of the console, or back to a command line.
    ``again``: whoever the provider knows shows anew who they are. ``begun``: what was begun before
    in this browser, for who has just come back and shows no cookie of the session."""
    try:
        departure = await _provider(call).begin(
            to,
            max_age_s=0 if again else None,
            prompt="login" if again else None,
        )
    except WatchfloorError as error:
        return _to(f"/#/sign-in-failed/{error.code}")
    response = _to(departure.url)
    session = call.session.id if call.session else None
    device = origin_of(call.request).device
    if begun is not None:
        session, device = begun.session, begun.device
    handle = call.hub.departures.keep(departure.pending, session, device, terminal)
    # The provider sends the browser back from its own site: by a link, or (SAML) by a form.
    settings = call.hub.settings.sign_on
    set_cookie(
        call.request, response, PENDING, handle, max_age=WITHIN_S,
        samesite="None" if settings and settings.saml_metadata else "Lax",
    )  # fmt: skip
    return response


async def arrive(call: Call) -> web.Response:
    """Take who comes back from the provider, and begin their session. What fails is told on a page
    of the console."""
    form = await call.request.post() if call.request.method == "POST" else call.request.query
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    try:
        begun = call.hub.departures.take(cookie(call.request, PENDING))
        signed_on = await _provider(call).finish(said, begun.pending)
    except WatchfloorError as error:
        refused(call, error)
        return _to(f"/#/sign-in-failed/{error.code}")
    try:
        person = await call.hub.handles.take(_person(call, signed_on))
    except WatchfloorError as error:
        refused(call, error, operator=_turned_away(call, signed_on, error))
        return _to(f"/#/sign-in-failed/{error.code}")
    if _opens_what_was_left(call, person, signed_on, begun):
        return await send_away(call, begun.pending.return_to, again=True, begun=begun)
    await call.hub.names.learn(person)
    _end_renamed(call, person, begun.session)
    vouched = Vouched(person, signed_on.auth_time, signed_on.sid, signed_on.ticket)
    if begun.terminal is not None:
        return _back_to(begun.terminal, call.hub.handovers.give(vouched, begun.terminal))
    response = _to(begun.pending.return_to)
    drop_cookie(call.request, response, PENDING)
    before = next((each for each in call.hub.sessions.all() if each.id == begun.session), None)
    origin = replace(origin_of(call.request), device=begun.device)
    go_on(call, response, vouched, before, origin)
    return response


async def arrive_by_form(call: Call) -> web.Response:
    """The same, as SAML's HTTP-POST binding has it. What guards it is not the form's origin, which
    is another site, but what was begun in this browser."""
    return await arrive(call)


async def logged_out(call: Call) -> None:
    """The provider says that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""
    form = await call.request.post()
    try:
        ended = await _provider(call).logged_out(str(form.get("logout_token", "")))
    except WatchfloorError as error:
        refused(call, error, AuditEvent.SESSION_REVOKED, {"by": "provider"})
        raise
    subject = person_id(ended.issuer, ended.subject) if ended.subject else None

    def fits(begun: Session | Vouched) -> bool:
        if ended.sid is not None:
            return begun.provider_session == ended.sid
        return begun.person.id == subject

    call.hub.handovers.forget_where(fits)
    for session in call.hub.sessions.end_where(fits):
        note(call, AuditEvent.SESSION_REVOKED, session=session, more={"by": "provider"})


def _to(url: str) -> web.Response:
    return web.Response(status=302, headers={"Location": url})


def _provider(call: Call) -> SignOn:
    if call.hub.sign_on is None:
        raise _no_sign_on()
    return call.hub.sign_on


def _no_sign_on() -> NotFound:
    return NotFound(
        "No identity provider is connected to this hub.",
        code="no_sign_on",
        remedy="Whoever runs the hub connects one: docs/sign-in.md.",
    )


def _person(call: Call, signed_on: SignedOn) -> Person:
    """Who it is here. Raises ``Refused`` for who has no place, or showed one factor."""
    settings = call.hub.settings
    assert settings.sign_on is not None
    require_two_factors(signed_on, settings.sign_on)
    now = call.hub.clock.now()
    return attributes(signed_on, settings.sign_on, settings.agency, now).person


def _turned_away(call: Call, signed_on: SignedOn, error: WatchfloorError) -> Operator:
    """Whom the provider named. A handle that it cannot say, or that is another's here, names
    nobody."""
    settings, handle = call.hub.settings.sign_on, None
    assert settings is not None
    with suppress(WatchfloorError):
        handle = called(signed_on, settings)
    taken = error.code == "handle_taken"
    return Operator(
        id=person_id(signed_on.issuer, signed_on.subject), handle=None if taken else handle
    )


def _opens_what_was_left(call: Call, person: Person, signed_on: SignedOn, begun: Begun) -> bool:
    """Whether the provider answers for who is no longer there: it knows them from before a screen
    of theirs locked, and whoever is at the browser has shown nothing (CJISSECPOL AC-11). By the
    person, and not by a cookie alone, which a link from elsewhere does not bring. Who was sent to
    show it anew has."""
    return begun.pending.max_age_s != 0 and call.hub.sessions.left_since(
        signed_on.auth_time,
        lambda session: session.person.id == person.id or session.id == begun.session,
    )


def _end_renamed(call: Call, person: Person, but: str | None) -> None:
    """They have another handle than before: nobody is two people at once to what goes by it."""
    for session in call.hub.sessions.end_where(
        lambda session: (
            session.person.id == person.id
            and session.person.handle != person.handle
            and session.id != but
        )
    ):
        note(call, AuditEvent.SESSION_REVOKED, session=session, more={"by": "provider"})


def _back_to(terminal: Terminal, code: str) -> web.Response:
    """To the loopback address by its number (RFC 8252, sections 7.3 and 8.3). By a page, and not by
    a redirect: that would count as the end of the provider's form, which may only lead here (CSP
    Level 3, section 6.4.1, form-action)."""
    query = urlencode({"code": code, "state": terminal.state})
    url = escape(f"http://127.0.0.1:{terminal.port}/?{query}")
    page = (
        f'<!doctype html><meta http-equiv="refresh" content="0;url={url}"><title>Watchfloor</title>'
        f'<p>Back to the command line: <a href="{url}">go on</a>.'
    )
    return web.Response(text=page, content_type="text/html")


_TO = {"type": "string", "minLength": 1, "maxLength": 2000}
_AWAY = {302: Answer("The browser goes on.")}
_BACK = {
    **_AWAY,
    200: Answer("For a command line: a page that goes on there.", None, "text/html"),
}

ROUTES = (
    Route("GET", "/sign-in", "session", "Sign in by the agency's provider", depart, session=False,
          params=(Param("to", "Where in the console to go then.", _TO, default="/"),
                  Param("again", "Show anew who one is.", {"type": "boolean"}, default=False)),
          answers=_AWAY),
    Route("GET", "/sign-in/contact", "session", "Whom to ask for access", whom_to_ask,
          session=False, answers={200: Answer("Whom the agency names.", Contact)}),
    Route("GET", "/sign-in/callback", "session", "Back from the provider", arrive,
          session=False, any_query=True, answers=_BACK),
    Route("POST", "/sign-in/callback", "session", "Back from it by a form", arrive_by_form,
          session=False, any_query=True, from_elsewhere=True, answers=_BACK),
    Route("POST", "/sign-in/logged-out", "session", "The provider ended a session", logged_out,
          session=False, from_elsewhere=True),
)  # fmt: skip
