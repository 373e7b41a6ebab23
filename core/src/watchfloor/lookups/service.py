"""Asks: admits the question, writes it down, has it asked, hands on what is found.

A question that cannot be written down is not asked: a look-up without a record is misuse.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from watchfloor.contracts import (
    AskAPerson,
    LookupAnswer,
    LookupDeclaration,
    LookupRequest,
    LookupResult,
    NotFound,
    Purpose,
    SubjectKind,
    WatchfloorError,
)
from watchfloor.hosting import Catalogue, Supervisor
from watchfloor.ports.store import Instance, Ledger

from .offers import Offer, admit

LEDGER = "lookup"
MOST_UNREAD = 1000
"""Results that wait for a slow reader; the question ends as ``partial`` beyond that."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know. ``purpose.requester`` is who is signed in, never what they
    say."""

    source: str
    offer: str
    subject_kind: SubjectKind
    subject: str
    purpose: Purpose
    deadline_s: float = 30.0
    filters: dict[str, Any] = field(default_factory=dict)


class Lookups:
    """The look-ups of one hub. ``sources`` are the configured ones; ``fingerprint`` tells on the
    ledger whether two questions were about the same subject, and nothing else."""

    def __init__(
        self,
        sources: Callable[[], Sequence[Instance]],
        catalogue: Catalogue,
        supervisor: Supervisor,
        ledger: Ledger,
        fingerprint: Callable[[dict[str, str]], str],
    ) -> None:
        self._sources = sources
        self._catalogue = catalogue
        self._supervisor = supervisor
        self._ledger = ledger
        self._fingerprint = fingerprint

    def offers(self, subject_kind: SubjectKind | None = None) -> list[Offer]:
        """What can be asked (about one kind of subject), by source."""
        return [
            Offer(
                source=instance.id,
                source_name=instance.name,
                declaration=declared,
                available=self._runs(instance.id),
            )
            for instance in self._sources()
            for declared in self._declared(instance)
            if subject_kind is None or subject_kind in declared.subject_kinds
        ]

    async def ask(self, question: Question) -> AsyncGenerator[LookupResult | LookupAnswer]:
        """What is found as it comes, and last how it ended.

        Raises ``NotFound``, ``Refused`` for a question that must not be asked, and whatever keeps
        it from being written down.
        """
        declared = self._declaration(question)
        request = LookupRequest(
            id=f"q-{uuid4().hex}",
            offer=question.offer,
            subject_kind=question.subject_kind,
            subject=question.subject,
            purpose=question.purpose,
            deadline_s=question.deadline_s,
            filters=question.filters,
        )
        admit(declared, request)
        await self._note(question, request, "asked")
        found, ended = 0, "abandoned"
        try:
            async with aclosing(self._asked(question.source, request)) as answers:
                async for each in answers:
                    if isinstance(each, LookupAnswer):
                        ended = each.status
                    else:
                        found += 1
                    yield each
        finally:
            await self._note(question, request, ended, found=found)

    async def _asked(
        self, source: str, request: LookupRequest
    ) -> AsyncGenerator[LookupResult | LookupAnswer]:
        news: asyncio.Queue[LookupResult | None] = asyncio.Queue(MOST_UNREAD + 1)
        dropped = False

        def hear(result: LookupResult) -> None:
            nonlocal dropped
            if news.qsize() < MOST_UNREAD:
                news.put_nowait(result)
            else:
                dropped = True

        asking = asyncio.create_task(self._answer(source, request, hear))
        asking.add_done_callback(lambda _: news.put_nowait(None))
        try:
            while (result := await news.get()) is not None:
                yield result
            answer = await asking
            if dropped and answer.status == "ok":
                detail = f"More than {MOST_UNREAD} results; the rest is left out."
                answer = LookupAnswer(request=request.id, status="partial", detail=detail)
            yield answer
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _answer(
        self, source: str, request: LookupRequest, hear: Callable[[LookupResult], None]
    ) -> LookupAnswer:
        try:
            return await self._supervisor.lookup(source, request, hear)
        except WatchfloorError as error:
            return LookupAnswer(request=request.id, status="unavailable", detail=error.detail)

    async def _note(
        self, question: Question, request: LookupRequest, what: str, **more: Any
    ) -> None:
        """On the ledger: who asked what kind of thing why; never the subject itself."""
        purpose = question.purpose
        await self._ledger.note(
            LEDGER,
            purpose.requester,
            {
                "request": request.id,
                "what": what,
                "source": question.source,
                "offer": question.offer,
                "subject_kind": question.subject_kind,
                "subject": self._fingerprint({question.subject_kind: question.subject}),
                "purpose": purpose.code,
                "case_number": purpose.case_number,
                "on_behalf_of": purpose.on_behalf_of,
                **more,
            },
        )

    def _declaration(self, question: Question) -> LookupDeclaration:
        for instance in self._sources():
            if instance.id == question.source:
                for declared in self._declared(instance):
                    if declared.name == question.offer:
                        return declared
        raise NotFound(
            f"{question.source} offers no look-up {question.offer!r}.", code="no_such_lookup"
        )

    def _declared(self, instance: Instance) -> Sequence[LookupDeclaration]:
        try:
            return self._catalogue.manifest(instance.connector).lookups
        except (NotFound, AskAPerson):  # not installed any more, a push source, a broken manifest
            return ()

    def _runs(self, source: str) -> bool:
        try:
            return self._supervisor.state(source).state in ("running", "degraded")
        except NotFound:
            return False
