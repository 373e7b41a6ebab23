"""What has its time, put together: retention and its purge; credentials and what they cost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.audit import AuditEvent, AuditLog, Entry, Object, Outcome
from watchfloor.contracts import CredentialDeclaration, NotFound, WatchfloorError, rfc3339
from watchfloor.credentials import Calendar, Rotation, UseLedger
from watchfloor.hosting import Catalogue, Leases
from watchfloor.ports.store import Due, Receipt, Store
from watchfloor.ports.world import Clock, Secrets
from watchfloor.registry import Approvals
from watchfloor.retention import HoldDesk, IntelDesk, PurgeJob, Retention
from watchfloor.sources import HUB, OWN, Sources
from watchfloor.transparency import FOLDER, About, Head, Publication, about
from watchfloor.web import Hub, inventory

from .governance import AUDIT


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long things are kept."""

    retention: Retention
    purge: PurgeJob
    holds: HoldDesk
    intel: IntelDesk


async def keeping(
    store: SqliteStore, clock: Clock, audit: AuditLog, forget: Callable[[Due], None]
) -> Keeping:
    """Retention by the schedule that was approved last, and what impact statements promise.
    ``forget`` hears what is deleted, for what is held in memory."""
    retention = Retention(store.schedules, store.purging, clock, Approvals(store.ledger).days)
    holds = HoldDesk(store.holds, clock)
    await retention.refresh()
    await holds.open()
    return Keeping(
        retention,
        PurgeJob(store, clock, retention.refresh, _told(audit), forget),
        holds,
        IntelDesk(store.criminal_intel, clock, lambda: retention.in_force),
    )


def _told(audit: AuditLog) -> Callable[[Sequence[Receipt]], Awaitable[None]]:
    async def told(receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            await audit.record(
                Entry(
                    event=AuditEvent.DATA_PURGED,
                    outcome=Outcome.DONE,
                    object=Object(kind="receipt", id=str(receipt.no)),
                    count=receipt.count,
                    more={
                        "root": receipt.root.hex() if receipt.root else None,
                        "source": receipt.stream.source,
                        "kind": receipt.stream.kind,
                        "rule": receipt.rule,
                        "before": rfc3339(receipt.before),
                    },
                )
            )

    return told


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials over time."""

    calendar: Calendar
    rotation: Rotation
    use: UseLedger


def keys(
    store: Store, secrets: Secrets, leases: Leases, sources: Sources, catalogue: Catalogue,
    clock: Clock,
) -> Keys:  # fmt: skip
    """Who has which credential in hand, until when it serves, how it is replaced."""

    def declared() -> Iterator[tuple[str, Sequence[CredentialDeclaration]]]:
        yield HUB, [*OWN.values()]
        for source in sources.all():
            try:
                yield source.id, catalogue.manifest(source.connector).credentials
            except (NotFound, WatchfloorError):  # not installed any more, or a push source
                continue

    return Keys(
        Calendar(lambda: [*declared()], secrets, store.terms, store.ledger, clock),
        Rotation(sources, secrets, store.terms, store.leases, leases.fingerprint, clock),
        UseLedger(store.leases, leases, sources),
    )


def publication(data_dir: Path, hub: Hub) -> Publication:
    """The public page of what the hub was used for."""

    def head() -> Head | None:
        checkpoint = hub.audit.checkpoint
        return Head(hub.audit.key, bytes(checkpoint).decode()) if checkpoint else None

    async def told() -> About:
        chosen = hub.settings
        return about(chosen.name, chosen.timezone, await inventory(hub))

    def typeset(files: Mapping[str, bytes], main: str) -> bytes:
        from watchfloor.adapters.typesetting import pdf  # 20 MB that only this needs

        return pdf(files, main)

    return Publication(data_dir / AUDIT, data_dir / FOLDER, head, told, typeset, hub.clock)
