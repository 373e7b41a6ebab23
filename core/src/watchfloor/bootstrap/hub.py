"""One hub, from open to closed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import orjson
from aiohttp import web

from watchfloor import settings
from watchfloor.access import Door
from watchfloor.actions import Actions
from watchfloor.adapters.cedar import read_rules
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.gate import GateKeeper
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.alerts import AlertService
from watchfloor.assets import AssetKeeper
from watchfloor.audit import Sealer
from watchfloor.contracts import AskAPerson
from watchfloor.hosting import Supervisor
from watchfloor.identity import (
    DEVELOPING,
    SETTING_UP,
    BreakGlass,
    Handles,
    Handovers,
    Invitations,
    Names,
    Permission,
    Person,
    Sessions,
    Tokens,
    person_here,
)
from watchfloor.live import Board, Feed, Summariser
from watchfloor.lookups import Lookups, Spending
from watchfloor.oversight import Oversight
from watchfloor.policy import Engine, PolicyBook
from watchfloor.ports.store import Due
from watchfloor.reconciliation import Reconciliation
from watchfloor.registry import Connectors
from watchfloor.requests import Approvals as SecondPeople
from watchfloor.requests import RequestRules, Requests
from watchfloor.search import Gazetteer, Parser, Search
from watchfloor.transparency import Complaints
from watchfloor.web import (
    ROUTES,
    Departures,
    Hub,
    banner_of,
    document,
    make_app,
    receive,
    tell_owner,
)

from .beside import start_alerts, start_chores, start_live, start_sources
from .connectors import Hosting, hosting, keep_journal, own_credentials
from .doors import Doors, opened
from .governance import custody, policy_engine, provider, shows
from .ground import DATABASE, Ground, ground
from .intake import Intake, intake
from .occupying import alone, run_file, writing
from .tasks import keep
from .upkeep import keeping, keys, publication

BASEMAP = "basemap.geojson"
LONGEST_LINE = 32 * 1024
"""Bytes of a request line: a search of 2,000 letters of any script fits into it."""

BACKLOG = 1024
"""Connections that may wait to be taken."""

SHUTDOWN_S = 5.0
"""Seconds that open requests get to end."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a hub is started."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8080
    hooks_port: int = 8081
    """Where vendors' webhooks come in."""
    development: bool = False
    """As if ``development`` were set in ``hub.toml``."""
    person: str = "operator"
    """Who is at the machine; the name that stands on what is done."""


@dataclass(frozen=True, slots=True)
class Running:
    """A hub that answers at ``url``. ``link`` signs its person in, once, where no identity provider
    does: beside one, it would make two people of whoever reads it."""

    hub: Hub
    url: str
    link: str | None


@contextlib.asynccontextmanager
async def running_hub(options: Options) -> AsyncIterator[Running]:
    """A hub from open to closed. Raises ``AskAPerson`` when it cannot start."""
    async with contextlib.AsyncExitStack() as stack:
        with writing():
            options.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        stack.enter_context(alone(options.data_dir))
        chosen = settings.load(options.data_dir)
        doors = stack.enter_context(
            opened(
                chosen.listening, options.host, options.port, options.hooks_port,
                sign_on=chosen.sign_on is not None,
            )
        )  # fmt: skip
        url = doors.console.url
        hub = await _hub(options, chosen, url, f"{doors.hooks.url}/hooks/", stack)
        await _serve(hub, doors, stack)
        _open_gate(hub, doors, stack)
        somebody = _person_here(options, hub)
        stack.enter_context(run_file(options.data_dir, doors.own.url, hub.sessions, somebody))
        _tune_interpreter()
        yield Running(hub, url, None if hub.sign_on else _link(hub, url, somebody))


def _link(hub: Hub, url: str, person: Person) -> str:
    return f"{url}/#token={hub.invitations.invite(person)}"


SWITCH_S = 0.0005
"""A tenth of the usual: the store's writer asks for the interpreter lock after each statement, and
everybody who waits for its commit would wait for that, too."""


def _tune_interpreter() -> None:
    """For ingest's sake."""
    sys.setswitchinterval(SWITCH_S)
    # What was made at start lives as long as the hub: looking through it again and again took a
    # quarter of ingest's processor time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


async def serve_hub(options: Options, announce: Callable[[Running], None]) -> None:
    """Run a hub until SIGINT or SIGTERM. ``announce`` is called once it answers."""
    stop = stop_signal()
    async with running_hub(options) as running:
        announce(running)
        await stop.wait()


def stop_signal() -> asyncio.Event:
    """Set when this process is asked to end (SIGINT, SIGTERM)."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def describe_store(data_dir: Path) -> dict[str, Any] | None:
    """Facts about a data directory's database; ``None`` when there is none yet."""
    path = data_dir / DATABASE
    if not path.exists():
        return None
    store = SqliteStore(path, SystemClock())
    await store.open()
    try:
        return await store.describe()
    finally:
        await store.close()


async def _hub(
    options: Options,
    chosen: settings.HubSettings,
    url: str,
    hooks_url: str,
    stack: contextlib.AsyncExitStack,
) -> Hub:
    """All services, each handed what it needs, started; ended with ``stack`` in reverse."""
    on = await ground(options.data_dir, chosen, stack)
    data_dir, zone, clock, store = on.data_dir, on.zone, on.clock, on.store
    secrets, audit = on.secrets, on.audit
    policies = PolicyBook(data_dir, chosen.agency, read_rules, clock)

    def forget(due: Due) -> None:
        for memory in (board, on.bus):
            memory.forget(due.stream.source, due.stream.kind, due.before)

    kept = await keeping(store, clock, audit, forget)
    retention = kept.retention
    engine = policy_engine(
        policies, lambda: sources.all(), retention.shown_from, retention.apart, kept.holds.of_case
    )
    taken = await intake(on, engine, retention, stack)
    hosted = await hosting(on, taken, _developing(options, chosen), stack)
    catalogue, supervisor, sources = hosted.catalogue, hosted.supervisor, hosted.sources
    gazetteer = Gazetteer(_features(data_dir / BASEMAP))
    summariser = Summariser(gazetteer.near)
    board = Board(clock, summariser)
    approvals = SecondPeople(store.approvals, store.requests, clock, audit.note)
    held = keys(store, secrets, hosted.leases, sources, catalogue, clock)
    spending = Spending(store.meter, clock, zone)
    requests = _requests(on, engine)
    sealer = await _sealer(on)
    names = Names(store.ledger)
    oversight = Oversight(store.reviews, audit, sealer, clock, zone, chosen.oversight)
    hub = Hub(
        settings=chosen,
        store=store,
        clock=clock,
        ingest=taken.ingest,
        search=Search(store, clock, Parser(zone, gazetteer), summariser, sources.holding),
        board=board,
        feed=Feed(store, on.bus, board),
        summariser=summariser,
        gaps=taken.gaps,
        alerts=_alerts(on, gazetteer, engine, names),
        sources=sources,
        own_credentials=own_credentials(on, hosted),
        lookups=_lookups(on, taken, hosted, spending, engine),
        spending=spending,
        reconciliation=Reconciliation(
            sources.all, catalogue, supervisor, store, audit, sealer, oversight, clock, zone
        ),
        calendar=held.calendar,
        rotation=held.rotation,
        use=held.use,
        retention=retention,
        purge=kept.purge,
        holds=kept.holds,
        intel=kept.intel,
        oversight=oversight,
        complaints=Complaints(store.ledger, audit, sealer, clock, zone),
        actions=Actions(sources.all, catalogue, supervisor, store, clock),
        connectors=Connectors(hosted.registrar, hosted.house, supervisor, sources),
        requests=requests,
        approvals=approvals,
        audit=audit,
        custody=await custody(data_dir, chosen, secrets, audit, clock, stack),
        policies=policies,
        engine=engine,
        door=Door(
            engine, audit, sealer, requests, approvals, clock, lambda *told: tell_owner(hub, *told)
        ),
        sessions=Sessions(clock, store.sessions),
        tokens=Tokens(store.tokens, clock, chosen.agency),
        break_glass=BreakGlass(store.local_accounts, clock, chosen.agency),
        handles=Handles(store.handles, clock),
        names=names,
        invitations=Invitations(clock),
        departures=Departures(clock),
        handovers=Handovers(clock),
        sign_on=provider(chosen, secrets, clock, url, stack),
        basemap_path=data_dir / BASEMAP,
        openapi=document(ROUTES),
        hooks_url=hooks_url,
        banner=await banner_of(store.ledger),
    )
    keep_journal(hosted, stack)
    await _open_ways_in(options, hub, stack)
    await _start(hub, on, taken.assets, supervisor, url, stack)
    return hub


def _requests(on: Ground, engine: Engine) -> Requests:
    rules = RequestRules(call_over_hours=on.settings.call_over_hours)
    return Requests(
        on.store,
        on.clock,
        on.zone,
        rules,
        on.settings.agency,
        lambda: engine.policy.settings.agencies,
    )


async def _sealer(on: Ground) -> Sealer:
    sealer = Sealer(on.secrets, on.clock)
    with contextlib.suppress(AskAPerson):  # on a full disk: then at their first use
        await sealer.ready()
    return sealer


def _alerts(on: Ground, gazetteer: Gazetteer, engine: Engine, names: Names) -> AlertService:
    return AlertService(
        on.store,
        on.clock,
        on.secrets,
        on.zone,
        gazetteer.near,
        lambda: engine.confirms_hits,
        engine.parties,
        names.of,
    )


def _lookups(
    on: Ground, taken: Intake, hosted: Hosting, spending: Spending, engine: Engine
) -> Lookups:
    return Lookups(
        hosted.sources.all,
        hosted.catalogue,
        hosted.supervisor,
        on.store.ledger,
        hosted.leases.fingerprint,
        spending,
        shows(engine, taken.places, taken.ingest.totals),
    )


async def _start(
    hub: Hub,
    on: Ground,
    assets: AssetKeeper,
    supervisor: Supervisor,
    url: str,
    stack: contextlib.AsyncExitStack,
) -> None:
    """What goes on beside answering begins, sources last: they end first."""
    await start_alerts(hub, on.bus, on.secrets, url, stack)
    keep(stack, "the purge", hub.purge.keep)
    keep(stack, "looking for misuse", hub.oversight.keep)
    keep(stack, "comparing vendors' logs", hub.reconciliation.keep)
    await start_live(hub, supervisor, stack)
    await start_sources(hub, supervisor, stack)
    start_chores(hub, on.data_dir, assets, publication(on.data_dir, hub), stack)


async def _open_ways_in(options: Options, hub: Hub, stack: contextlib.AsyncExitStack) -> None:
    """Who was signed in before still is, where the rules of signing in are the same."""
    chosen = hub.settings
    rules = msgspec.json.encode([chosen.sign_on, chosen.agency, _developing(options, chosen)])
    stack.push_async_callback(hub.sessions.sweep)
    await hub.sessions.open(hashlib.sha256(rules).hexdigest())
    await hub.tokens.open()
    await hub.break_glass.open()
    await hub.handles.open()
    await hub.names.open()


def _person_here(options: Options, hub: Hub) -> Person:
    """Whoever starts the hub at its own machine. On one for development, which holds made-up data,
    they are everything at once; else they run the machine and read nothing."""
    if _developing(options, hub.settings):
        return person_here(options.person, hub.settings.agency, DEVELOPING)
    person = person_here(options.person, hub.settings.agency, SETTING_UP)
    return person if hub.sign_on is None else replace(person, only=person.permissions - _BY_TWO)


_BY_TWO = {Permission.SETTINGS_APPROVE, Permission.POLICY_CHANGE, Permission.RETENTION_CHANGE}
"""Once people can sign in, who they are at the machine is not known: whoever is signed in, too,
would be two people to what takes two."""


def _developing(options: Options, chosen: settings.HubSettings) -> bool:
    return options.development or chosen.development


async def _serve(hub: Hub, doors: Doors, stack: contextlib.AsyncExitStack) -> None:
    app = make_app(hub, ROUTES, _console())
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=SHUTDOWN_S, max_line_size=LONGEST_LINE
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    context = doors.tls.context if doors.tls else None
    console = doors.console.listener
    await web.SockSite(runner, console, backlog=BACKLOG, ssl_context=context).start()
    if doors.own is not doors.console:
        await web.SockSite(runner, doors.own.listener, backlog=BACKLOG).start()
    if doors.tls:
        keep(stack, "following the certificate", doors.tls.follow)
    stack.callback(hub.feed.end)


def _open_gate(hub: Hub, doors: Doors, stack: contextlib.AsyncExitStack) -> None:
    doors.hooks.listener.listen(BACKLOG)
    gate = GateKeeper(doors.hooks.listener, partial(receive, hub), doors.hooks_files)
    keep(stack, "the gate", gate.run)


def _features(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        features: list[dict[str, Any]] = orjson.loads(path.read_bytes())["features"]
    except (ValueError, KeyError, TypeError):
        raise AskAPerson(
            f"{path} is no GeoJSON FeatureCollection.",
            code="bad_basemap",
            remedy="Mend the file, or take it away to start without a basemap.",
        ) from None
    return features


def _console() -> Path | None:
    """The folder of the built console, when ``watchfloor-ui`` is installed."""
    if find_spec("watchfloor_ui") is None:
        return None
    folder: Path = import_module("watchfloor_ui").static_dir()
    return folder if (folder / "index.html").exists() else None
