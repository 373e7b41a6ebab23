"""Requests of a declarative source: templates filled, the credential's proof put on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from watchfloor.contracts import AskAPerson
from watchfloor_sdk import auth as flows

from .plan import Auth, Request

if TYPE_CHECKING:
    from watchfloor_sdk.answer import Answer
    from watchfloor_sdk.context import Context
    from watchfloor_sdk.http import Http

_BRACES = re.compile(r"\{([^{}]*)\}")
_PLACES = frozenset({"checkpoint", "page", "offset"})


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page is asked for. ``url`` is the address that the vendor named for it, if it did."""

    checkpoint: Any = None
    page: int = 1
    offset: int = 0
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str, settings: Mapping[str, Any]) -> Any:
        """What stands for ``{name}``."""
        if name in _PLACES:
            return getattr(self, name)
        return settings.get(name.removeprefix("settings."))


def braces_of(request: Request) -> set[str]:
    """The names that a request's templates use."""
    texts = [request.path or request.url or "", *_texts(request.body)]
    texts += [one for one in (*request.query.values(), *request.headers.values()) if one]
    return {name for text in texts if isinstance(text, str) for name in _BRACES.findall(text)}


def unknown_braces(names: set[str], settings: Mapping[str, Any]) -> str | None:
    """A name that nothing stands for."""
    known = _PLACES | {f"settings.{name}" for name in settings}
    return next(iter(sorted(names - known)), None)


def _texts(body: Any) -> list[Any]:
    if isinstance(body, dict):
        return [text for one in body.values() for text in _texts(one)]
    if isinstance(body, list):
        return [text for one in body for text in _texts(one)]
    return [body]


class Client:
    """Asks one vendor."""

    def __init__(self, ctx: Context[Any], auth: Auth | None, settings: Mapping[str, Any]) -> None:
        self._ctx = ctx
        self._settings = settings
        self._auth = auth
        self._http: Http | None = None

    async def ask(self, request: Request, turn: Turn) -> Answer:
        """One request. Raises what ``ctx.http`` raises."""
        fill = Filler(turn, self._settings)
        query = {name: fill.value(said) for name, said in request.query.items()}
        headers = {name: fill.text(said) for name, said in request.headers.items()}
        named = {name: said for name, said in headers.items() if said}
        options: dict[str, Any] = {"headers": {**named, **turn.headers}}
        if turn.url is None:
            options["params"] = {n: v for n, v in query.items() if v is not None} or None
        if request.body is not None:
            options["json"] = fill.whole(request.body)
        return await self.send(request.method, turn.url or self.address(request, turn), options)

    async def get(self, path: str) -> Answer:
        """A path below ``base_url``."""
        return await self.send("GET", self._below(path), {})

    async def send(self, method: str, url: str, options: Mapping[str, Any]) -> Answer:
        """A request, to the vendor's own host with the credential's proof on it."""
        if self._http is None:
            base_url = self._settings.get("base_url") or self._settings.get("url")
            auth = flow(self._ctx, self._auth) if self._auth is not None else None
            self._http = self._ctx.http.vendor(base_url=base_url, auth=auth)
        return await self._http.request(method, url, **options)

    def address(self, request: Request, turn: Turn) -> str:
        """A request's address without its query."""
        fill = Filler(turn, self._settings)
        if request.url is not None:
            return fill.text(request.url) or ""
        return self._below(fill.path(request.path or ""))

    def _below(self, path: str) -> str:
        base = str(self._settings.get("base_url") or "").rstrip("/")
        return f"{base}/{path.lstrip('/')}"


class Filler:
    """Fills templates for one turn."""

    def __init__(self, turn: Turn, settings: Mapping[str, Any]) -> None:
        self._turn = turn
        self._settings = settings

    def value(self, said: Any) -> Any:
        """A template's value; one that is only a brace keeps its type."""
        if not isinstance(said, str):
            return said
        only = _BRACES.fullmatch(said)
        return self._turn.value(only[1], self._settings) if only else self.text(said)

    def text(self, said: str) -> str | None:
        """A template as text; nothing where one of its braces comes to nothing."""
        values = [self._turn.value(name, self._settings) for name in _BRACES.findall(said)]
        if any(value is None for value in values):
            return None
        found = iter(values)
        return _BRACES.sub(lambda _: str(next(found)), said)

    def path(self, said: str) -> str:
        """A template as a path: what is filled in cannot lead elsewhere."""
        return _BRACES.sub(
            lambda one: quote(str(self._turn.value(one[1], self._settings) or ""), safe=""), said
        )

    def whole(self, body: Any) -> Any:
        """A body with all of its templates filled."""
        if isinstance(body, dict):
            return {name: self.whole(said) for name, said in body.items()}
        if isinstance(body, list):
            return [self.whole(said) for said in body]
        return self.value(body)


def going_on(turn: Turn, **changes: Any) -> Turn:
    """The turn after this one."""
    return replace(turn, **changes)


def flow(ctx: Context[Any], auth: Auth) -> flows.Auth:
    """The flow of that name. Raises ``AskAPerson`` (code ``unknown_flow``)."""
    options: dict[str, Any] = dict(auth.options)
    if auth.flow == "bearer":
        return flows.ApiKey(ctx, auth.credential, header="authorization", prefix="Bearer ")
    if auth.flow == "header":
        return flows.ApiKey(ctx, auth.credential, **options)
    if auth.flow == "basic":
        return flows.Basic(ctx, auth.credential)
    if auth.flow == "oauth2_client":
        token_url = options.pop("token_url", "")
        return flows.ClientCredentials(ctx, auth.credential, token_url, extra=options)
    raise AskAPerson(
        f"There is no flow {auth.flow!r}.",
        code="unknown_flow",
        remedy="Use bearer, header, basic or oauth2_client, or write the connector in Python.",
    )
