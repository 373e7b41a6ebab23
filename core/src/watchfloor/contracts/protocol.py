"""The worker protocol, version 1: JSON-RPC 2.0, one JSON document a line, over stdio.

``docs/worker-protocol.md`` is the same in prose, for workers in other languages. Each class is
the ``params`` or ``result`` of the method named in its docstring.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

PROTOCOL = 1
MAX_LINE = 16 * 1024 * 1024
"""Bytes. A longer line ends the worker: the stream cannot be trusted to be in step."""


class Message(Struct, kw_only=True, omit_defaults=True):
    """Base of all protocol parts. Unknown fields are ignored, so that minor versions may add."""


class RpcError(Message):
    """JSON-RPC error. ``data`` carries our stable code and the remedy."""

    code: int
    message: str
    data: dict[str, Any] | None = None


class Frame(Message):
    """Any line: a request (method, id), a notification (method) or an answer (id)."""

    jsonrpc: Literal["2.0"]
    id: int | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw(b"")
    result: msgspec.Raw = msgspec.Raw(b"")
    error: RpcError | None = None


class Credits(Message):
    """Hub → worker, notification ``credit``: how much more may be sent before an answer."""

    events: Annotated[int, Meta(ge=0)]
    bytes: Annotated[int, Meta(ge=0)]


class Egress(Message):
    """The worker's way out: HTTP ``CONNECT host:port`` (RFC 9110, section 9.3.6) over the Unix
    socket at the path ``socket``, with ``Proxy-Authorization: Bearer <token>``."""

    socket: str
    token: str


class Initialize(Message):
    """Hub → worker, request ``initialize``: the first line.

    ``source`` is what events carry as their CloudEvents source. ``hosts`` (``host:port``) is all
    that may be reached; those in ``internal_hosts`` may lead to the agency's own network.
    ``egress`` is how to reach them; without it the worker connects for itself.
    """

    protocol: int
    instance: str
    source: str
    connector: str
    config: dict[str, Any]
    hosts: list[str]
    credits: Credits
    checkpoint: Any = None
    internal_hosts: list[str] = []
    egress: Egress | None = None


Knowledge = Literal["person"]


class Initialized(Message):
    """Worker's answer to ``initialize``. ``knows`` is what this worker has learnt since version 1
    began: one without ``person`` is told of a purpose what its first form had, and no more."""

    protocol: int
    connector: str
    version: str
    capabilities: list[str]
    knows: list[Knowledge | str] = []


class RawPage(Message):
    """The vendor's answer as it came (text, or base64 where it is not UTF-8)."""

    body: str
    content_type: str = "application/json"
    encoding: Literal["text", "base64"] = "text"


class RejectedRecord(Message):
    """A vendor record that the connector could not map. It goes to the dead letters. ``raw`` is
    text, or base64 where it is not UTF-8."""

    raw: str
    code: str
    detail: str
    encoding: Literal["text", "base64"] = "text"


class Emit(Message):
    """Worker → hub, request ``emit``: events with the checkpoint that follows them.

    The answer comes when all of it is on disk. ``pointers`` (JSON pointers into ``raw``) has one
    entry an event. ``assured_until``: up to this time (RFC 3339) nothing is missing.
    """

    events: list[msgspec.Raw]
    checkpoint: Any = None
    raw: RawPage | None = None
    pointers: list[str] = []
    rejected: list[RejectedRecord] = []
    assured_until: str | None = None


class Emitted(Message):
    """Hub's answer to ``emit``: all durable."""

    accepted: int
    duplicates: int
    dead: int


class AssetsParams(Message):
    """Worker → hub, request ``assets``. With ``complete`` what is not listed becomes stale."""

    assets: list[msgspec.Raw]
    complete: bool = False
    checkpoint: Any = None


class Delivery(Message):
    """One webhook as received; signature already checked by the hub."""

    id: int
    received: str
    headers: dict[str, str]
    body: str
    encoding: Literal["text", "base64"] = "text"

    @property
    def content(self) -> bytes:
        """The body as it came."""
        return base64.b64decode(self.body) if self.encoding == "base64" else self.body.encode()


class WebhookParams(Message):
    """Hub → worker, request ``webhook``."""

    deliveries: list[Delivery]


class WebhookOutcome(Message):
    """What one delivery became: events, or a reason why not. Both may be empty: not news."""

    id: int
    events: list[msgspec.Raw] = []
    error: RejectedRecord | None = None


class WebhookResult(Message):
    """Worker's answer to ``webhook``: one outcome a delivery."""

    outcomes: list[WebhookOutcome]


class Problem(Message):
    """What is wrong, in words, and what to do. ``attention``: it takes a person to mend it."""

    code: str
    detail: str
    remedy: str = ""
    attention: bool = False


class Heartbeat(Message):
    """Worker → hub, notification ``heartbeat``, at least every 5 s."""

    assured_until: str | None = None
    lag_s: float | None = None
    skew_s: float | None = None
    skew_error_s: float | None = None
    problem: Problem | None = None


class LogLine(Message):
    """Worker → hub, notification ``log``."""

    level: Literal["debug", "info", "warning", "error"]
    message: str


class CredentialParams(Message):
    """Worker → hub, request ``credential``. The answer is the value, as an object of strings."""

    name: str


class CredentialRenewed(Message):
    """Worker → hub, request ``credential_renewed``: the vendor has replaced ``fields`` of a leased
    credential. The answer comes when they are sealed on disk, and is an empty object."""

    name: str
    fields: dict[str, str]


class Finding(Message):
    """One line of ``check``: a setting, a credential, a host."""

    ok: bool
    what: str
    detail: str
    remedy: str = ""


class CheckResult(Message):
    """Worker's answer to ``check``."""

    findings: list[Finding]


class MediaParams(Message):
    """Hub → worker, request ``fetch_media``."""

    handle: str


class MediaResult(Message):
    """Worker's answer to ``fetch_media``: base64 bytes, or why it can no longer be had."""

    state: Literal["fetched", "expired", "missing"]
    body: str = ""
    content_type: str = "application/octet-stream"


class Found(Message):
    """Worker → hub, notification ``found``: what a look-up has found so far, beside ``request``,
    the question's id. The answer to ``lookup`` (a ``LookupAnswer``) comes after all of it."""

    request: str
    results: list[msgspec.Raw]


class CancelParams(Message):
    """Hub → worker, notification ``cancel_lookup``: nobody waits for this question any more."""

    request: str


class StopParams(Message):
    """Hub → worker, request ``stop``: finish what is in hand, answer, exit."""

    deadline_s: float
