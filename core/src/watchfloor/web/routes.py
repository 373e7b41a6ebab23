"""The route table: what the API offers, stated once, served and described from the same rows.

A ``Route`` says method, path, parameters, body and answers. ``web/server.py`` serves it (reading
and checking parameters by these very schemas), ``web/openapi.py`` describes it. A handler gets a
``Call`` and returns a value (encoded as JSON) or an aiohttp response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from watchfloor.access import About, Grant, PurposeRule
from watchfloor.audit import AuditEvent
from watchfloor.identity import Permission, Person, Session

from .hub import Hub

JsonSchema = Mapping[str, Any]

TEXT: JsonSchema = {"type": "string", "minLength": 1, "maxLength": 256}
POSITIVE: JsonSchema = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter in the path or the query."""

    name: str
    help: str
    schema: JsonSchema = field(default_factory=lambda: TEXT)
    where: Literal["path", "query"] = "query"
    required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One way in which a route answers: a type (msgspec), a schema, or other content."""

    help: str
    body: Any = None
    content_type: str = "application/json"


@dataclass(slots=True)
class Call:
    """One API call: parameters read and checked, body decoded, caller known and admitted."""

    request: web.Request
    hub: Hub
    params: dict[str, Any]
    body: Any = None
    session: Session | None = None
    given: Grant | None = None

    @property
    def signed_in(self) -> Session:
        """The caller's session, on a route that needs one."""
        assert self.session is not None
        return self.session

    @property
    def person(self) -> Person:
        """Who is signed in."""
        return self.signed_in.person

    @property
    def actor(self) -> str:
        """Who is signed in, as histories name them."""
        return self.person.handle

    @property
    def grant(self) -> Grant:
        """What was granted to the caller, on a route that declares its access."""
        assert self.given is not None
        return self.given


Handler = Callable[[Call], Awaitable[Any]]
Telling = Callable[[Call], About]


@dataclass(frozen=True, slots=True)
class ToAgree:
    """What a second person is asked. ``what`` says it in words that name nobody, for the record as
    well; ``shown`` is the thing itself as it will be, or finds it; ``about``, who may answer."""

    what: str
    shown: str | Callable[[], Awaitable[str]] = ""
    about: Literal["settings", "following"] = "settings"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may, for what, and what is written down. Decided before the handler runs, and recorded.

    ``purpose``: ``needed`` refuses without one; ``guarded`` shows what is no personal data without
    one. ``about`` tells policy and record what is asked for. ``fails_open``: it goes on while the
    audit cannot be written (alerts and what brings them); all else is refused then.
    """

    permission: Permission
    event: AuditEvent
    purpose: PurposeRule = "none"
    about: Telling | None = None
    fails_open: bool = False
    meanwhile: bool = False
    """Whether it is done while its record is being written, for what only reads from the hub's own
    store: no answer begins before the record stands."""
    only_shows: bool = False
    """Whether it changes nothing, though it is no GET, which never does: its answer is for nobody
    whose session has ended or locked by then, or goes on by a new secret."""
    fresh: bool = False
    """Whether the person must have proven who they are just now (CJISSECPOL IA-11)."""
    attended: bool = False
    """The same at a desk, which somebody may have left open. The hub's own machine need not: a way
    back must be left when the provider is down."""
    two_people: str | Callable[[Call], str | ToAgree] = ""
    """What a second person is asked, in words, before it is done; empty where one is enough. Where
    that hangs on what the call changes, a function says it. On a hub for development, which has one
    person, one is."""

    def second_is_asked(self, call: Call) -> ToAgree | None:
        """What a second person is asked before this call is done, if one is not enough."""
        asked = self.two_people(call) if callable(self.two_people) else self.two_people
        if isinstance(asked, str):
            return ToAgree(asked) if asked else None
        return asked


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    tag: str
    summary: str
    handler: Handler
    params: tuple[Param, ...] = ()
    body: Any = None
    body_content_type: str = "application/json"
    answers: Mapping[int, Answer] = field(default_factory=dict)
    access: Access | None = None
    session: bool = True
    """Whether a signed-in person is needed. Without ``access``, any will do, also while their
    screen is locked: these are the routes about one's own session."""
    any_query: bool = False
    """Whether others choose the query's parameters: what a provider sends along."""
    from_elsewhere: bool = False
    """Whether another system has it sent, and so it does not come from the hub's own pages: it says
    by itself that it is genuine."""
    max_body: int = 1024 * 1024


LIMIT = Param(
    "limit",
    "How many at most.",
    {"type": "integer", "minimum": 1, "maximum": 1000},
    default=100,
)


TIME: JsonSchema = {"type": "string", "format": "date-time", "maxLength": 64}
"""A moment (RFC 3339)."""

REQUEST = Param(
    "request",
    "For which request it is asked; the one that is open in the session, when left out.",
    {"type": "string", "pattern": "^R-[0-9]{2}-[0-9]{6,12}$"},
)


def one_of(words: Iterable[str]) -> JsonSchema:
    """Of some words one or several, separated by commas."""
    either = "|".join(sorted(words))
    return {"type": "string", "pattern": f"^({either})(,({either}))*$"}


def path_param(name: str, help: str, schema: JsonSchema = TEXT) -> Param:
    """A parameter in the path."""
    return Param(name, help, schema, "path", required=True)
