"""What decides and what records, put together: audit log, policy, sign-on."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from watchfloor.adapters.audit import FileHashes, FileHeads, FileSink, SqliteIndex, checked
from watchfloor.adapters.egress import proxy_of
from watchfloor.adapters.http_out import HttpOut, ProxyOf
from watchfloor.adapters.oidc import OidcSignOn
from watchfloor.assets import Places
from watchfloor.audit import (
    COSIGNATURE,
    COSIGNING,
    AuditEvent,
    AuditLog,
    Cosigners,
    Custody,
    Entry,
    Inspector,
    LastHead,
    Outcome,
    Verifier,
    Witness,
    Witnessing,
    signer_of,
)
from watchfloor.contracts import BY_NAME, AskAPerson, GiveUp, LookupResult
from watchfloor.ingest import Keeps
from watchfloor.lookups import Shows
from watchfloor.policy import PLATE_TYPES, Engine, PolicyBook, World
from watchfloor.ports.signon import CALLBACK, SignOn
from watchfloor.ports.store import Instance, Kept, Micros, NewEvent
from watchfloor.ports.world import Clock, Secrets
from watchfloor.settings import FILE, HubSettings

AUDIT = "audit"
AUDIT_COPY = "audit-copy"
"""The second copy, where the settings name no other place for it."""
AUDIT_INDEX = "audit-index"
"""What of the audit log can be made anew: its tree, and what finds records."""
WITNESSED = "witnessed"
"""The heads of neighbours' logs that were cosigned last."""
_WITNESS_S, _MOST_ANSWERED = 15.0, 64 * 1024
"""Seconds, and bytes, that a witness's answer may take."""

_READ = BY_NAME["read"].type

log = logging.getLogger(__name__)


async def audit_log(
    data_dir: Path,
    chosen: HubSettings,
    secrets: Secrets,
    clock: Clock,
    stack: contextlib.AsyncExitStack,
) -> AuditLog:
    """The audit log, open; closed last of all that can be recorded."""
    audit = AuditLog(
        await signer_of(secrets, f"audit.{chosen.agency}"),
        [FileSink(data_dir / AUDIT), FileSink(second_copy(data_dir, chosen))],
        FileHashes(data_dir / AUDIT_INDEX / "tree"),
        SqliteIndex(data_dir / AUDIT_INDEX / "records.sqlite"),
        clock,
        LastHead(secrets),
    )
    await audit.open()
    stack.push_async_callback(audit.close)
    audit.note(Entry(event=AuditEvent.HUB_STARTED, outcome=Outcome.DONE))
    stack.callback(audit.note, Entry(event=AuditEvent.HUB_STOPPED, outcome=Outcome.DONE))
    return audit


def second_copy(data_dir: Path, chosen: HubSettings) -> Path:
    """Where the second copy of the audit log lies."""
    return Path(chosen.audit_copy) if chosen.audit_copy else data_dir / AUDIT_COPY


async def custody(
    data_dir: Path,
    chosen: HubSettings,
    secrets: Secrets,
    audit: AuditLog,
    clock: Clock,
    stack: contextlib.AsyncExitStack,
) -> Custody:
    """Who looks after the log. Raises ``AskAPerson`` (``bad_settings``) for a key that is none."""
    http = HttpOut(chosen.outgoing_hosts, chosen.certificates, _proxy(chosen, secrets))
    stack.push_async_callback(http.close)

    async def post(url: str, body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        answer = await http.fetch(url, headers, _WITNESS_S, _MOST_ANSWERED, body)
        return answer.status, answer.body

    name = f"witness.{chosen.agency}"
    signer = await signer_of(secrets, name, COSIGNING, COSIGNATURE)
    logs = [_verifier(key) for key in chosen.witnessed_logs]
    witnesses = [Witnessing(each.url, _verifier(each.key)) for each in chosen.witnesses]
    return Custody(
        audit,
        Witness(signer, FileHeads(data_dir / WITNESSED), logs, clock, audit.note),
        Cosigners(audit, witnesses, post, clock),
        Inspector(audit, checked, clock),
        clock,
    )


def _verifier(key: str) -> Verifier:
    try:
        return Verifier.parse(key)
    except GiveUp as error:
        remedy = f"Correct witnesses and witnessed_logs in {FILE}."
        raise AskAPerson(error.detail, code="bad_settings", remedy=remedy) from None


def policy_engine(
    book: PolicyBook,
    sources: Callable[[], Iterable[Instance]],
    earliest: Callable[[Micros], Mapping[str, Micros]],
    apart: Callable[[Micros], Mapping[tuple[str, str, str | None], Micros]],
    held: Callable[[str, Micros], tuple[Kept, ...]],
) -> Engine:
    """Decides by the policy that was adopted last. Raises ``AskAPerson`` (``bad_policy``): the hub
    does not start on one that cannot be used."""
    running = book.running()
    if running.notice:
        log.warning("%s", running.notice)

    def synthetic() -> frozenset[str]:
        return frozenset(source.id for source in sources() if source.synthetic)

    return Engine(running.policy, World(earliest, synthetic, apart, held))


def keeps(engine: Engine, places: Places) -> Keeps:
    """What of what comes in is kept at all: no plate read in a sensitive zone, nor one of a reader
    that stands in it, wherever the read says that it was."""

    def kept(event: NewEvent, source: str) -> bool:
        zones = engine.policy.zones
        if not zones.zones or event.type not in PLATE_TYPES:
            return True
        readers = (places.of(source, value) for kind, value in event.keys if kind == "asset")
        return not any(zones.drops(event.type, point) for point in (event.point, *readers))

    return kept


def shows(engine: Engine, places: Places, totals: Mapping[str, Counter[str]]) -> Shows:
    """What of what a look-up found is handed on: the same. What is left out is counted as what is
    not kept."""

    def shown(source: str, result: LookupResult) -> bool:
        point = result.place.point if result.place else None
        reader = places.of(source, result.device) if result.device else None
        zones = engine.policy.zones
        inside = zones.drops(_READ, point) or zones.drops(_READ, reader)
        totals[source]["dropped"] += inside
        return not inside

    return shown


def _proxy(chosen: HubSettings, secrets: Secrets) -> ProxyOf:
    return partial(proxy_of, chosen.proxy, secrets)


def provider(
    chosen: HubSettings, secrets: Secrets, clock: Clock, url: str, stack: contextlib.AsyncExitStack
) -> SignOn | None:
    """The agency's identity provider, where the settings name one."""
    if chosen.sign_on is None:
        return None
    home = chosen.listening.public_url or url
    if chosen.sign_on.saml_metadata:
        from watchfloor.adapters.saml import SamlSignOn  # an extra: pysaml2 may not be there

        return SamlSignOn(chosen.sign_on, clock, f"{home}{CALLBACK}")
    http = HttpOut(chosen.outgoing_hosts, chosen.certificates, _proxy(chosen, secrets))
    stack.push_async_callback(http.close)
    return OidcSignOn(chosen.sign_on, http, secrets, clock, f"{home}{CALLBACK}", f"{home}/")
