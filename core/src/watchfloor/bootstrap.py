"""Puts the hub together: the only place that knows every name."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import json
import os
import secrets as random
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from . import settings
from .actions import Actions
from .adapters import disk, listening
from .adapters.bundles import ZipBundles
from .adapters.bus import InProcessBus
from .adapters.clock import SystemClock
from .adapters.confinement import trusted
from .adapters.egress import EgressKeeper, proxy_of
from .adapters.environments import UvEnvironments
from .adapters.gate import GateKeeper
from .adapters.http_out import HttpOut
from .adapters.keyring_file import SealedSecrets
from .adapters.processes import Processes
from .adapters.schedule import Chores
from .adapters.sqlite import SqliteStore
from .adapters.tuf_index import TufIndex
from .alerts import AlertRouter, AlertService, Courier
from .assets import AssetKeeper
from .contracts import AskAPerson, NotFound
from .gaps import GapKeeper
from .hosting import Catalogue, House, Journal, Leases, Limits, Services, Supervisor
from .ingest import Ingest, Preparer, Validators
from .live import Board, Feed, Summariser
from .lookups import Lookups
from .ports.store import Box
from .registry import Admission, Approvals, Connectors, Installations, Jobs, Registrar
from .search import Gazetteer, Parser, Search
from .sources import Credentials, OwnCredentials, Sources
from .web import ROUTES, Hub, Sessions, document, make_app, receive

DATABASE = "hub.sqlite"
BASEMAP = "basemap.geojson"
RUN_FILE = "run.json"
CONNECTORS = "connectors"
INDEX = "connector-index"

WORK = "work"
EGRESS = "egress"
LOCK_FILE = "hub.lock"

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
    """For whom the one-time sign-in link is made; the name that stands on what is done."""


@dataclass(frozen=True, slots=True)
class Running:
    """A hub that answers at ``url``. ``link`` signs its person in, once."""

    hub: Hub
    url: str
    link: str


@contextlib.asynccontextmanager
async def running_hub(options: Options) -> AsyncIterator[Running]:
    """A hub from open to closed. Raises ``AskAPerson`` when it cannot start."""
    async with contextlib.AsyncExitStack() as stack:
        with _files():
            options.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        stack.enter_context(_alone(options.data_dir))
        listener, url = _listener(options.host, options.port, "--port", stack)
        hooks, hooks_url = _listener(options.host, options.hooks_port, "--hooks-port", stack)
        hub = await _hub(options, url, f"{hooks_url}/hooks/", stack)
        await _serve(hub, listener, stack)
        _open_gate(hub, hooks, stack)
        stack.enter_context(_run_file(options, url, hub.sessions))
        _tune_interpreter()
        yield Running(hub, url, f"{url}/#token={hub.sessions.invite(options.person)}")


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
    bus, secrets = InProcessBus(store.log), SealedSecrets(data_dir / "secrets")
    validators = Validators()
    ingest = Ingest(store, bus, clock, Preparer(validators, _box(chosen)))
    stack.callback(ingest.close)
    assets, gaps = AssetKeeper(store, clock, validators), GapKeeper(store, clock)
    leases = Leases(secrets, store.ledger, await _key(secrets, "fingerprints"))
    shelf = data_dir / CONNECTORS
    catalogue = Catalogue(shelf, development=options.development or chosen.development)
    ways_out = await _egress(data_dir, chosen, secrets, stack)
    services = Services(ingest, assets, gaps, leases, ways_out)
    registrar = await _registrar(data_dir, chosen, catalogue, store, secrets)
    stack.push_async_callback(registrar.jobs.close)
    house = House(catalogue, store, registrar.admission, services, clock, Limits())
    supervisor = Supervisor(house)
    credentials = Credentials(secrets, store.ledger)
    sources = Sources(
        store, clock, secrets, credentials, catalogue, supervisor, ingest, gaps, assets
    )  # fmt: skip
    gazetteer = Gazetteer(_features(data_dir / BASEMAP))
    summariser = Summariser(gazetteer.near)
    board = Board(clock, summariser)
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
        alerts=AlertService(store, clock, secrets, zone, gazetteer.near),
        sources=sources,
        own_credentials=_own_credentials(credentials, chosen, secrets, ways_out),
        lookups=Lookups(sources.all, catalogue, supervisor, store.ledger, leases.fingerprint),
        actions=Actions(sources.all, catalogue, supervisor, store, clock),
        connectors=Connectors(registrar, house, supervisor, sources),
        sessions=Sessions(clock),
        basemap_path=data_dir / BASEMAP,
        openapi=document(ROUTES),
        hooks_url=hooks_url,
    )
    _keep_journal(registrar.journal, supervisor, stack)
    await _start_alerts(hub, bus, secrets, url, stack)
    await _start_live(hub, supervisor, stack)
    await _start_sources(hub, supervisor, stack)
    _start_chores(hub, assets, stack)
    return hub


async def _registrar(
    data_dir: Path,
    chosen: settings.HubSettings,
    catalogue: Catalogue,
    store: SqliteStore,
    secrets: SealedSecrets,
) -> Registrar:
    """What the registry works with. ``catalogue`` reads the shelf that is installed to."""
    root = _public_root(chosen)
    index = TufIndex(chosen.registry_index, root, data_dir / INDEX)
    key = await _key(secrets, "installations")
    installations = Installations(data_dir / CONNECTORS, UvEnvironments(), key)
    approvals = Approvals(store.ledger)
    admission = Admission(
        _workers(data_dir, chosen), catalogue, installations, index, store.instances, approvals
    )  # fmt: skip
    bundles = ZipBundles(root, data_dir / INDEX)
    return Registrar(
        index, bundles, installations, admission, approvals, Jobs(SystemClock()), Journal()
    )


def _public_root(chosen: settings.HubSettings) -> bytes:
    """What the index is believed for. Raises ``AskAPerson`` when it cannot be read."""
    if not chosen.registry_root:
        return (files("watchfloor.registry") / "root.json").read_bytes()
    try:
        return Path(chosen.registry_root).read_bytes()
    except OSError as error:
        raise AskAPerson(
            f"registry_root cannot be read: {error.strerror}.",
            code="bad_settings",
            remedy=f"Correct it in {settings.FILE}.",
        ) from None


def _keep_journal(
    journal: Journal, supervisor: Supervisor, stack: contextlib.AsyncExitStack
) -> None:
    journal.open()
    stack.callback(journal.close)
    stack.callback(supervisor.on_change(journal.saw))


async def _egress(
    data_dir: Path,
    chosen: settings.HubSettings,
    secrets: SealedSecrets,
    stack: contextlib.AsyncExitStack,
) -> EgressKeeper:
    """The workers' way out, open."""
    proxy = await proxy_of(chosen.proxy, secrets)
    with _files():
        keeper = EgressKeeper(data_dir / EGRESS, proxy)
    stack.callback(keeper.close)
    stack.push_async_callback(_end, asyncio.create_task(keeper.run()))
    return keeper


def _own_credentials(
    credentials: Credentials,
    chosen: settings.HubSettings,
    secrets: SealedSecrets,
    ways_out: EgressKeeper,
) -> OwnCredentials:
    async def use() -> None:
        ways_out.use(await proxy_of(chosen.proxy, secrets))

    return OwnCredentials(credentials, use)


def _workers(data_dir: Path, chosen: settings.HubSettings) -> Processes:
    """Each in a folder of its own below ``WORK``, where nothing of the last run is left."""
    work = data_dir / WORK
    with _files():
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
    certificates = trusted(Path(chosen.certificates), work) if chosen.certificates else None
    return Processes(work=work, closed=data_dir, certificates=certificates)


async def _start_alerts(
    hub: Hub,
    bus: InProcessBus,
    secrets: SealedSecrets,
    url: str,
    stack: contextlib.AsyncExitStack,
) -> None:
    alerts = hub.alerts
    await alerts.open()
    http = HttpOut(hub.settings.outgoing_hosts)
    stack.push_async_callback(http.close)
    router = AlertRouter(hub.store, bus, hub.clock, alerts.engine, alerts.desk, alerts.watching)
    await hub.actions.open()
    courier = Courier(hub.store, http, secrets, hub.clock, alerts.desk, url, hub.actions)
    for run in (alerts.keep_watch, router.run, courier.run):
        stack.push_async_callback(_end, asyncio.create_task(run()))


async def _start_live(hub: Hub, supervisor: Supervisor, stack: contextlib.AsyncExitStack) -> None:
    await hub.board.seed(hub.store)
    stack.push_async_callback(_end, asyncio.create_task(hub.feed.run()))
    stack.callback(hub.alerts.on_change(lambda views: hub.feed.tell("alerts", views)))
    telling: set[asyncio.Task[None]] = set()

    async def tell(source: str) -> None:
        with contextlib.suppress(NotFound):  # it was removed meanwhile
            hub.feed.tell("source", await hub.sources.view(source))

    def changed(source: str) -> None:
        task = asyncio.create_task(tell(source))
        telling.add(task)
        task.add_done_callback(telling.discard)

    stack.callback(supervisor.on_change(lambda state: changed(state.source)))


async def _start_sources(
    hub: Hub, supervisor: Supervisor, stack: contextlib.AsyncExitStack
) -> None:
    stack.push_async_callback(supervisor.stop)
    await hub.sources.open()
    hub.summariser.know(hub.sources.all())


def _start_chores(hub: Hub, assets: AssetKeeper, stack: contextlib.AsyncExitStack) -> None:
    async def sample() -> None:
        hub.sources.activity.sample()

    async def tell_sources() -> None:
        hub.feed.tell("sources", await hub.sources.views())

    chores = Chores()
    chores.every(2, "look for silent sources", hub.gaps.check)
    chores.every(5, "tell consoles how sources fare", tell_sources)
    chores.every(60, "count events a minute", sample)
    if hub.settings.registry_index:
        chores.every(900, "look what connectors are revoked", hub.connectors.watch)
    chores.every(3600, "let vanished assets go", assets.expire)
    chores.start()
    stack.callback(chores.stop)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _serve(hub: Hub, listener: socket.socket, stack: contextlib.AsyncExitStack) -> None:
    app = make_app(hub, ROUTES, _console())
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=SHUTDOWN_S, max_line_size=LONGEST_LINE
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener, backlog=BACKLOG).start()
    stack.callback(hub.feed.end)


def _open_gate(hub: Hub, listener: socket.socket, stack: contextlib.AsyncExitStack) -> None:
    listener.listen(BACKLOG)
    gate = GateKeeper(listener, partial(receive, hub))
    stack.push_async_callback(_end, asyncio.create_task(gate.run()))


def _listener(
    host: str, port: int, option: str, stack: contextlib.AsyncExitStack
) -> tuple[socket.socket, str]:
    """A socket on a loopback address, and its URL."""
    listener = stack.enter_context(contextlib.closing(listening.bound(host, port, option)))
    return listener, listening.url_of(host, listener)


@contextlib.contextmanager
def _files() -> Iterator[None]:
    """Around what the start writes. Raises ``AskAPerson`` (``disk_full``, ``disk_error``)."""
    try:
        yield
    except OSError as error:
        raise disk.trouble(error, "the data directory's files") from error


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One hub a data directory. Raises ``AskAPerson`` (code ``already_running``)."""
    with _files():
        opened = (data_dir / LOCK_FILE).open("w")
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AskAPerson(
                f"A hub runs on {data_dir} already.",
                code="already_running",
                remedy="End it first, or name another --data-dir.",
            ) from None
        yield


@contextlib.contextmanager
def _run_file(options: Options, url: str, sessions: Sessions) -> Iterator[None]:
    """Where the command line finds this hub, readable by its owner alone."""
    session = sessions.exchange(sessions.invite(options.person))
    path = options.data_dir / RUN_FILE
    new = path.with_suffix(".new")
    try:
        with _files():
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            new.write_text(json.dumps({"url": url, "session": session, "pid": os.getpid()}))
            new.replace(path)  # it is there whole, or not at all
        yield
    finally:
        path.unlink(missing_ok=True)


async def _key(secrets: SealedSecrets, purpose: str) -> bytes:
    """A key of the hub's own, made at first use: of the lease ledger's fingerprints, of the seals
    on what is installed."""
    try:
        kept = await secrets.get("hub", purpose)
    except AskAPerson:
        kept = {"key": random.token_hex(32)}
        await secrets.put("hub", purpose, kept)
    return bytes.fromhex(kept["key"])


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
