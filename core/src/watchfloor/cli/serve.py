"""``watchfloor serve``: the hub."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
import uvloop

from watchfloor.bootstrap import Options, Running, serve_hub
from watchfloor.logs import log_to_stderr

from .logs import Level, LogLevel
from .output import failing_well, out, plain
from .places import DataDir


def serve(
    data_dir: DataDir,
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8080,
    hooks_port: Annotated[
        int, typer.Option(help="Port for vendors' webhooks.", min=0, max=65535)
    ] = 8081,
    person: Annotated[
        str | None,
        typer.Option("--as", help="Who is at this machine, in histories.", show_default="you"),
    ] = None,
    development: Annotated[
        bool, typer.Option("--development", help="Let connectors beside the hub run, unverified.")
    ] = False,
    log_level: LogLevel = Level.INFO,
) -> None:
    """Start the hub; without an identity provider it prints a sign-in link. Ctrl-C ends it."""
    who = person or getpass.getuser()
    options = Options(data_dir, host, port, hooks_port, development, who)

    def announce(running: Running) -> None:
        out.print(f"Watchfloor is at {running.url}")
        if running.link is None:
            out.print("Sign in there at your identity provider.")
        else:
            out.print(f"Sign in as {plain(who)}, once: {running.link}", soft_wrap=True)
        out.print(f"Vendors' webhooks go to {running.hub.hooks_url}<source>")

    log_to_stderr(log_level)
    with failing_well():
        uvloop.run(serve_hub(options, announce))
