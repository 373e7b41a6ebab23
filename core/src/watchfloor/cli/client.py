"""Talks to the running hub of a data directory through its public API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, Refused, RetryLater, WatchfloorError

RUN_FILE = "run.json"
"""Written by the running hub, readable by its owner alone: address and a session."""

DEADLINE_S = 30.0

_KINDS: dict[int, type[WatchfloorError]] = {
    401: Refused, 403: Refused, 404: NotFound, 409: AskAPerson, 503: RetryLater,
}  # fmt: skip


def _unreachable(data_dir: Path) -> AskAPerson:
    return AskAPerson(
        f"No hub is running for {data_dir}.",
        code="unreachable",
        remedy="Start one with “watchfloor serve” or “watchfloor demo”, or name its --data-dir.",
    )


@dataclass(frozen=True, slots=True)
class Client:
    """One hub. All methods raise the errors of ``contracts.errors``."""

    url: str
    session: str
    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> Client:
        """The hub that runs on a data directory. Raises ``AskAPerson`` (code ``unreachable``)."""
        try:
            run = json.loads((data_dir / RUN_FILE).read_text("utf-8"))
        except (OSError, ValueError):
            raise _unreachable(data_dir) from None
        return cls(run["url"], run["session"], data_dir)

    def get(self, path: str, **query: Any) -> Any:
        """A JSON answer."""
        return json.loads(self._open("GET", path, query).read())

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        **query: Any,
    ) -> Any:
        """Send JSON (or bytes as they are); the JSON answer, if any."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._open(method, path, query, raw, content_type).read()
        return json.loads(answer) if answer else None

    def lines(
        self, path: str, *, deadline_s: float | None = DEADLINE_S, **query: Any
    ) -> Iterator[str]:
        """An answer that streams, line by line."""
        response = self._open("GET", path, query, deadline_s=deadline_s)
        for line in response:
            yield line.decode().rstrip("\n")

    def _open(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        body: bytes | None = None,
        content_type: str = "application/json",
        deadline_s: float | None = DEADLINE_S,
    ) -> HTTPResponse:
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=deadline_s)
        wanted = {name: value for name, value in query.items() if value is not None}
        target = f"/api/v1{path}" + (f"?{urlencode(wanted)}" if wanted else "")
        headers = {"Cookie": f"watchfloor_session={self.session}", "Content-Type": content_type}
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
        except ConnectionRefusedError:
            raise _unreachable(self.data_dir) from None
        except (OSError, HTTPException) as error:
            raise RetryLater(f"The hub did not answer: {error}.", code="unreachable") from None
        if response.status >= 400:
            raise _error(response)
        return response


def _error(response: HTTPResponse) -> WatchfloorError:
    try:
        said = json.loads(response.read())["error"]
    except (ValueError, KeyError):
        said = {"code": "error", "detail": f"The hub answered {response.status}.", "remedy": ""}
    kind = _KINDS.get(response.status, GiveUp)
    return kind(said["detail"], code=said["code"], remedy=said["remedy"])
