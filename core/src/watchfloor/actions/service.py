"""Does things outside: checked, written down as under way, done, written down with the receipt.

The same key is done at most once. What was under way when the hub ended stays ``failed``, saying
that nobody knows whether it was done: doing it again is for a person to decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from msgspec import Struct

from watchfloor.contracts import (
    ActionDeclaration,
    ActionReceipt,
    ActionRequest,
    AskAPerson,
    GiveUp,
    NotFound,
    Purpose,
    Refused,
    RetryLater,
    WatchfloorError,
    micros,
)
from watchfloor.hosting import Catalogue, Supervisor, misfit
from watchfloor.ports.store import Deed, Instance, Store
from watchfloor.ports.world import Clock

DELIVER_ALERT = "deliver-alert"
"""The action by which a connector takes alerts to people."""

UNCERTAIN = "Whether it was done is not known: {}. Look there before you do it again."
_SILENT = ("worker_silent", "worker_gone", "worker_confused")
"""What a worker's silence is called: then it may have been done."""


class Doable(Struct, kw_only=True):
    """One action of one source."""

    source: str
    source_name: str
    declaration: ActionDeclaration


class Actions:
    """What one hub can do outside, and has done."""

    def __init__(
        self,
        sources: Callable[[], Sequence[Instance]],
        catalogue: Catalogue,
        supervisor: Supervisor,
        store: Store,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._catalogue = catalogue
        self._supervisor = supervisor
        self._deeds = store.deeds
        self._clock = clock
        self._doing: set[asyncio.Task[Deed]] = set()

    async def open(self) -> None:
        """What a crash cut off is told as such."""
        for deed in await self._deeds.under_way():
            await self._settle(deed, "failed", detail=UNCERTAIN.format("the hub ended meanwhile"))

    def doable(self) -> list[Doable]:
        """What can be done, by source."""
        return [
            Doable(source=instance.id, source_name=instance.name, declaration=declared)
            for instance in self._sources()
            if instance.enabled
            for declared in self._declared(instance)
        ]

    async def act(
        self,
        source: str,
        action: str,
        parameters: dict[str, Any],
        by: str,
        key: str | None = None,
        purpose: Purpose | None = None,
        person: str = "",
    ) -> Deed:
        """Do it, or answer what became of it when its key is known. ``purpose`` is what the other
        system is told of who asks and why, ``person`` the id of whoever does, where that is known.

        Raises ``NotFound``, ``Refused`` for parameters that do not fit, ``RetryLater`` when
        nothing was done and it may be tried again with the same key.
        """
        _check(self._declaration(source, action), parameters)
        deed = Deed(
            id=key or f"a-{uuid4().hex}",
            source=source,
            action=action,
            parameters=parameters,
            requested_by=by,
            asked=self._clock.now(),
            person=person,
        )
        doing = asyncio.create_task(self._once(deed, purpose))
        self._doing.add(doing)
        doing.add_done_callback(self._doing.discard)
        return await asyncio.shield(doing)  # whoever asked may go: it is done and written down

    async def undo(
        self, id: str, by: str, purpose: Purpose | None = None, person: str = ""
    ) -> Deed:
        """Take a deed back, by the action that its declaration names. Raises ``NotFound``, and
        ``Refused`` where that cannot be done."""
        deed = await self._deeds.get(id)
        undo = self._declaration(deed.source, deed.action).undo
        if deed.outcome != "done" or deed.reference is None or undo is None:
            raise Refused(
                "This cannot be taken back.",
                code="no_undo",
                remedy="Do so in the other system, where it allows that.",
            )
        told = {"reference": deed.reference}
        key = f"undo-{id}"[:256]
        return await self.act(deed.source, undo, told, by, key, purpose, person)

    async def carry(self, source: str, key: str, message: dict[str, Any]) -> str | None:
        """The ``Carrier`` port: deliver an alert's message to people by a connector.

        Not a deed of its own: the delivery is on record with its alert, and may repeat.
        """
        self._declaration(source, DELIVER_ALERT)
        request = ActionRequest(
            idempotency_key=key, action=DELIVER_ALERT, requested_by="alerts", parameters=message
        )
        receipt = await self._supervisor.act(source, request)
        if receipt.outcome == "refused":
            raise GiveUp(receipt.detail or "The receiver refused it.", code="delivery_refused")
        if receipt.outcome == "failed":
            raise RetryLater(receipt.detail or "It failed there.", code="not_delivered")
        return receipt.reference

    async def recent(
        self, limit: int, sources: Collection[str] | None = None, person: str | None = None
    ) -> Sequence[Deed]:
        """What was done, newest first; by these sources alone, and for one person (an id)."""
        return await self._deeds.recent(limit, sources, person)

    async def _once(self, deed: Deed, purpose: Purpose | None) -> Deed:
        known = await self._deeds.begin(deed)
        return await self._do(deed, purpose) if known is None else _same(known, deed)

    async def _do(self, deed: Deed, purpose: Purpose | None) -> Deed:
        request = ActionRequest(
            idempotency_key=deed.id,
            action=deed.action,
            requested_by=deed.requested_by,
            parameters=deed.parameters,
            purpose=purpose,
        )
        try:
            receipt = await self._supervisor.act(deed.source, request)
        except RetryLater as error:
            if error.code in _SILENT:
                return await self._settle(deed, "failed", detail=UNCERTAIN.format(error.detail))
            await self._deeds.forget(deed.id)
            raise
        except WatchfloorError as error:
            refused = "refused" if isinstance(error, Refused) else "failed"
            return await self._settle(deed, refused, detail=error.detail)
        return await self._receipted(deed, receipt)

    async def _receipted(self, deed: Deed, receipt: ActionReceipt) -> Deed:
        return await self._settle(
            deed,
            receipt.outcome,
            done=micros(receipt.done.isoformat()),
            reference=receipt.reference,
            detail=receipt.detail,
        )

    async def _settle(self, deed: Deed, outcome: str, **more: Any) -> Deed:
        settled = replace(deed, outcome=outcome, **{"done": self._clock.now(), **more})
        await self._deeds.settle(settled)
        return settled

    def _declaration(self, source: str, action: str) -> ActionDeclaration:
        for doable in self.doable():
            if (doable.source, doable.declaration.name) == (source, action):
                return doable.declaration
        raise NotFound(f"{source} can do no {action!r}.", code="no_such_action")

    def _declared(self, instance: Instance) -> Sequence[ActionDeclaration]:
        try:
            return self._catalogue.manifest(instance.connector).actions
        except (NotFound, AskAPerson):  # not installed any more, a push source, a broken manifest
            return ()


def _check(declaration: ActionDeclaration, parameters: dict[str, Any]) -> None:
    if wrong := misfit(declaration.parameters, parameters):
        raise Refused(
            f"{declaration.title} takes other parameters: {wrong[0] or 'they'} does not fit.",
            code="bad_parameters",
            remedy="Compare them with what the action's declaration takes.",
        )


def _same(known: Deed, asked: Deed) -> Deed:
    """The deed that a key stands for. Raises ``Refused`` when it is another one, ``RetryLater``
    while it is under way."""
    if (known.source, known.action, known.parameters) != (
        asked.source,
        asked.action,
        asked.parameters,
    ):
        raise Refused(
            "This idempotency key stands for another deed.",
            code="key_reused",
            remedy="Give each deed a key of its own.",
        )
    if known.outcome is None:
        raise RetryLater("It is under way.", code="under_way", retry_after=1.0)
    return known
