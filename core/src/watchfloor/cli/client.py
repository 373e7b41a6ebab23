"""Talks to the running hub of a data directory through its public API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, Refused, RetryLater, WatchfloorError
from watchfloor.web.cookies import COOKIE, cookie_name

from . import signed_in

RUN_FILE = "run.json"
"""Written by the running hub, readable by its owner alone: address and a session."""

DEADLINE_S = 30.0

_KINDS: dict[int, type[WatchfloorError]] = {
    401: Refused, 403: Refused, 404: NotFound, 409: AskAPerson, 503: RetryLater,
}  # fmt: skip
_SIGN_IN = ("not_signed_in", "session_locked", "reauthenticate")
"""What a console answers by its own page."""


def _unreachable(data_dir: Path) -> AskAPerson:
    return AskAPerson(
        f"No hub is running for {data_dir}.",
        code="unreachable",
        remedy="Start one with “watchfloor serve” or “watchfloor demo”, or name its --data-dir;"
        " at another machine: “watchfloor sign-in https://…”.",
    )


@dataclass(frozen=True, slots=True)
class Client:
    """One hub. All methods raise the errors of ``contracts.errors``."""

    url: str
    session: str
    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> Client:
        """The hub where the person has signed in; else the hub that runs on a data directory, as
        whoever is at its machine. Raises ``AskAPerson`` (code ``unreachable``)."""
        mine = signed_in.read(data_dir)
        return cls(mine.url, mine.session, data_dir) if mine else cls.at_machine(data_dir)

    @classmethod
    def at_machine(cls, data_dir: Path) -> Client:
        """The hub that runs on a data directory. Raises ``AskAPerson`` (code ``unreachable``)."""
        try:
            run = json.loads((data_dir / RUN_FILE).read_text("utf-8"))
            return cls(run["url"], run["session"], data_dir)
        except (OSError, ValueError, KeyError, TypeError):
            raise _unreachable(data_dir) from None

    @property
    def _cookie(self) -> str:
        return cookie_name(COOKIE, secure=self.url.startswith("https:"))

    def begin(self, path: str, body: Any) -> tuple[str, Any]:
        """Exchange something for a session: its secret, and who is signed in."""
        with self._answer("POST", path, {}, json.dumps(body).encode()) as response:
            cookies = SimpleCookie(", ".join(response.headers.get_all("Set-Cookie", [])))
            return cookies[self._cookie].value, json.loads(response.read())

    def get(self, path: str, **query: Any) -> Any:
        """A JSON answer."""
        with self._answer("GET", path, query) as response:
            return json.loads(response.read())

    def download(self, path: str, *, deadline_s: float | None = DEADLINE_S, **query: Any) -> bytes:
        """An answer that is a file."""
        with self._answer("GET", path, query, deadline_s=deadline_s) as response:
            return response.read()

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
        with self._answer(method, path, query, raw, content_type) as response:
            answer = response.read()
        return json.loads(answer) if answer else None

    def lines(
        self, path: str, *, deadline_s: float | None = DEADLINE_S, **query: Any
    ) -> Iterator[str]:
        """An answer that streams, line by line."""
        with self._answer("GET", path, query, deadline_s=deadline_s) as response:
            for line in response:
                yield line.decode().rstrip("\n")

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        body: bytes | None = None,
        content_type: str = "application/json",
        deadline_s: float | None = DEADLINE_S,
    ) -> Iterator[HTTPResponse]:
        address = urlsplit(self.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=deadline_s)
        wanted = {name: value for name, value in query.items() if value is not None}
        target = f"/api/v1{path}" + (f"?{urlencode(wanted)}" if wanted else "")
        headers = {
            "Cookie": f"{self._cookie}={self.session}",
            "Content-Type": content_type,
            "Watchfloor-Request": "1",
            "Connection": "close",
        }
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            if response.status >= 400:
                raise _error(response)
            yield response
        except ConnectionRefusedError:
            raise _unreachable(self.data_dir) from None
        except (OSError, HTTPException) as error:
            raise RetryLater(f"The hub did not answer: {error}.", code="unreachable") from None
        finally:
            connection.close()


def broken_off() -> RetryLater:
    """The hub ended an answer that streams before its end."""
    return RetryLater(
        "The hub has ended in the middle of its answer.",
        code="unreachable",
        remedy="See whether it runs, and ask again.",
    )


def _error(response: HTTPResponse) -> WatchfloorError:
    try:
        said = json.loads(response.read())["error"]
    except (ValueError, KeyError):
        said = {"code": "error", "detail": f"The hub answered {response.status}.", "remedy": ""}
    kind = _KINDS.get(response.status, GiveUp)
    remedy = "Run “watchfloor sign-in”." if said["code"] in _SIGN_IN else said["remedy"]
    return kind(said["detail"], code=said["code"], remedy=remedy)
