"""``watchfloor-camera-registry serve``."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import signal
import sqlite3
import sys
from pathlib import Path

from aiohttp import web

from .desk import hub_token, opened
from .hub_side import HubSide
from .pages import MAX_BYTES, Pages
from .settings import Settings, read_settings


def main() -> None:
    """Serve until it is ended."""
    given = arguments().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        settings = read_settings(given.settings or given.data / "desk.toml")
        asyncio.run(serve(given.data, settings, given.host, given.port))
    except (ValueError, OSError, sqlite3.Error) as error:
        sys.exit(f"watchfloor-camera-registry: {error}")


async def serve(data: Path, settings: Settings, host: str, port: int) -> None:
    """The desk at an address of this machine. Raises ``ValueError`` for any other."""
    _refuse_public(host)
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with opened(data, settings) as desk:
        app = web.Application(client_max_size=MAX_BYTES)
        app.add_routes([*Pages(desk).routes(), *HubSide(desk, hub_token(data)).routes()])
        runner = web.AppRunner(app, access_log=None)  # its lines would hold links
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            url = f"http://{f'[{host}]' if ':' in host else host}:{runner.addresses[0][1]}"
            desk.answers_at(url)
            print(f"The form is at {url}/ and the hub's token in {data / 'hub-token'}.", flush=True)
            await stop.wait()
        finally:
            await runner.cleanup()


def _refuse_public(host: str) -> None:
    """Names and e-mail addresses come in: without TLS on the way, from this machine only."""
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(
            f"{host} is not an address of this machine alone. The desk has no TLS yet: "
            "it listens on 127.0.0.1 or ::1."
        )


def arguments() -> argparse.ArgumentParser:
    """What the command can be told."""
    parser = argparse.ArgumentParser(prog="watchfloor-camera-registry")
    serving = parser.add_subparsers(required=True).add_parser(
        "serve", help="The registration form, on this machine."
    )
    serving.add_argument("--data", type=Path, required=True, help="Where the registry is kept.")
    serving.add_argument("--settings", type=Path, help="desk.toml of the folder, when left out.")
    serving.add_argument("--host", default="127.0.0.1", help="127.0.0.1 when left out.")
    serving.add_argument("--port", type=int, default=8095, help="8095 when left out.")
    return parser
