"""What goes on beside answering: alerts, the live feed, sources, chores."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from watchfloor.adapters.bus import InProcessBus
from watchfloor.adapters.egress import proxy_of
from watchfloor.adapters.http_out import HttpOut
from watchfloor.adapters.schedule import Chores
from watchfloor.alerts import AlertRouter, Courier, Standing, is_shown
from watchfloor.assets import AssetKeeper
from watchfloor.audit import Forgetting
from watchfloor.contracts import NotFound
from watchfloor.hosting import Supervisor
from watchfloor.ports.store import Micros, Scope, Stream
from watchfloor.ports.world import Secrets
from watchfloor.sources import plainly
from watchfloor.transparency import Publication
from watchfloor.web import Hub, tell_of_audit, tell_of_overrides

from . import milestones
from .tasks import end, keep, later

SETTLED_S = 60.0
"""When a start has settled the public page is made anew and the audit log's copies are checked; and
then every day."""


async def start_alerts(
    hub: Hub,
    bus: InProcessBus,
    secrets: Secrets,
    url: str,
    stack: contextlib.AsyncExitStack,
) -> None:
    """Judge what comes in, and deliver."""
    alerts = hub.alerts
    await alerts.open()
    chosen = hub.settings
    proxy = partial(proxy_of, chosen.proxy, secrets)
    http = HttpOut(chosen.outgoing_hosts, chosen.certificates, proxy)
    stack.push_async_callback(http.close)
    router = AlertRouter(hub.store, bus, hub.clock, alerts.engine, alerts.desk, alerts.watching)
    await hub.actions.open()
    courier = Courier(hub.store, http, secrets, hub.clock, alerts.desk, url, hub.actions)
    keep(stack, "reading the hot lists", alerts.keep_watch)
    keep(stack, "judging what comes in", router.run)
    keep(stack, "delivering alerts", courier.run)


async def start_live(hub: Hub, supervisor: Supervisor, stack: contextlib.AsyncExitStack) -> None:
    """Tell consoles what happens, as it happens."""
    await hub.board.seed(hub.store)
    keep(stack, "the live feed", hub.feed.run)

    def tell_alerts(alerts: Sequence[Standing]) -> None:
        hub.feed.tell_shown("alerts", alerts, _is_shown, Standing.view, "alerts")
        hub.feed.tell_shown("alerts", alerts, _is_shown, hub.alerts.publicly, "wall")

    stack.callback(hub.alerts.on_change(tell_alerts))
    telling: set[asyncio.Task[None]] = set()

    async def tell(source: str) -> None:
        with contextlib.suppress(NotFound):  # it was removed meanwhile
            view = await hub.sources.view(source)
            hub.feed.tell("source", view, "settings")
            hub.feed.tell("source", plainly(view), "sources")

    def changed(source: str) -> None:
        task = asyncio.create_task(tell(source))
        telling.add(task)
        task.add_done_callback(telling.discard)

    stack.callback(supervisor.on_change(lambda state: changed(state.source)))


def _is_shown(standing: Standing, scope: Scope) -> bool:
    return is_shown(standing.alert, scope)


async def start_sources(hub: Hub, supervisor: Supervisor, stack: contextlib.AsyncExitStack) -> None:
    """Bring every source up; they end first."""
    stack.push_async_callback(supervisor.stop)
    await hub.sources.open()
    hub.summariser.know(hub.sources.all())


def start_chores(
    hub: Hub,
    data_dir: Path,
    assets: AssetKeeper,
    pages: Publication,
    stack: contextlib.AsyncExitStack,
) -> None:
    """What is done every so often."""

    async def sample() -> None:
        hub.sources.activity.sample()

    async def overdue() -> None:
        await hub.intel.purge_overdue()

    async def tell_sources() -> None:
        views = await hub.sources.views()
        hub.feed.tell("sources", views, "settings")
        hub.feed.tell("sources", [*map(plainly, views)], "sources")

    for do in (pages.refresh, hub.custody.inspector.inspect_daily):
        stack.push_async_callback(end, asyncio.create_task(later(SETTLED_S, do)))
    chores = Chores()
    chores.every(2, "look for silent sources", hub.gaps.check)
    chores.every(5, "tell consoles how sources fare", tell_sources)
    chores.every(2, "tell of emergency overrides", partial(tell_of_overrides, hub))
    chores.every(60, "count events a minute", sample)
    chores.every(60, "write down who is signed in", hub.sessions.sweep)
    chores.every(60, "end overlaps of credentials", hub.rotation.end_overlaps)
    if hub.settings.registry_index:
        chores.every(900, "look what connectors are revoked", hub.connectors.watch)
    chores.every(30, "tell of troubles with the audit log", partial(tell_of_audit, hub))
    chores.every(3600, "have the audit log cosigned", hub.custody.cosigners.ask)
    chores.every(3600, "check the audit log's copies daily", hub.custody.inspector.inspect_daily)
    chores.every(3600, "have the keys of the audit log's month", hub.door.sealer.ready)
    chores.every(3600, "let overdue months of the audit log go", _forgetting(hub).forget)
    chores.every(900, "record what ran out", partial(milestones.look, hub, data_dir))
    chores.every(3600, "let vanished assets go", assets.expire)
    chores.every(3600, "let overdue intelligence go", overdue)
    chores.every(86_400, "publish what the hub was used for", pages.refresh)
    chores.start()
    stack.callback(chores.stop)


def _forgetting(hub: Hub) -> Forgetting:
    def cap() -> Micros:
        return hub.retention.in_force.limits(Stream("", "audit")).cap.micros

    return Forgetting(hub.audit, hub.door.sealer, hub.clock, cap)
