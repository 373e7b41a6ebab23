"""Where the hub is reached: by people, by vendors' webhooks, and by its own command line."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from watchfloor.adapters import listening
from watchfloor.adapters.listening import UNGUARDED, Guards
from watchfloor.settings_listening import ListeningSettings
from watchfloor.tls import CertificateFiles, ServerTls

HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Door:
    """A socket that is bound, and the URL under which it is reached."""

    listener: socket.socket
    url: str


@dataclass(frozen=True, slots=True)
class Doors:
    """``console`` speaks TLS by ``tls``, where there is a certificate. ``own`` is for programs on
    this machine, in clear on loopback; it is the console's where that is there as well. The gate
    behind ``hooks`` speaks TLS by ``hooks_files``."""

    console: Door
    own: Door
    hooks: Door
    tls: ServerTls | None
    hooks_files: CertificateFiles | None


@contextlib.contextmanager
def opened(
    chosen: ListeningSettings, host: str, port: int, hooks_port: int, *, sign_on: bool
) -> Iterator[Doors]:
    """``sign_on``: people are signed in by a provider. Raises ``Refused`` (``not_loopback``),
    ``AskAPerson`` (``port_taken``, ``bad_certificate``, ``bad_settings``)."""
    files, hooks_files = chosen.console_files(), chosen.hooks_files()
    guards = Guards(known=sign_on, tls=bool(files), proxied=bool(chosen.trusted_proxies))
    # Vendors prove each webhook by its signature. The gate knows no proxies: beyond this machine it
    # speaks TLS itself.
    hooks_guards = Guards(known=True, tls=bool(hooks_files))
    with contextlib.ExitStack() as stack:

        def door(host: str, port: int, option: str, guards: Guards, public_url: str = "") -> Door:
            bound = listening.bound(host, port, option, guards)
            listener = stack.enter_context(contextlib.closing(bound))
            scheme = "https" if guards.tls else "http"
            return Door(listener, listening.public_url(public_url, host, listener, scheme))

        console = door(host, port, "--port", guards, chosen.public_url)
        hooks = door(
            chosen.hooks_host, hooks_port, "--hooks-port", hooks_guards, chosen.hooks_public_url
        )
        plain = not (files or chosen.public_url)
        own = console if plain else door(HERE, 0, "--port", UNGUARDED)
        yield Doors(console, own, hooks, ServerTls(files) if files else None, hooks_files)
