"""What people see of the provider: whom to play, the second factor, and leaving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from joserfc.errors import JoseError

from . import pages
from .desk import Asked, Declined, Desk, Login
from .people import Person

log = logging.getLogger(__name__)

COOKIE = "example_city_sign_in"
MOST_OPEN = 1000
TOLD_S = 5.0


@dataclass(slots=True)
class _Page:
    """What somebody has before them."""

    asked: Asked
    person: Person | None = None


class Browser:
    """The pages of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: dict[str, _Page] = {}

    def routes(self) -> list[web.RouteDef]:
        """Path and method of each."""
        return [
            web.get("/", self._home),
            web.get("/style.css", self._style),
            web.get("/authorize", self._authorize),
            web.post("/person", self._person),
            web.post("/factor", self._factor),
            web.get("/end-session", self._end_session),
            web.post("/sign-out", self._sign_out),
        ]

    async def _home(self, request: web.Request) -> web.Response:
        login = self._login(request)
        return pages.response(pages.home(login.person if login else None))

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(text=pages.STYLE, content_type="text/css")

    async def _authorize(self, request: web.Request) -> web.Response:
        """OpenID Connect Core 1.0, section 3.1.2."""
        query = request.query
        _, uri = self._desk.client_of(query)
        try:
            if len({*query}) != len(query):
                raise Declined("invalid_request", "A parameter stands twice.")
            asked = self._desk.asked(query)
            login = self._login(request)
            if login is not None and self._desk.enough(login, asked):
                return _to(uri, self._desk.code(asked, login))
            if query.get("prompt") == "none":
                raise Declined("login_required", "Nobody is signed in.")
        except Declined as error:
            return self._declined(uri, query.get("state", ""), error.error)
        key = token_urlsafe(16)
        self._open[key] = _Page(asked)
        while len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
        return pages.response(pages.choose(key, self._desk.people.values(), uri), sends_to=uri)

    async def _person(self, request: web.Request) -> web.Response:
        """Somebody has said who they are; now the second factor."""
        form = await request.post()
        key, page = self._opened(form)
        page.person = self._desk.people.get(str(form.get("person")))
        if page.person is None:
            raise LookupError("There is nobody of that name here.")
        uri = page.asked.redirect_uri
        return pages.response(pages.factor(key, page.person), sends_to=uri)

    async def _factor(self, request: web.Request) -> web.Response:
        """The second factor was shown, or not: the hub is told what happened."""
        form = await request.post()
        key, page = self._opened(form)
        if page.person is None:
            raise LookupError("Say first who you are.")
        del self._open[key]
        asked, answer = page.asked, form.get("answer")
        if answer == "cancel":
            return self._declined(asked.redirect_uri, asked.state, "access_denied")
        cookie = self._desk.sign_in(page.person, strong=answer == "touched")
        response = _to(asked.redirect_uri, self._desk.code(asked, self._desk.logins[cookie]))
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax")
        return response

    async def _end_session(self, request: web.Request) -> web.Response:
        """RP-Initiated Logout 1.0, section 2: who comes with an ID token of this very login leaves
        at once; anybody else is asked."""
        login, query = self._login(request), request.query
        try:
            hint = self._desk.keys.read(query.get("id_token_hint", ""))
        except (JoseError, ValueError):
            hint = {}
        if login is not None:
            if hint.get("sid") != login.sid:
                return pages.response(pages.home(login.person))
            await tell(self._desk.ended(login))
        client = self._desk.clients.get(str(hint.get("aud")))
        back = query.get("post_logout_redirect_uri", "")
        if client is None or back not in client.post_logout_redirect_uris:
            return _forgotten(pages.response(pages.home(None)))
        return _forgotten(_to(back, {"state": query["state"]} if "state" in query else {}))

    async def _sign_out(self, request: web.Request) -> web.Response:
        """Somebody leaves here; the hubs hear of it."""
        if (login := self._login(request)) is not None:
            await tell(self._desk.ended(login))
        return _forgotten(_to("/", {}))

    def _declined(self, uri: str, state: str, error: str) -> web.Response:
        return _to(uri, {"error": error, "state": state, "iss": self._desk.issuer})

    def _login(self, request: web.Request) -> Login | None:
        return self._desk.logins.get(request.cookies.get(COOKIE, ""))

    def _opened(self, form: Mapping[str, object]) -> tuple[str, _Page]:
        key = str(form.get("page"))
        if key not in self._open:
            raise LookupError("This page is old. Go back to the console and sign in again.")
        return key, self._open[key]


async def tell(messages: Iterable[tuple[str, str]]) -> None:
    """Hand hubs their logout tokens (Back-Channel Logout 1.0, section 2.5). One that does not
    answer is not waited for: its session ends by its own clock."""
    async with ClientSession(timeout=ClientTimeout(total=TOLD_S)) as session:
        await asyncio.gather(*(_told(session, uri, token) for uri, token in messages))


async def _told(session: ClientSession, uri: str, token: str) -> None:
    try:
        async with session.post(uri, data={"logout_token": token}) as response:
            log.info("a hub was told of a logout and answered %s", response.status)
    except (ClientError, TimeoutError) as error:
        log.warning("a hub could not be told of a logout (%s)", type(error).__name__)


def _to(uri: str, query: Mapping[str, str]) -> web.Response:
    """After a form, the browser goes on with GET."""
    joined = "&" if "?" in uri else "?"
    place = f"{uri}{joined}{urlencode(query)}" if query else uri
    return web.Response(status=303, headers={"Location": place, "Cache-Control": "no-store"})


def _forgotten(response: web.Response) -> web.Response:
    response.del_cookie(COOKIE)
    return response
