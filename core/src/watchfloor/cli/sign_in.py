"""``watchfloor sign-in``, ``sign-out``: a person at the command line, by the agency's provider."""

from __future__ import annotations

import hmac
import secrets
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import typer

from watchfloor import settings
from watchfloor.contracts import GiveUp, RetryLater
from watchfloor.identity import challenge_of

from . import signed_in
from .client import Client
from .output import Json, failing_well, out, plain, show
from .places import DataDir
from .signed_in import SignedIn

WITHIN_S = 600.0
"""As long as the hub waits for who went to the provider."""
_DONE = b"<!doctype html><title>Watchfloor</title><p>Go on at the command line. Close this page."
_LOCAL = ("127.0.0.1", "localhost", "::1")


def sign_in(
    data_dir: DataDir,
    hub: Annotated[
        str | None,
        typer.Argument(
            help="The hub's address.", show_default="the one that runs on the data directory"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Sign in at the agency's provider, in a browser on this machine. From then on commands on this
    data directory are yours, until you sign out or twelve hours are over."""
    with failing_well(as_json):
        client = Client(_address(data_dir, hub), "", data_dir)
        verifier = secrets.token_urlsafe(32)
        with _Listener() as listener:
            url = _departure(client.url, listener, verifier)
            out.print(f"Sign in here: {url}", soft_wrap=True)
            webbrowser.open(url)
            code = listener.wait()
        session, who = client.begin("/session/terminal", {"code": code, "verifier": verifier})
        _acknowledge(Client(client.url, session, data_dir), who["banner"])
        signed_in.write(data_dir, SignedIn(client.url, session))
        show(who, as_json, _print)


def sign_out(data_dir: DataDir, as_json: Json = False) -> None:
    """End the session, here and at the hub."""
    with failing_well(as_json):
        mine = signed_in.read(data_dir)
        if mine is None:
            raise GiveUp("Nobody is signed in here.", code="not_signed_in")
        signed_in.write(data_dir, None)
        left = Client(mine.url, mine.session, data_dir).send("DELETE", "/session")
        show(left, as_json, lambda _: out.print("Signed out."))


def _address(data_dir: Path, hub: str | None) -> str:
    """Where people reach it: the provider sends them back there. Raises ``GiveUp``."""
    if hub is None:
        return settings.load(data_dir).listening.public_url or Client.at_machine(data_dir).url
    address = urlsplit(hub)
    if address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOCAL):
        return f"{address.scheme}://{address.netloc}"
    raise GiveUp(
        "A hub elsewhere is reached by https.",
        code="usage",
        remedy="Write its address as https://hub.example.org.",
    )


def _departure(hub: str, listener: _Listener, verifier: str) -> str:
    asked = {
        "port": listener.server_port,
        "challenge": challenge_of(verifier),
        "state": listener.state,
    }
    return f"{hub}/api/v1/sign-in/terminal?{urlencode(asked)}"


def _acknowledge(client: Client, banner: str | None) -> None:
    """The notice of the system stays until it was read (CJISSECPOL AC-8)."""
    if banner is not None:
        typer.echo(banner, err=True)
        typer.confirm("I have read this", abort=True, err=True)
        client.send("POST", "/session/acknowledge")


def _print(who: dict[str, Any]) -> None:
    roles = ", ".join(who["roles"])
    out.print(f"Signed in as {plain(who['name'])} ({plain(who['person'])}): {roles}.")


class _Listener(HTTPServer):
    """Waits on loopback for the browser (RFC 8252, section 7.3)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Arrival)
        self.state = secrets.token_urlsafe(32)
        self.code = ""

    def wait(self) -> str:
        """The code. Raises ``RetryLater`` when nobody comes back."""
        until = time.monotonic() + WITHIN_S
        while not self.code and (left := until - time.monotonic()) > 0:
            self.timeout = left
            self.handle_request()
        if not self.code:
            raise RetryLater("Nobody came back from signing in.", code="sign_on_stale")
        return self.code


class _Arrival(BaseHTTPRequestHandler):
    """One request of the browser's; whatever does not bring this sign-in's mark is not for us."""

    server: _Listener
    timeout = 2
    """Browsers open connections that they may need later, and say nothing on them."""

    def do_GET(self) -> None:
        """Take the code."""
        brought = parse_qs(urlsplit(self.path).query)
        state = brought.get("state", [""])[0]
        fits = hmac.compare_digest(state.encode(), self.server.state.encode())
        self.send_response(200 if fits else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if fits:
            self.server.code = brought.get("code", [""])[0]
            self.wfile.write(_DONE)

    def log_message(self, format: str, *args: object) -> None:
        """What a browser asks for holds the code: it is printed nowhere."""
