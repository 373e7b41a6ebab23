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
from watchfloor.adapters.bus import InProcessBus
from watchfloor.adapters.cedar import read_rules
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.gate import GateKeeper
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.alerts import (
    AlertService,
)
from watchfloor.assets import AssetKeeper, Places
from watchfloor.audit import Sealer
from watchfloor.contracts import AskAPerson
from watchfloor.gaps import GapKeeper
from watchfloor.hosting import Catalogue, House, Leases, Limits, Services, Supervisor
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
from watchfloor.ingest import Ingest, Preparer, Validators
from watchfloor.live import Board, Feed, Summariser
from watchfloor.lookups import Lookups, Spending
from watchfloor.oversight import Oversight
from watchfloor.policy import PolicyBook
from watchfloor.ports.store import Box, Due
from watchfloor.reconciliation import Reconciliation
from watchfloor.registry import Connectors
from watchfloor.requests import Approvals as SecondPeople
from watchfloor.requests import RequestRules, Requests
from watchfloor.search import Gazetteer, Parser, Search
from watchfloor.sources import Credentials, Sources
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
from .connectors import (
    CONNECTORS,
    egress,
    keep_journal,
    own_credentials,
    own_key,
    registrar_of,
)
from .doors import Doors, opened
from .governance import audit_log, custody, keeps, policy_engine, provider, shows
from .keyring import keyring_of
from .occupying import alone, run_file, writing
from .tasks import keep
from .upkeep import keeping, keys, publication

DATABASE = "hub.sqlite"
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
        hub = await _hub(options, url, f"{doors.hooks.url}/hooks/", stack)
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


async def _hub(options: Options, url: str, hooks_url: str, stack: contextlib.AsyncExitStack) -> Hub:
    """All services, each handed what it needs, started; ended with ``stack`` in reverse."""
    data_dir = options.data_dir
    chosen = settings.load(data_dir)
    zone, clock = chosen.zone(), SystemClock()
    store = SqliteStore(data_dir / DATABASE, clock)
    await store.open()
    stack.push_async_callback(store.close)
    bus, secrets = InProcessBus(store.log), keyring_of(data_dir, chosen)
    audit = await audit_log(data_dir, chosen, secrets, clock, stack)
    validators = Validators()
    policies = PolicyBook(data_dir, chosen.agency, read_rules, clock)

    def forget(due: Due) -> None:
        for memory in (board, bus):
            memory.forget(due.stream.source, due.stream.kind, due.before)

    kept = await keeping(store, clock, audit, forget)
    retention = kept.retention
    engine = policy_engine(
        policies, lambda: sources.all(), retention.shown_from, retention.apart, kept.holds.of_case
    )
    places = Places()
    await places.open(store.assets)
    preparer = Preparer(validators, _box(chosen), keeps(engine, places), retention.earliest)
    ingest = Ingest(store, bus, clock, preparer)
    stack.callback(ingest.close)
    assets, gaps = AssetKeeper(store, clock, validators, places), GapKeeper(store, clock)
    leases = Leases(
        secrets, store.ledger, await own_key(secrets, "fingerprints"), store.leases, audit.note
    )
    await leases.open()
    shelf = data_dir / CONNECTORS
    catalogue = Catalogue(shelf, development=options.development or chosen.development)
    ways_out = await egress(data_dir, chosen, secrets, stack)
    services = Services(ingest, assets, gaps, leases, ways_out)
    registrar = await registrar_of(data_dir, chosen, catalogue, store, secrets)
    stack.push_async_callback(registrar.jobs.close)
    house = House(catalogue, store, registrar.admission, services, clock, Limits())
    supervisor = Supervisor(house)
    credentials = Credentials(secrets, store.ledger, store.leases)
    sources = Sources(
        store, clock, secrets, credentials, catalogue, supervisor, ingest, gaps, assets
    )  # fmt: skip
    gazetteer = Gazetteer(_features(data_dir / BASEMAP))
    summariser = Summariser(gazetteer.near)
    board = Board(clock, summariser)
    approvals = SecondPeople(store.approvals, store.requests, clock, audit.note)
    held = keys(store, secrets, leases, sources, catalogue, clock)
    spending = Spending(store.meter, clock, zone)
    requests = Requests(
        store,
        clock,
        zone,
        RequestRules(call_over_hours=chosen.call_over_hours),
        chosen.agency,
        lambda: engine.policy.settings.agencies,
    )
    sealer = Sealer(secrets, clock)
    with contextlib.suppress(AskAPerson):  # on a full disk: then at their first use
        await sealer.ready()
    oversight = Oversight(store.reviews, audit, sealer, clock, zone, chosen.oversight)
    hub = Hub(
        settings=chosen,
        store=store,
        clock=clock,
        ingest=ingest,
        search=Search(store, clock, Parser(zone, gazetteer), summariser, sources.holding),
        board=board,
        feed=Feed(store, bus, board),
        summariser=summariser,
        gaps=gaps,
        alerts=AlertService(
            store,
            clock,
            secrets,
            zone,
            gazetteer.near,
            lambda: engine.confirms_hits,
            engine.parties,
        ),
        sources=sources,
        own_credentials=own_credentials(credentials, chosen, secrets, ways_out),
        lookups=Lookups(
            sources.all,
            catalogue,
            supervisor,
            store.ledger,
            leases.fingerprint,
            spending,
            shows(engine, places, ingest.totals),
        ),
        spending=spending,
        reconciliation=Reconciliation(
            sources.all, catalogue, supervisor, store, audit, sealer, oversight, clock, zone
        ),
        calendar=held.calendar,
        rotation=held.rotation,
        use=held.use,
        retention=kept.retention,
        purge=kept.purge,
        holds=kept.holds,
        intel=kept.intel,
        oversight=oversight,
        complaints=Complaints(store.ledger, audit, sealer, clock, zone),
        actions=Actions(sources.all, catalogue, supervisor, store, clock),
        connectors=Connectors(registrar, house, supervisor, sources),
        requests=requests,
        approvals=approvals,
        audit=audit,
        custody=await custody(data_dir, chosen, secrets, audit, clock, stack),
        policies=policies,
        engine=engine,
        door=Door(
            engine,
            audit,
            sealer,
            requests,
            approvals,
            clock,
            lambda *told: tell_owner(hub, *told),
        ),
        sessions=Sessions(clock, store.sessions),
        tokens=Tokens(store.tokens, clock, chosen.agency),
        break_glass=BreakGlass(store.local_accounts, clock, chosen.agency),
        handles=Handles(store.handles, clock),
        names=Names(store.ledger),
        invitations=Invitations(clock),
        departures=Departures(clock),
        handovers=Handovers(clock),
        sign_on=provider(chosen, secrets, clock, url, stack),
        basemap_path=data_dir / BASEMAP,
        openapi=document(ROUTES),
        hooks_url=hooks_url,
        banner=await banner_of(store.ledger),
    )
    keep_journal(registrar.journal, supervisor, stack)
    await _open_ways_in(options, hub, stack)
    await start_alerts(hub, bus, secrets, url, stack)
    keep(stack, "the purge", hub.purge.keep)
    keep(stack, "looking for misuse", oversight.keep)
    keep(stack, "comparing vendors' logs", hub.reconciliation.keep)
    await start_live(hub, supervisor, stack)
    await start_sources(hub, supervisor, stack)
    pages = publication(data_dir, hub)
    start_chores(hub, data_dir, assets, pages, stack)
    return hub


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


def _box(chosen: settings.HubSettings) -> Box | None:
    return Box(*chosen.bounds) if chosen.bounds else None


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
