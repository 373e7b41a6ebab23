"""Requests of a declarative connector: templates filled, the credential's proof put on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from watchfloor.contracts import AskAPerson, Refused
from watchfloor_sdk import auth as flows
from watchfloor_sdk import pace as pacing

from .plan import SourceFile
from .requests import Auth, Pace, Request

if TYPE_CHECKING:
    from watchfloor_sdk.answer import Answer
    from watchfloor_sdk.context import Context
    from watchfloor_sdk.http import Http

    from .answers import Failure, Judge

_BRACES = re.compile(r"\{([^{}]*)\}")
_PLACES = frozenset({"checkpoint", "page", "offset"})


Named = Callable[[str], Any]
"""What stands for a name in braces; ``None`` for nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Which page is asked for. ``url`` is the address that the vendor named for it, if it did."""

    checkpoint: Any = None
    page: int = 1
    offset: int = 0
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def named(self, settings: Mapping[str, Any]) -> Named:
        """What stands for the names of a source's request."""

        def value(name: str) -> Any:
            if name in _PLACES:
                return getattr(self, name)
            return settings.get(name.removeprefix("settings."))

        return value


def braces_of(request: Request) -> set[str]:
    """The names that a request's templates use."""
    texts = [request.path or request.url or "", *_texts(request.body)]
    texts += [*request.query.values(), *request.headers.values(), *request.form.values()]
    return {name for text in texts if isinstance(text, str) for name in names_in(text)}


def names_in(template: str) -> list[str]:
    """The names in a template's braces, in their order."""
    return _BRACES.findall(template)


def known_to_sources(settings: Mapping[str, Any]) -> set[str]:
    """The names that a source's request may use."""
    return {*_PLACES, *(f"settings.{name}" for name in settings)}


def _texts(body: Any) -> list[Any]:
    if isinstance(body, dict):
        return [text for one in body.values() for text in _texts(one)]
    if isinstance(body, list):
        return [text for one in body for text in _texts(one)]
    return [body]


class Client:
    """Asks one vendor. ``judge`` finds the failures in answers of success."""

    def __init__(
        self,
        ctx: Context[Any],
        file: SourceFile,
        settings: Mapping[str, Any],
        judge: Judge | None,
    ) -> None:
        self.judge = judge
        self._ctx = ctx
        self._file = file
        self._settings = settings
        self._http: Http | None = None

    async def ask(self, request: Request, turn: Turn) -> Answer:
        """One request of a source. Raises what ``ctx.http`` raises, and what the answer tells."""
        answer = await self.asked(request, turn)
        if failure := self.failure(answer):
            raise failure.error()
        return answer

    async def asked(self, request: Request, turn: Turn) -> Answer:
        """The answer to one request of a source, whatever it tells."""
        fill = Filler(turn.named(self._settings))
        options = _options(request, fill, fill)
        options["headers"] |= turn.headers
        if turn.url is not None:
            del options["params"]
        url = turn.url or self._address(request, fill)
        return await self.send(request.method, url, options)

    def failure(self, answer: Answer) -> Failure | None:
        """The failure that an answer tells."""
        return self.judge.of_answer(answer, self._ctx.now()) if self.judge else None

    async def order(
        self, request: Request, fill: Filler, body: Filler, *, once: bool = False
    ) -> Answer:
        """The request of an action; ``body`` fills in what is sent. Raises what ``ctx.http``
        raises. ``once``: a GET is not repeated."""
        options = _options(request, fill, body)
        if once and request.method == "GET":
            options["tries"] = 1
        return await self.send(request.method, self._address(request, fill), options)

    async def get(self, path: str) -> Answer:
        """A path below ``base_url``."""
        return await self.send("GET", self._below(path), {})

    async def send(self, method: str, url: str, options: Mapping[str, Any]) -> Answer:
        """A request, to the vendor's own host with the credential's proof on it."""
        if self._http is None:
            base_url = self._settings.get("base_url") or self._settings.get("url")
            auth = flow(self._ctx, self._file.auth) if self._file.auth is not None else None
            pace = pace_of(self._file.pace) if self._file.pace is not None else None
            self._http = self._ctx.http.vendor(base_url=base_url, auth=auth, pace=pace)
        return await self._http.request(method, url, **options)

    def address(self, request: Request, turn: Turn) -> str:
        """The address of a source's request without its query."""
        return self._address(request, Filler(turn.named(self._settings)))

    def _address(self, request: Request, fill: Filler) -> str:
        if request.url is not None:
            return fill.text(request.url) or ""
        return self._below(fill.path(request.path or ""))

    def _below(self, path: str) -> str:
        base = str(self._settings.get("base_url") or "").rstrip("/")
        return f"{base}/{path.lstrip('/')}"


def _options(request: Request, fill: Filler, body: Filler) -> dict[str, Any]:
    """What is sent beside method and address. What comes to nothing is left out."""
    headers = {name: fill.text(said) for name, said in request.headers.items()}
    options: dict[str, Any] = {
        "headers": {name: said for name, said in headers.items() if said},
        "params": fill.some(request.query) or None,
    }
    if request.body is not None:
        options["json"] = body.whole(request.body)
    if request.form:
        options["data"] = body.some(request.form)
    return options


class Filler:
    """Fills templates with what stands for their names."""

    def __init__(self, named: Named) -> None:
        self._named = named

    def value(self, said: Any) -> Any:
        """A template's value; one that is only a brace keeps its type."""
        if not isinstance(said, str):
            return said
        only = _BRACES.fullmatch(said)
        return self._named(only[1]) if only else self.text(said)

    def some(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The values of templates, without those that come to nothing."""
        filled = {name: self.value(one) for name, one in said.items()}
        return {name: one for name, one in filled.items() if one is not None}

    def text(self, said: str) -> str | None:
        """A template as text; nothing where one of its braces comes to nothing."""
        values = [self._named(name) for name in names_in(said)]
        if any(value is None for value in values):
            return None
        found = iter(values)
        return _BRACES.sub(lambda _: str(next(found)), said)

    def path(self, said: str) -> str:
        """A template as a path. Raises ``Refused`` where what is filled in would lead elsewhere."""
        filled = _BRACES.sub(lambda one: quote(str(self._named(one[1]) or ""), safe=""), said)
        if not {".", ".."}.isdisjoint(filled.split("/")):
            raise Refused(
                "What is filled into the address leads elsewhere.",
                code="bad_url",
                remedy="Correct the settings, or what the action was told.",
            )
        return filled

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


def pace_of(pace: Pace) -> pacing.Pace:
    """The vendor's limit, kept to."""
    return pacing.Pace(pacing.Limit(pace.calls, pace.per_s, pace.burst))


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
