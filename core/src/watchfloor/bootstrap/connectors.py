"""What connectors come from and run in: the index, the shelf, workers and their way out."""

from __future__ import annotations

import asyncio
import contextlib
import secrets as random
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from watchfloor import settings
from watchfloor.adapters.bundles import ZipBundles
from watchfloor.adapters.clock import SystemClock
from watchfloor.adapters.confinement import trusted
from watchfloor.adapters.egress import EgressKeeper, proxy_of
from watchfloor.adapters.environments import UvEnvironments
from watchfloor.adapters.processes import Processes
from watchfloor.adapters.tuf_index import TufIndex
from watchfloor.contracts import AskAPerson
from watchfloor.hosting import (
    Catalogue,
    House,
    Journal,
    Leases,
    Limits,
    Services,
    Supervisor,
)
from watchfloor.ports.world import Secrets
from watchfloor.registry import Admission, Approvals, Installations, Jobs, Registrar
from watchfloor.sources import Credentials, OwnCredentials, Sources

from .ground import Ground
from .intake import Intake
from .occupying import writing
from .tasks import end

CONNECTORS = "connectors"
INDEX = "connector-index"
WORK = "work"
EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class Hosting:
    """Connectors, the workers that they run in, and the sources that these ask."""

    catalogue: Catalogue
    leases: Leases
    ways_out: EgressKeeper
    registrar: Registrar
    house: House
    supervisor: Supervisor
    credentials: Credentials
    sources: Sources


async def hosting(
    on: Ground, intake: Intake, development: bool, stack: contextlib.AsyncExitStack
) -> Hosting:
    """Nothing runs yet. What workers say goes to ``intake``."""
    leases = await _leases(on)
    catalogue = Catalogue(on.data_dir / CONNECTORS, development=development)
    ways_out = await _egress(on, stack)
    services = Services(intake.ingest, intake.assets, intake.gaps, leases, ways_out)
    registrar = await _registrar(on, catalogue)
    stack.push_async_callback(registrar.jobs.close)
    house = House(catalogue, on.store, registrar.admission, services, on.clock, Limits())
    supervisor = Supervisor(house)
    credentials = Credentials(on.secrets, on.store.ledger, on.store.leases)
    sources = Sources(
        on.store, on.clock, on.secrets, credentials, catalogue, supervisor,
        intake.ingest, intake.gaps, intake.assets,
    )  # fmt: skip
    return Hosting(catalogue, leases, ways_out, registrar, house, supervisor, credentials, sources)


async def _leases(on: Ground) -> Leases:
    store = on.store
    key = await _own_key(on.secrets, "fingerprints")
    leases = Leases(on.secrets, store.ledger, key, store.leases, on.audit.note)
    await leases.open()
    return leases


async def _registrar(on: Ground, catalogue: Catalogue) -> Registrar:
    """What the registry works with. ``catalogue`` reads the shelf that is installed to."""
    data_dir, chosen, store = on.data_dir, on.settings, on.store
    root = _public_root(chosen)
    index = TufIndex(chosen.registry_index, root, data_dir / INDEX)
    key = await _own_key(on.secrets, "installations")
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


def keep_journal(hosted: Hosting, stack: contextlib.AsyncExitStack) -> None:
    """Write down what becomes of workers, for the quality of connectors."""
    journal = hosted.registrar.journal
    journal.open()
    stack.callback(journal.close)
    stack.callback(hosted.supervisor.on_change(journal.saw))


async def _egress(on: Ground, stack: contextlib.AsyncExitStack) -> EgressKeeper:
    """The workers' way out, open."""
    proxy = await proxy_of(on.settings.proxy, on.secrets)
    with writing():
        keeper = EgressKeeper(on.data_dir / EGRESS, proxy)
    stack.callback(keeper.close)
    stack.push_async_callback(end, asyncio.create_task(keeper.run()))
    return keeper


def own_credentials(on: Ground, hosted: Hosting) -> OwnCredentials:
    """The hub's own credentials; a new one of the proxy is used at once."""

    async def use() -> None:
        hosted.ways_out.use(await proxy_of(on.settings.proxy, on.secrets))

    return OwnCredentials(hosted.credentials, use)


def _workers(data_dir: Path, chosen: settings.HubSettings) -> Processes:
    """Each in a folder of its own below ``WORK``, where nothing of the last run is left."""
    work = data_dir / WORK
    with writing():
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
    certificates = trusted(Path(chosen.certificates), work) if chosen.certificates else None
    return Processes(work=work, closed=data_dir, certificates=certificates)


async def _own_key(secrets: Secrets, purpose: str) -> bytes:
    """A key of the hub's own, made at first use: of the lease ledger's fingerprints, of the seals
    on what is installed. Raises what reading it raises: one that cannot be read is not replaced."""
    try:
        kept = await secrets.get("hub", purpose)
    except AskAPerson as error:
        if error.code != "credential_missing":
            raise
        kept = {"key": random.token_hex(32)}
        await secrets.put("hub", purpose, kept)
    return bytes.fromhex(kept["key"])
