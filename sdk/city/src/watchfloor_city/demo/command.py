"""``watchfloor demo``."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import shutil
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
import typer
import uvloop

from watchfloor.bootstrap import BASEMAP, Options, Running, running_hub, stop_signal
from watchfloor.cli.client import Client
from watchfloor.cli.logs import Level, LogLevel
from watchfloor.cli.output import err, failing_well, out
from watchfloor.cli.places import default_data_dir
from watchfloor.contracts import AskAPerson, WatchfloorError
from watchfloor.logs import log_to_stderr
from watchfloor.ports.signon import CALLBACK, LOGGED_OUT
from watchfloor.settings import FILE
from watchfloor.transparency import DISTRICTS, POPULATION

from .memory import Memory
from .past import NAME, past_outcomes
from .provider import GROUPS, demo_people, start_provider
from .provider import Client as HubAtProvider
from .story import SYNTHETIC_CITY, Plan

CITIES = (SYNTHETIC_CITY, "new-orleans", "cincinnati", "washington-dc")
SPEEDS = {SYNTHETIC_CITY: 1.0}
REAL_SPEED = 60.0
LINE_LIMIT = 64 * 1024 * 1024
VENDORS_S = 120.0
"""Seconds that the vendors get to start: a real city's streets are read first."""

CLIENT = "watchfloor"
"""What the demo's provider calls the hub."""

BANNER = (
    "This is a demonstration. On a real hub this notice says that the system is restricted, "
    "that its use is monitored, recorded and audited, that unauthorised use is penalised, and "
    "that using it is consent to that."
)
"""After CJISSECPOL AC-8."""

HOT_LIST = "demo-wanted"
"""The made-up hot list."""


def demo(
    city: Annotated[str, typer.Option(help=f"One of {', '.join(CITIES)}.")] = SYNTHETIC_CITY,
    speed: Annotated[
        float | None,
        typer.Option(help="Times real speed, of real data; 60 when left out.", min=0.1),
    ] = None,
    data: Annotated[
        Path, typer.Option(help="Where the real open data is.", envvar="WATCHFLOOR_DATA")
    ] = Path("../shared/data"),
    seed: Annotated[int, typer.Option(help="Another seed, another synthetic city.")] = 7,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8080,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the hub keeps its state.", show_default="one a city")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier runs kept.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the console in the browser.")] = True,
    log_level: LogLevel = Level.WARNING,
) -> None:
    """Start a hub with a city, its vendors' systems and an identity provider to sign in at."""
    log_to_stderr(log_level)
    with failing_well():
        plan = _plan(city, speed, data, seed)
        state = data_dir or default_data_dir() / "demo" / city
        if fresh and state.exists():
            shutil.rmtree(state)
        options = Options(
            data_dir=state, port=port or _free_port(), hooks_port=0, person=getpass.getuser()
        )
        uvloop.run(_run(plan, options, browser=browser))


def _free_port() -> int:
    """The provider has to know where the hub will be."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _plan(city: str, speed: float | None, data: Path, seed: int) -> Plan:
    if city not in CITIES:
        raise AskAPerson(
            f"There is no demo city {city}.",
            code="no_such_city",
            remedy=f"Choose one of {', '.join(CITIES)}.",
        )
    if city != SYNTHETIC_CITY and not data.is_dir():
        raise AskAPerson(
            f"The real open data is not at {data}.",
            code="no_data",
            remedy="Name its folder with --data, or leave --city out for the synthetic city.",
        )
    return Plan(city, seed, speed or SPEEDS.get(city, REAL_SPEED), str(data))


async def _run(plan: Plan, options: Options, *, browser: bool) -> None:
    async with AsyncExitStack() as stack:
        stop = stop_signal()
        memory = Memory.of(options.data_dir)
        plan = replace(plan, ports=memory.ports)
        vendors = await stack.enter_async_context(_vendors(plan))
        introduction = await _line(vendors)
        url = f"http://{options.host}:{options.port}"
        people = demo_people(date.today())
        provider = await stack.enter_async_context(
            start_provider(options.host, 0, [_hub_at_provider(url)], people)
        )
        _settle(options.data_dir, plan, introduction, provider.issuer)
        memory.learn(introduction, datetime.now(UTC))
        memory.keep(options.data_dir)
        running = await stack.enter_async_context(running_hub(options))
        client = Client.of(options.data_dir)
        # Before somebody opens a request in this session: in one, a list is kept by hand.
        await asyncio.to_thread(_want, client, memory)
        _announce(running, browser=browser)
        await asyncio.to_thread(_configure, client, introduction)
        if plan.city == "new-orleans":
            await asyncio.to_thread(_import_past, client, Path(plan.data_dir))
        _tell(vendors, {"hooks": running.hub.hooks_url})
        notices = asyncio.create_task(_pass_notices(vendors, client))
        stack.callback(notices.cancel)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, notices}, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done():
            raise AskAPerson(
                "The vendors' systems have ended.",
                code="demo_ended",
                remedy="Start the demo again.",
            )
        out.print("\nEnding ...")


def _hub_at_provider(url: str) -> HubAtProvider:
    """What the provider knows of the hub."""
    return HubAtProvider(
        CLIENT,
        [f"{url}{CALLBACK}"],
        post_logout_redirect_uris=[f"{url}/"],
        backchannel_logout_uri=f"{url}{LOGGED_OUT}",
    )


@asynccontextmanager
async def _vendors(plan: Plan) -> AsyncIterator[asyncio.subprocess.Process]:
    """The vendors' process, told its plan; ended with its input."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "watchfloor_city.demo.vendors",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT, start_new_session=True,
    )  # fmt: skip
    try:
        _tell(process, asdict(plan))
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


def _tell(process: asyncio.subprocess.Process, document: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(document).encode() + b"\n")


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), VENDORS_S)
    if not line:
        raise AskAPerson(
            "The vendors' systems did not start; what they said stands above.",
            code="demo_ended",
            remedy="Mend that, and start the demo again.",
        )
    document: dict[str, Any] = json.loads(line)
    return document


def _settle(data_dir: Path, plan: Plan, introduction: Mapping[str, Any], issuer: str) -> None:
    """The agency's settings and map, in the data directory."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    tables = {
        "": {
            "agency": plan.city,
            "name": introduction["title"],
            "timezone": introduction["timezone"],
            "bounds": introduction["bounds"],
            "development": True,  # its connectors lie beside the hub
            "sign_in_banner": BANNER,
            "outgoing_hosts": [urlsplit(issuer).netloc],
        },
        "sign_on": {
            "issuer": issuer,
            "client_id": CLIENT,
            "client_auth": "none",
            "contact": "the supervisor on duty",
        },
        "sign_on.roles": {group: role for role, group in GROUPS.items()},
    }
    (data_dir / FILE).write_text("\n".join(map(_table, tables, tables.values())), "utf-8")
    (data_dir / BASEMAP).write_text(json.dumps(introduction["basemap"]), "utf-8")
    if introduction["districts"]:
        (data_dir / DISTRICTS).write_text(json.dumps(introduction["districts"]), "utf-8")
        (data_dir / POPULATION).write_text(introduction["population"], "utf-8")


def _table(name: str, values: Mapping[str, Any]) -> str:
    """A table of TOML, whose strings, lists and truths are written as JSON's."""
    lines = [f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines][not name :]) + "\n"


def _announce(running: Running, *, browser: bool) -> None:
    out.print(f"Watchfloor is at [bold]{running.url}[/]")
    out.print("Sign in there as one of the made-up people of the demo's identity provider.")
    out.print("[dim]Ctrl-C ends it.[/]")
    if browser and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        webbrowser.open(running.url)


def _configure(client: Client, introduction: Mapping[str, Any]) -> None:
    """What agency IT would do by hand: credentials and sources."""
    for source in introduction["sources"]:
        body = {key: source[key] for key in ("connector", "name", "config", "synthetic")}
        client.send("PUT", f"/sources/{source['id']}", {**body, "enabled": False})
        for name, value in source["credentials"].items():
            client.send("PUT", f"/sources/{source['id']}/credentials/{name}", {"value": value})
        client.send("PUT", f"/sources/{source['id']}", body)


def _want(client: Client, memory: Memory) -> None:
    """The hot list, as another system's file."""
    terms = {"name": "Wanted vehicles (made up)", "owner": "Demo police department",
             "reason": "Shows how hits work; no plate on it is real."}  # fmt: skip
    client.send("PUT", f"/hot-lists/{HOT_LIST}", terms)
    rows = ["plate,region,reason,expires"]
    rows += [f"{w['plate']},{w['region']},{w['reason']},{w['expires']}"
             for w in memory.hot_list]  # fmt: skip
    client.send("PUT", f"/hot-lists/{HOT_LIST}/entries", "\n".join(rows).encode(),
                content_type="text/csv")  # fmt: skip


def _import_past(client: Client, data: Path) -> None:
    """What the city's centre answered in its time, for the figures."""
    rows = msgspec.to_builtins(past_outcomes(data))
    client.send("PUT", f"/requests/past/{NAME}", {"rows": rows})


async def _pass_notices(vendors: asyncio.subprocess.Process, client: Client) -> None:
    """What the vendors' side says goes on top of every screen."""
    assert vendors.stdout is not None
    while line := await vendors.stdout.readline():
        banner = {"text": json.loads(line)["banner"], "tone": "training"}
        try:
            await asyncio.to_thread(client.send, "PUT", "/banner", banner)
        except WatchfloorError as error:
            err.print(f"[dim]The banner could not be set: {error}[/]")
