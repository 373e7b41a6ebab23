"""The impact statement: what a source's data means for the resident, on what legal basis, and what
its connector touches. A named person approves it before the source is first switched on, and again
when the connector or its settings touch more than was approved."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from msgspec import Struct, structs

from watchfloor.contracts import Impact, Manifest, Refused, micros, rfc3339
from watchfloor.ports.store import Instance, Ledger

from .permissions import Touches, touches

NOTE = "impact_approved"
"""The ledger keeps every approval; the newest of a source counts."""
MOST_NOTES = 100_000
FORBIDDEN = {"face_recognition": "Face recognition"}
"""Categories that the default policy never lets run, with their names for people."""


class Approval(Struct):
    """Who approved what, when (RFC 3339)."""

    by: str
    at: str
    connector: str
    version: str
    impact: Impact
    touches: Touches


class ImpactView(Struct):
    """A source's statement as it stands. ``draft`` is what the form begins with: the approved one,
    else the connector's own words. ``beyond``: what is touched and not approved."""

    source: str
    connector: str
    version: str
    draft: Impact
    touches: Touches
    approved: Approval | None
    beyond: Touches

    def without_places(self) -> ImpactView:
        """As whoever neither operates sources nor approves statements is told of it."""
        approved = self.approved and structs.replace(
            self.approved, touches=self.approved.touches.without_places()
        )
        return structs.replace(
            self,
            touches=self.touches.without_places(),
            approved=approved,
            beyond=self.beyond.without_places(),
        )

    @property
    def holds(self) -> bool:
        """Whether the source may run."""
        return self.approved is not None and not self.beyond


class Approvals:
    """Every source's newest approval."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._newest: dict[str, Approval] | None = None
        self._reading = asyncio.Lock()

    async def view(self, source: Instance, manifest: Manifest) -> ImpactView:
        """How it stands with a source under one version of its connector."""
        approved = (await self._known()).get(source.id)
        if approved is not None and not _is_of(approved, source):
            approved = None
        touched = touches(manifest, source.config)
        return ImpactView(
            source=source.id,
            connector=manifest.id,
            version=manifest.version,
            draft=approved.impact if approved else manifest.impact,
            touches=touched,
            approved=approved,
            beyond=touched.beyond(approved.touches if approved else Touches()),
        )

    async def approve(self, source: Instance, manifest: Manifest, impact: Impact, by: str) -> None:
        """``by`` answers for it from now on. Raises ``Refused`` (``category_refused``)."""
        refuse_category(manifest)
        what = {
            "source": source.id,
            "connector": manifest.id,
            "version": manifest.version,
            "impact": msgspec.to_builtins(impact),
            "touches": msgspec.to_builtins(touches(manifest, source.config)),
        }
        async with self._reading:  # what is read meanwhile would lack this one
            await self._ledger.note(NOTE, by, what)
            self._newest = None

    async def demand(self, source: Instance, manifest: Manifest) -> None:
        """Raises ``Refused`` (``impact_not_approved``, ``permissions_grew``)."""
        view = await self.view(source, manifest)
        if view.approved is None:
            raise Refused(
                f"The impact statement of {source.id} is not approved.",
                code="impact_not_approved",
                remedy="Fill in and approve it on the source's page, or with "
                f"“watchfloor connector approve {source.id}”.",
            )
        if view.beyond:
            raise Refused(
                f"{manifest.name} {manifest.version} touches more than was approved for "
                f"{source.id}: {in_words(view.beyond)}.",
                code="permissions_grew",
                remedy="Look at the difference and approve the impact statement again.",
            )

    async def days(self) -> dict[str, int]:
        """By source: for how many days its data is kept, as was last approved."""
        known = await self._known()
        return {source: each.impact.retention_days for source, each in known.items()}

    async def _known(self) -> dict[str, Approval]:
        async with self._reading:
            if self._newest is None:
                notes = await self._ledger.notes(NOTE, MOST_NOTES)
                self._newest = {note["what"]["source"]: _approval(note) for note in reversed(notes)}
            return self._newest


def _approval(note: dict[str, Any]) -> Approval:
    said = {key: value for key, value in note["what"].items() if key != "source"}
    return msgspec.convert({**said, "by": note["who"], "at": rfc3339(note["at"])}, Approval)


def _is_of(approved: Approval, source: Instance) -> bool:
    """Not of an older source of that name, which was removed, nor of another connector."""
    since = source.created // 1000 * 1000  # approvals are told to the millisecond
    return approved.connector == source.connector and micros(approved.at) >= since


def in_words(beyond: Touches) -> str:
    """``hosts: api.example.org:443; credentials: token``."""
    lists = msgspec.to_builtins(beyond)
    return "; ".join(
        f"{name.replace('_', ' ')}: {', '.join(words)}" for name, words in lists.items() if words
    )


def refuse_category(manifest: Manifest) -> None:
    """Raises ``Refused`` (code ``category_refused``) for what the policy never allows."""
    for category in manifest.categories:
        if name := FORBIDDEN.get(category):
            raise Refused(
                f"{manifest.name} is a connector for: {name}. The policy does not allow that.",
                code="category_refused",
                remedy="Nothing switches it on: the hub knows this category in order to refuse it.",
            )
