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
    """One API call: parameters read and checked, body decoded, caller known."""

    request: web.Request
    hub: Hub
    actor: str
    params: dict[str, Any]
    body: Any = None


Handler = Callable[[Call], Awaitable[Any]]


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
    session: bool = True
    """Whether a signed-in person is needed."""
    max_body: int = 1024 * 1024


LIMIT = Param(
    "limit",
    "How many at most.",
    {"type": "integer", "minimum": 1, "maximum": 1000},
    default=100,
)


def one_of(words: Iterable[str]) -> JsonSchema:
    """Of some words one or several, separated by commas."""
    either = "|".join(sorted(words))
    return {"type": "string", "pattern": f"^({either})(,({either}))*$"}


def path_param(name: str, help: str, schema: JsonSchema = TEXT) -> Param:
    """A parameter in the path."""
    return Param(name, help, schema, "path", required=True)
