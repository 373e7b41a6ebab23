"""Requests of a mapping file: what is asked or ordered, and what the answers mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from watchfloor_sdk.mapping_files import MappingPart

from .fields import Condition, Field, Scalar, Text


class Request(MappingPart):
    """One request. Braces hold ``{settings.…}`` and, in a source, ``{checkpoint}``, ``{page}`` and
    ``{offset}``; in an action, what ``Action`` lists.

    ``path`` is below the ``base_url`` of the settings and its parts are percent-encoded; ``url`` is
    a whole address. A query, header or field of a form that comes to nothing is left out; what is
    only a brace keeps its type in a ``body`` (JSON). ``form`` is sent instead of a body.
    """

    path: Text | None = None
    url: Text | None = None
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    query: dict[str, Scalar] = {}
    headers: dict[str, str] = {}
    body: Any = None
    form: dict[str, Scalar] = {}

    def __post_init__(self) -> None:
        if (self.path is None) == (self.url is None):
            raise ValueError("give either path or url")
        if self.form and self.body is not None:
            raise ValueError("give either body or form")


class Paging(MappingPart):
    """How to come to the next page, until there is none.

    ``cursor``: ``next`` is the path to the value that the next request sends as ``{checkpoint}``,
    kept as the checkpoint; ``more`` the path to whether there is more (else: until there is no
    value). ``version``: the same with a token that every page has; a page of fewer than ``size``
    records is the last for now. ``offset`` and ``page``: ``{offset}`` or ``{page}`` (from
    ``first``) goes on until a page is empty or ``total`` records were read. ``next_url``: ``next``
    is the path to the next address. ``link``: the header ``Link`` has it (RFC 8288, ``next``).
    """

    way: Literal["cursor", "version", "offset", "page", "next_url", "link"]
    next: Text | None = None
    more: Text | None = None
    total: Text | None = None
    size: Annotated[int, Meta(ge=1)] = 100
    first: Annotated[int, Meta(ge=0)] = 1

    def __post_init__(self) -> None:
        if self.way in ("cursor", "version", "next_url") and not self.next:
            raise ValueError(f"{self.way} needs next")


class Auth(MappingPart):
    """How requests prove who asks: a flow by name, with a declared credential.

    ``options`` are the flow's own (``header``, ``field``, ``token_url``), as docs/declarative.md
    lists them.
    """

    flow: Text
    credential: Text
    options: dict[str, str] = {}


class Pace(MappingPart):
    """The vendor's documented limit: ``calls`` in ``per_s`` seconds, ``burst`` of them at once."""

    calls: Annotated[int, Meta(ge=1)]
    per_s: Annotated[float, Meta(gt=0)] = 1.0
    burst: Annotated[int, Meta(ge=1)] = 1

    def __post_init__(self) -> None:
        if self.burst > self.calls:
            raise ValueError("a burst is no more than all calls")


class Trouble(MappingPart):
    """What a failure comes to: ``retry`` (it passes by), ``ask`` (a person must change something)
    or ``give_up`` (it can never be).

    ``code`` and ``remedy`` are those of the error; ``setting`` names the setting that is wrong.
    """

    then: Literal["retry", "ask", "give_up"]
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]
    remedy: Text | None = None
    setting: Text | None = None

    def __post_init__(self) -> None:
        if self.then != "retry" and not self.remedy:
            raise ValueError(f"{self.then} needs a remedy")


class Known(Trouble, kw_only=True):
    """What some of the vendor's words for failures come to."""

    words: Annotated[list[Scalar], Meta(min_length=1)]


class Failures(MappingPart):
    """Failures that the vendor tells with a status of success, in JSON.

    It failed where ``when`` holds or, without that, where there is a ``word``. ``otherwise`` is for
    words that are not ``known``, and for none.
    """

    word: Field
    when: Condition | None = None
    known: list[Known] = []
    otherwise: Trouble = field(
        default_factory=lambda: Trouble(then="retry", code="vendor_failed"),
    )


class Receipt(MappingPart):
    """What of the answer tells what became of an action: the vendor's own ``reference``; the
    ``outcome`` (``done``, ``refused`` or ``failed``; without it, done); a ``detail`` for people."""

    reference: Field | None = None
    outcome: Field | None = None
    detail: Field | None = None


class Action(MappingPart):
    """How an action of ``connector.json`` is done: one request, and what its answer means.

    Braces of the request hold ``{parameters.…}`` (what the action is told), ``{order.key}`` (the
    idempotency key), ``{order.requested_by}``, ``{values.…}``, ``{settings.…}``, and in
    ``deliver-alert`` the message in words: ``{alert.headline}`` and ``{alert.text}``.

    ``values`` are made as fields are, by paths that begin with the same words
    (``parameters.priority``). ``escape`` replaces signs in all that is filled into the body or
    form, but for settings. ``repeatable``: the vendor knows the key of an action that was done
    already, or twice does no harm; only then is one asked for again whose answer was lost.
    """

    action: Text
    request: Request
    values: dict[str, Field] = {}
    escape: dict[Annotated[str, Meta(min_length=1, max_length=1)], str] = {}
    receipt: Receipt = field(default_factory=Receipt)
    repeatable: bool = False


class Check(MappingPart):
    """A request that changes nothing and shows whether the vendor would take the others.

    ``good`` are words of ``failures`` by which it says that it would.
    """

    request: Request
    good: list[Scalar] = []
    detail: Text = "The vendor answers."
