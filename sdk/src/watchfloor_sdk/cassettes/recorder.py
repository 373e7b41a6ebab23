"""Listens while a connector works, and makes a cassette of what it heard.

What was heard stays in memory until the end, for a name that comes last must also be taken out of
what came first. Only what is scrubbed is handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from .cassette import ORIGIN, Cassette, Exchange, Pushed
from .documents import Body, scrubbed
from .kinds import Kind
from .scrubber import Scrubber

MOST = 2_000
"""Exchanges and webhooks of one recording, and"""
MOST_BYTES = 64 * 1024 * 1024
"""the bytes of them."""

_KEPT_HEADERS = ("content-type", "retry-after", "link", "location", "etag", "last-modified")
"""What a connector may need of an answer or a webhook. All others are dropped, signatures and
cookies among them."""


@dataclass(slots=True)
class Heard:
    """A request with its answer, or a webhook (without address), as it was."""

    body: bytes
    headers: Mapping[str, str]
    status: int = 200
    method: str = ""
    url: str = ""
    sent: bytes = b""
    sent_type: str = ""


@dataclass(slots=True)
class Recorder:
    """One recording. ``fields`` as for ``Scrubber``; ``credentials`` as they were set: their
    values are taken out wherever they stand."""

    connector: str
    config: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fields: Mapping[str, Kind] = field(default_factory=dict)
    left_out: int = 0
    _heard: list[Heard] = field(default_factory=list)
    _size: int = 0

    def hear(self, heard: Heard) -> None:
        """Take note of it, where there is room."""
        self._size += len(heard.body) + len(heard.sent)
        if len(self._heard) >= MOST or self._size > MOST_BYTES:
            self.left_out += 1
        else:
            self._heard.append(heard)

    def cassette(self) -> Cassette:
        """What was heard, scrubbed."""
        secrets = [value for each in self.credentials.values() for value in each.values()]
        scrubber = Scrubber(self.fields, secrets)
        self._scrubbed(scrubber)  # learns which values there are, for texts that come before them
        exchanges, webhooks = self._scrubbed(scrubber)
        return Cassette(
            connector=self.connector,
            recorded=datetime.now(UTC).date().isoformat(),
            fields=dict(self.fields),
            config=_with_origin(scrubber.tree(dict(self.config)), self._origins()),
            credentials={
                name: {key: f"sim-{name}-{key}" for key in value}
                for name, value in self.credentials.items()
            },
            replaced=scrubber.stand_ins.counts,
            left_out=self.left_out,
            exchanges=exchanges,
            webhooks=webhooks,
        )

    def _scrubbed(self, scrubber: Scrubber) -> tuple[list[Exchange], list[Pushed]]:
        origins = self._origins()
        exchanges = [_exchange(scrubber, h, origins) for h in self._heard if h.url]
        webhooks = [
            Pushed(headers=_headers(scrubber, h, origins), body=_body(scrubber, h, origins))
            for h in self._heard
            if not h.url
        ]
        return exchanges, webhooks

    def _origins(self) -> list[str]:
        origins = {_origin(heard.url) for heard in self._heard if heard.url}
        return sorted(origins, key=len, reverse=True)


def _exchange(scrubber: Scrubber, heard: Heard, origins: Iterable[str]) -> Exchange:
    sent = scrubbed(scrubber, heard.sent, heard.sent_type) if heard.sent else None
    url = urlsplit(scrubber.url(heard.url))
    return Exchange(
        method=heard.method,
        path=url._replace(scheme="", netloc="").geturl() or "/",
        sent=_without_origins(sent, origins) if sent else None,
        status=heard.status,
        headers=_headers(scrubber, heard, origins),
        body=_body(scrubber, heard, origins),
    )


def _body(scrubber: Scrubber, heard: Heard, origins: Iterable[str]) -> Body:
    made = scrubbed(scrubber, heard.body, heard.headers.get("content-type", ""))
    return _without_origins(made, origins)


def _headers(scrubber: Scrubber, heard: Heard, origins: Iterable[str]) -> dict[str, str]:
    kept = {name: heard.headers[name] for name in _KEPT_HEADERS if name in heard.headers}
    made: dict[str, str] = _with_origin(
        {
            name: scrubber.text(value) if name in ("link", "location") else value
            for name, value in kept.items()
        },
        origins,
    )
    return made


def _without_origins(body: Body, origins: Iterable[str]) -> Body:
    body.json = _with_origin(body.json, origins)
    body.text = _with_origin(body.text, origins)
    return body


def _with_origin(value: Any, origins: Iterable[str]) -> Any:
    """The vendor's own addresses lead to whoever replays the cassette."""
    if isinstance(value, str):
        for origin in origins:
            value = value.replace(origin, ORIGIN)
        return value
    if isinstance(value, dict):
        return {key: _with_origin(inner, origins) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_origin(inner, origins) for inner in value]
    return value


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
