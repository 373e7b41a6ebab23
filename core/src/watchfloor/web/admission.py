"""What happens between a route's parameters and its handler: is the session open, may this person
do this, for which purpose; decided and written down by the one door (``watchfloor.access``)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from aiohttp import web

from watchfloor.access import About, Asking, Grant, Recording
from watchfloor.contracts import Refused
from watchfloor.identity import Origin, Role, Session
from watchfloor.requests import digest_of

from .cookies import COOKIE, DEVICE, cookie
from .forwarded import peer_of
from .hub import Hub
from .programs import program_of
from .routes import REQUEST, Access, Call, Param, Route


def asked_for(route: Route) -> Sequence[Param]:
    """A route's parameters. Where purpose matters, each takes the request that carries it."""
    if route.access is None or route.access.purpose == "none":
        return route.params
    return (*route.params, REQUEST)


def check_open(session: Session, hub: Hub) -> None:
    """Raises ``Refused`` for a session that is locked, or whose person has not read the banner."""
    if session.state(hub.clock.now()) == "locked":
        raise Refused(
            "This session is locked.",
            code="session_locked",
            remedy="Sign in again; your work is kept.",
        )
    if hub.settings.sign_in_banner and not session.acknowledged:
        raise Refused(
            "The notice of this system has not been acknowledged.",
            code="banner_not_acknowledged",
            remedy="Read it and acknowledge it.",
        )


def check_still_open(call: Call) -> None:
    """For an answer that took its time: nobody is shown it whose session ended or locked meanwhile,
    or goes on by a new secret. Raises ``Refused``."""
    if not still_opens(call):
        raise not_signed_in("Sign in; the console's page does it.")
    check_open(call.signed_in, call.hub)


def still_opens(call: Call) -> bool:
    """Whether what was shown opens its session still. A token's is asked anew with each call, and
    reads nothing."""
    session = call.signed_in
    shown = cookie(call.request, COOKIE)
    return session.source is not None or call.hub.sessions.find(shown) is session


def not_signed_in(remedy: str) -> Refused:
    """There is no session, or no token, that opens anything."""
    return Refused("Nobody is signed in here.", code="not_signed_in", remedy=remedy)


async def admit(call: Call, access: Access) -> Grant:
    """A grant for this call. Raises ``Refused`` with the reason, and where to ask."""
    session = call.signed_in
    asking = _asking(call, session, access)
    if (refused := _not_by_this_session(call, session, access)) is not None:
        await call.hub.door.turn_away(asking, refused)
    refused, approval = await _not_alone(call, session, access)
    if approval:
        asking = _naming(asking, approval)
    if refused is not None:
        await call.hub.door.turn_away(asking, refused)
    return await call.hub.door.admit(asking)


def check_attended(call: Call) -> None:
    """For what matters most by what the call is found to be about. Raises ``Refused`` (code
    ``reauthenticate``) at a desk that somebody may have left open."""
    session = call.signed_in
    if not (session.passing or session.is_fresh(call.hub.clock.now())):
        raise _not_fresh()


def _not_fresh() -> Refused:
    return Refused(
        "This needs a fresh proof of who you are.",
        code="reauthenticate",
        remedy="Sign in again; what you were doing is kept.",
    )


def bearer(request: web.Request) -> str | None:
    """The token that is shown, if one is (RFC 6750, 2.1)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _asking(call: Call, session: Session, access: Access) -> Asking:
    return Asking(
        person=session.person,
        permission=access.permission,
        event=access.event,
        origin=origin_of(call.request),
        session=session.id,
        purpose=access.purpose,
        request=call.params.get(REQUEST.name) or session.request,
        about=access.about(call) if access.about else About(object=object_of(call)),
        in_full=lambda: _in_full(call, call.request.path),
        recording=_recording(call, access),
    )


async def _in_full(call: Call, what: str) -> str:
    """All that a call says, as a hash, to be agreed to as it is. Further pages of a list are the
    same list. A file stands there by its own hash, which takes its time where it is large."""
    params = {name: each for name, each in call.params.items() if name not in ("limit", "cursor")}
    body = call.body
    if isinstance(body, bytes):
        body = (await asyncio.to_thread(hashlib.sha256, body)).hexdigest()
    deed = {"method": call.request.method, "params": params, "body": body}
    return digest_of(msgspec.to_builtins(deed), what)


def _not_by_this_session(call: Call, session: Session, access: Access) -> Refused | None:
    """What the way in does not open, whoever it is: one too long ago, another source's token."""
    fresh = access.fresh or (access.attended and not session.passing)
    if fresh and not session.is_fresh(call.hub.clock.now()):
        return _not_fresh()
    asks = access.purpose in ("guarded", "needed") or call.request.method != "GET"
    if session.wall and asks:
        return Refused(
            "A wall's screen only receives.",
            code="wall_only_receives",
            remedy="Ask at a desk; to use this screen as one, sign out and in again.",
        )
    if session.source is not None and call.params.get("source") != session.source:
        return Refused(
            "This token is for another source.",
            code="not_its_source",
            remedy="Ask who runs the hub for a token of this source's own.",
        )
    return None


async def _not_alone(call: Call, session: Session, access: Access) -> tuple[Refused | None, str]:
    """The refusal of a setting of which a second person has yet to say that it may be just this,
    and the question's id; or that alone, where they have: their yes is used up by this. Whoever
    could not do it anyway asks nobody: the door tells them."""
    person = session.person
    if access.permission not in person.permissions or Role.DEVELOPER in person.roles:
        return None, ""
    if (question := access.second_is_asked(call)) is None:
        return None, ""
    what = f"{question.what}: {'/'.join(call.request.match_info.values())}"
    shown = await question.shown() if callable(question.shown) else question.shown
    # What they are shown is more than what the call says, and counts as much: they agree to that.
    # It goes on record, where a plate in what is asked must not be guessed at.
    said = await _in_full(call, f"{what}\n{shown}")
    digest = await call.hub.door.sealer.joining("question", said)
    if (agreed := await call.hub.approvals.use(person, digest)) is not None:
        return None, agreed.id
    asked = await call.hub.approvals.ask(person, question.about, digest, what, "", shown=shown)
    refused = Refused(
        "This takes a second person, who has to agree first.",
        code="second_person_needed",
        remedy=f"They have been asked ({asked.id}); ask again once they have answered.",
        approval=asked.id,
    )
    return refused, asked.id


def _naming(asking: Asking, approval: str) -> Asking:
    """The same, with the question to a second person on its record."""
    more = {**asking.about.more, "approval": approval}
    return replace(asking, about=replace(asking.about, more=more))


def _recording(call: Call, access: Access) -> Recording:
    """What reads data and what changes anything is refused while it cannot be written down. A page
    that only shows how the hub fares is noted."""
    if access.fails_open or (access.purpose == "none" and call.request.method == "GET"):
        return "soon"
    return "meanwhile" if access.meanwhile else "before"


def object_of(call: Call) -> tuple[str, str | None]:
    """What it is done to, as its path says: ids alone."""
    resource = call.request.match_info.route.resource
    kind = resource.canonical.split("/")[3] if resource else "api"
    return kind, "/".join(call.request.match_info.values()) or None


def origin_of(request: web.Request) -> Origin:
    """Where a call comes from, whatever its session was begun at. A browser always shows its
    device's mark; a command line has none, nor has a cookie that was carried off alone."""
    program = program_of(request.headers.get("User-Agent", ""))
    return Origin(peer_of(request).address, cookie(request, DEVICE) or "", program)
