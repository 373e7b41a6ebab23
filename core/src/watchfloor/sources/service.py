"""The agency's sources: configured connectors, and push sources that hand over by the API.

What people do with a source goes through here: add, change, give a credential, test, restart,
remove; and what comes in by the web asks here who it may be from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from watchfloor.assets import AssetKeeper
from watchfloor.contracts import (
    AskAPerson,
    CredentialDeclaration,
    Manifest,
    NotFound,
    Refused,
    rfc3339,
)
from watchfloor.contracts.protocol import CheckResult, MediaResult
from watchfloor.gaps import GapKeeper
from watchfloor.hosting import Catalogue, Redactor, Supervisor, check_config, open_parts
from watchfloor.ingest import Ingest, Origin
from watchfloor.ports.store import Gap, Instance, Store
from watchfloor.ports.world import Clock, Secrets
from watchfloor.webhooks import Door, chosen

from .activity import Activity
from .credentials import HUB, Credentials, CredentialView
from .redrive import Redrive, Redriver
from .view import SourceGap, SourceView

PUSH = "push"
"""The connector of a source that has no worker: somebody hands events over by the API."""

DAY = 24 * 3600 * 1_000_000
PUSH_CADENCE_S = 3600.0


class Sources:
    """All sources of one hub."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        secrets: Secrets,
        credentials: Credentials,
        catalogue: Catalogue,
        supervisor: Supervisor,
        ingest: Ingest,
        gaps: GapKeeper,
        assets: AssetKeeper,
    ) -> None:
        self.catalogue = catalogue
        self.activity = Activity(ingest.totals)
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self._credentials = credentials
        self._supervisor = supervisor
        self._ingest = ingest
        self._gaps = gaps
        self._instances: dict[str, Instance] = {}
        self._doors: dict[str, Door] = {}
        self._redactors: dict[str, Redactor] = {}
        self._shut = 0
        self._redriver = Redriver(store, ingest, assets, self._with_workers, self.arrived)

    async def open(self) -> None:
        """Learn what is configured and start the workers."""
        self._instances = {each.id: each for each in await self._store.instances.all()}
        for instance in self._instances.values():
            await self._run(instance)

    def all(self) -> Sequence[Instance]:
        """Every configured source, by id."""
        return sorted(self._instances.values(), key=lambda instance: instance.id)

    def holding(self) -> Sequence[Instance]:
        """Those whose events or assets the hub keeps: not those that only answer or do what they
        are asked, of whom a search finds nothing because it never asks them."""
        return [each for each in self.all() if self._holds(each)]

    def get(self, source: str) -> Instance:
        """One source. Raises ``NotFound``."""
        instance = self._instances.get(source)
        if instance is None:
            raise NotFound(f"There is no source {source}.", code="no_such_source")
        return instance

    async def put(self, wanted: Instance, by: str) -> SourceView:
        """Add a source or change it; its worker starts afresh. Raises ``AskAPerson`` for settings
        that do not fit the connector, ``NotFound`` for one that is not installed, ``Refused`` for
        an id that may not be its."""
        if wanted.id == HUB:
            raise Refused(
                f"No source may be called {HUB}.",
                code="reserved_id",
                remedy="Give it another id.",
            )
        if wanted.connector != PUSH:
            check_config(self.catalogue.manifest(wanted.connector), wanted.config)
        known = self._instances.get(wanted.id)
        if known is not None and known.connector != wanted.connector:
            raise Refused(
                f"{wanted.id} is a source of {known.connector}.",
                code="other_connector",
                remedy="Give the new source an id of its own, or remove the old one first.",
            )
        made = (known.created, known.created_by) if known else (self._clock.now(), by)
        instance = replace(wanted, created=made[0], created_by=made[1])
        await self._store.instances.put(instance)
        self._instances[instance.id] = instance
        self._shut_door(instance.id)
        await self._run(instance)
        return await self.view(instance.id)

    async def remove(self, source: str) -> None:
        """Take a source and its credentials away; its events stay. Raises ``NotFound``."""
        instance = self.get(source)
        await self._credentials.forget(source)
        await self._store.terms.remove(source)
        await self._store.instances.remove(source)
        self._instances.pop(source, None)
        self._shut_door(source)
        if instance.connector != PUSH:
            await self._supervisor.remove(source)
        self._gaps.forget(source)

    async def credentials(self, source: str) -> list[CredentialView]:
        """What its connector declares, and which of it is set."""
        return await self._credentials.views(source, self._manifest(source).credentials)

    async def set_credential(
        self, source: str, name: str, value: Mapping[str, str], by: str
    ) -> None:
        """Keep a declared credential in the keyring and start the worker afresh with it.

        Raises ``AskAPerson`` for a value that is not what its kind is made of."""
        await self._keep_credential(source, name, value, by)
        await self._supervisor.restart(source)

    async def replace_credential(
        self, source: str, name: str, value: Mapping[str, str], by: str
    ) -> None:
        """The same without a restart: webhooks are checked by it from the next one on, and the
        worker has it with its next lease. One that rests because something was wrong is started
        afresh: the vendor may have refused the value before."""
        await self._keep_credential(source, name, value, by)
        state = self._supervisor.states().get(source)
        if state is not None and state.state == "needs_attention":
            await self._supervisor.restart(source)

    async def _keep_credential(
        self, source: str, name: str, value: Mapping[str, str], by: str
    ) -> None:
        await self._credentials.set(source, self.declared(source, name), value, by)
        self._shut_door(source)

    def declared(self, source: str, name: str) -> CredentialDeclaration:
        """A credential of a source's. Raises ``NotFound`` (code ``undeclared``)."""
        manifest = self._manifest(source)
        for each in manifest.credentials:
            if each.name == name:
                return each
        raise NotFound(f"{manifest.id} declares no credential {name}.", code="undeclared")

    async def restart(self, source: str) -> None:
        """Start the worker afresh, with its connector as it is now. Raises ``NotFound``."""
        self._manifest(source)
        self._shut_door(source)
        await self._supervisor.restart(source)

    async def check(self, source: str) -> CheckResult:
        """Let the worker try settings, credentials and hosts."""
        self._manifest(source)
        return await self._supervisor.check(source)

    async def fetch_media(self, source: str, handle: str) -> MediaResult:
        """Let the worker fetch one picture, clip or recording."""
        self._manifest(source)
        return await self._supervisor.fetch_media(source, handle)

    # --- what comes in by the web ------------------------------------------------------------

    async def door(self, source: str) -> Door:
        """How a webhook of this source is checked. Raises ``NotFound`` for a source that takes
        none, ``AskAPerson`` while its secret or its settings make no check."""
        door = self._doors.get(source)
        if door is None:
            shut = self._shut
            door = await self._open_door(source)
            if shut == self._shut:  # else it may be of a secret that was replaced meanwhile
                self._doors[source] = door
        return door

    async def _open_door(self, source: str) -> Door:
        instance = self.get(source)
        manifest = self._manifest(source)
        if not instance.enabled or not manifest.recipes:
            raise NotFound(f"{source} takes no webhooks.", code="no_webhook")
        settings = {**manifest.defaults, **instance.config}
        recipe = chosen(manifest.recipes, settings)
        secret = await self._secrets.get(source, recipe.credential)
        values = {name: await self._secrets.get(source, name) for name in
                  await self._secrets.names(source) if name != recipe.credential}  # fmt: skip
        redactor = Redactor()
        for name, value in {**values, recipe.credential: secret}.items():
            redactor.learn(value, open_parts(manifest, name))
        self._redactors[source] = redactor
        return Door(recipe, secret, settings)

    def cleansed(self, source: str, body: bytes) -> bytes:
        """A webhook's body without this source's credentials, which a vendor may echo: as it may
        be kept. Its door was opened before."""
        redactor = self._redactors.get(source)
        return redactor.cleanse(body) if redactor else body

    def _shut_door(self, source: str) -> None:
        """The next webhook is checked by what is set now."""
        self._doors.pop(source, None)
        self._shut += 1

    def arrived(self, source: str) -> None:
        """A webhook is in the inbox."""
        self._supervisor.nudge(source)

    def push_origin(self, source: str) -> Origin:
        """Who hands over by the batch endpoint. Raises ``NotFound`` or ``Refused``."""
        instance = self.get(source)
        if instance.connector != PUSH or not instance.enabled:
            raise Refused(f"{source} is no push source that is switched on.", code="no_push_source")
        return Origin(source, source, f"{PUSH}/1")

    # --- dead letters ------------------------------------------------------------------------

    async def redrive(self, ids: Sequence[int]) -> Redrive:
        """Try dead letters again with today's connectors and rules. Raises ``NotFound``."""
        return await self._redriver.redrive(ids)

    def _with_workers(self) -> set[str]:
        return {each.id for each in self._instances.values() if each.connector != PUSH}

    # --- how they fare -----------------------------------------------------------------------

    async def views(self) -> list[SourceView]:
        """Every source with how it fares."""
        now = self._clock.now()
        gaps = await self._store.gaps.between(now - DAY, now)
        return [self._view(instance, gaps) for instance in self.all()]

    async def view(self, source: str) -> SourceView:
        """One source with how it fares. Raises ``NotFound``."""
        now = self._clock.now()
        gaps = await self._store.gaps.between(now - DAY, now, source)
        return self._view(self.get(source), gaps)

    def _view(self, instance: Instance, gaps: Sequence[Gap]) -> SourceView:
        totals = self._ingest.totals[instance.id]
        assured = self._gaps.assured_until(instance.id)
        return SourceView(
            id=instance.id,
            connector=instance.connector,
            name=instance.name,
            config=instance.config,
            enabled=instance.enabled,
            synthetic=instance.synthetic,
            events_total=totals["events"],
            duplicates_total=totals["duplicates"],
            dead_total=totals["dead"],
            last_event=rfc3339(totals["last"]) if totals["last"] else None,
            rate_per_min=self.activity.rate_per_min(instance.id),
            assured_until=rfc3339(assured) if assured else None,
            gaps_24h=[
                SourceGap(rfc3339(gap.start), rfc3339(gap.end) if gap.end else None, gap.reason)
                for gap in gaps
                if gap.source == instance.id
            ],
            **self._health(instance),
        )

    def _health(self, instance: Instance) -> dict[str, Any]:
        """What the supervisor and the manifest say of it."""
        if instance.connector == PUSH:
            return {
                "version": "1",
                "state": "running" if instance.enabled else "stopped",
                "since": rfc3339(instance.created),
                "cadence_s": None,
            }
        state = self._supervisor.state(instance.id)
        manifest = self._known_manifest(instance)
        cadence = instance.config.get("every_s", manifest.cadence.every_s if manifest else None)
        return {
            "version": manifest.version if manifest else "",
            "state": state.state,
            "since": rfc3339(state.since),
            "code": state.code,
            "reason": state.reason,
            "remedy": state.remedy,
            "lag_s": state.lag_s,
            "skew_s": state.skew_s,
            "cadence_s": cadence,
            "pid": state.pid,
            "memory_mb": state.memory_mb,
            "confinement": list(state.confinement),
        }

    def _holds(self, instance: Instance) -> bool:
        manifest = self._known_manifest(instance)
        # One that is not installed any more has left what it told.
        return not manifest or bool(manifest.event_types) or "assets" in manifest.capabilities

    def _known_manifest(self, instance: Instance) -> Manifest | None:
        try:
            return self.catalogue.manifest(instance.connector)
        except (NotFound, AskAPerson):
            return None

    def _manifest(self, source: str) -> Manifest:
        instance = self.get(source)
        if instance.connector == PUSH:
            raise Refused(f"{source} is a push source: it has no connector.", code="push_source")
        return self.catalogue.manifest(instance.connector)

    async def _run(self, instance: Instance) -> None:
        if instance.connector == PUSH:
            await self._gaps.watch(instance.id, PUSH_CADENCE_S, backfill=False)
        else:
            await self._supervisor.apply(instance)
