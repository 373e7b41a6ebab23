"""The running hub as the API sees it: its services, put together by bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from watchfloor.access import Door
from watchfloor.actions import Actions
from watchfloor.alerts import AlertService
from watchfloor.audit import AuditLog, Custody, Trouble
from watchfloor.contracts import rfc3339
from watchfloor.credentials import Calendar, Rotation, UseLedger, upkeep
from watchfloor.gaps import GapKeeper
from watchfloor.identity import (
    BreakGlass,
    Handles,
    Handovers,
    Invitations,
    Names,
    Sessions,
    Tokens,
)
from watchfloor.ingest import Ingest
from watchfloor.live import Board, Feed, Summariser
from watchfloor.lookups import Lookups, Spending
from watchfloor.oversight import Oversight
from watchfloor.policy import Engine, PolicyBook
from watchfloor.ports.signon import SignOn
from watchfloor.ports.store import Hold, Micros, Store
from watchfloor.ports.world import Clock
from watchfloor.reconciliation import Reconciliation
from watchfloor.registry import Connectors
from watchfloor.requests import Approvals, Requests
from watchfloor.retention import HoldDesk, IntelDesk, PurgeJob, Retention
from watchfloor.search import Search
from watchfloor.settings import HubSettings
from watchfloor.sources import HUB as HUB_ITSELF
from watchfloor.sources import PASSING_S, OwnCredentials, Repair, Sources, SourceView, repairs
from watchfloor.transparency import Complaints, Technology, technology

from .banner import Banner
from .departures import Departures
from .handed import HandedOut, Recent


@dataclass(slots=True)
class Hub:
    """Everything that handlers use. One per process."""

    settings: HubSettings
    store: Store
    clock: Clock
    ingest: Ingest
    search: Search
    board: Board
    feed: Feed
    summariser: Summariser
    gaps: GapKeeper
    alerts: AlertService
    sources: Sources
    own_credentials: OwnCredentials
    lookups: Lookups
    actions: Actions
    connectors: Connectors
    requests: Requests
    approvals: Approvals
    """Where a second person is asked."""
    audit: AuditLog
    custody: Custody
    policies: PolicyBook
    engine: Engine
    door: Door
    spending: Spending
    reconciliation: Reconciliation
    calendar: Calendar
    rotation: Rotation
    use: UseLedger
    retention: Retention
    purge: PurgeJob
    holds: HoldDesk
    intel: IntelDesk
    oversight: Oversight
    complaints: Complaints
    sessions: Sessions
    tokens: Tokens
    break_glass: BreakGlass
    handles: Handles
    names: Names
    invitations: Invitations
    departures: Departures
    handovers: Handovers
    sign_on: SignOn | None
    """The agency's identity provider, when one is connected."""
    basemap_path: Path
    openapi: dict[str, Any]
    hooks_url: str
    """Where vendors' webhooks go, up to the source's id."""
    banner: Banner | None = None
    owners_told: Recent[tuple[str, str, str | None]] = field(default_factory=lambda: Recent(2_000))
    """Of which owner, person and request those who oversee have heard lately."""
    handed_out: HandedOut = field(default_factory=HandedOut)
    """Which plate reads people were shown, and which they opened by number."""
    told: frozenset[str] = frozenset()
    """Codes of the troubles with the audit log that people were told of."""


UPKEEP_DAYS = 31
"""How many days before its end a credential is shown."""

HUB: web.AppKey[Hub] = web.AppKey("hub")


async def all_repairs(hub: Hub, sources: Sequence[SourceView]) -> list[Repair]:
    """What is wrong now, the sources faring so; then what soon will be: credentials that run out,
    budgets nearly spent."""
    names = {source.id: source.name for source in sources}
    soon = upkeep(await hub.calendar.due(UPKEEP_DAYS), await hub.spending.budgets(), names)
    of_audit = map(_of_audit, hub.custody.troubles())
    at_vendors = await hub.reconciliation.repairs(names)
    now = hub.clock.now()
    ending = [_of_hold(hold, now) for hold in await hub.holds.ending()]
    of_alerts = await _of_alerts(hub.alerts, now)
    return [*of_audit, *of_alerts, *at_vendors, *repairs(sources, now), *soon, *ending]


def _of_audit(trouble: Trouble) -> Repair:
    return Repair(
        source=HUB_ITSELF,
        source_name="Audit log",
        code=trouble.code,
        fault=trouble.fault,
        detail=trouble.detail,
        remedy=trouble.remedy,
        since=rfc3339(trouble.since),
        step="check",
    )


async def _of_alerts(alerts: AlertService, now: Micros) -> list[Repair]:
    """That nothing is judged, and what no rule could look at. What it was stands in the alert, for
    those who may see it."""
    found = [
        _alerts_repair(
            "events_unjudged", "Events that no rule could look at",
            f"The hub failed on {alert.count} of the kind {alert.kind}; alert {alert.id} has them.",
            "Have somebody look at them and close the alert. What failed stands in the hub's log:"
            " send it to whoever maintains the hub.",
            alert.raised,
        )
        for alert in await alerts.unjudged()
    ]  # fmt: skip
    if (lost := alerts.given_up) is not None:
        repair = _alerts_repair(
            "events_given_up", "Events that were not judged",
            f"Since it started, the hub failed on {lost.count} of the events that came in, and on"
            f" the alert that says so. The newest is event {lost.seq}.",
            "Have somebody look at what came in then. The hub's log names each event and what"
            " failed: send it to whoever maintains the hub. This goes when the hub starts anew.",
            rfc3339(lost.at),
        )  # fmt: skip
        found.insert(0, repair)
    if alerts.waits is not None and (now - alerts.waits.since) / 1e6 >= PASSING_S:
        why, since = alerts.waits.why, rfc3339(alerts.waits.since)
        stopped = _alerts_repair(
            why.code, "No alerts are made", f"What comes in waits: {why.detail}", why.remedy, since
        )
        return [stopped, *found]
    return found


def _alerts_repair(code: str, fault: str, detail: str, remedy: str, since: str) -> Repair:
    return Repair(
        source=HUB_ITSELF, source_name="Alerts", code=code, fault=fault, detail=detail,
        remedy=remedy, since=since, step="check",
    )  # fmt: skip


def _of_hold(hold: Hold, now: Micros) -> Repair:
    """Its case and who answers for it stand on the holds' page, for those who may see them."""
    ended = hold.expires <= now
    tells = (
        "ended at {}; what it kept is due." if ended else "ends at {}; what it keeps is due then."
    )
    return Repair(
        source=HUB_ITSELF,
        source_name="Holds",
        code="hold_ends",
        fault="A hold has ended" if ended else "A hold ends within two weeks",
        detail=f"The hold {hold.id} {tells.format(rfc3339(hold.expires))}",
        remedy="Place a new one where it is still needed, or say that it may be gone."
        if ended
        else "Ask its approver whether it is still needed; then extend it, or let it go.",
        since=rfc3339(hold.made),
        step="check",
    )


async def inventory(hub: Hub) -> list[Technology]:
    """What watches here: each source with its impact statement and what it has in the streets."""
    assets = await hub.store.assets.all()
    known = {each.id: each.manifest for each in hub.sources.catalogue.all() if each.manifest}
    return [
        technology(source, known[source.connector], await hub.connectors.impact(source.id), assets)
        for source in hub.sources.all()
        if source.connector in known
    ]
