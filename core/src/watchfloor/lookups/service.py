"""Asks: admits the question, writes it down, has it asked, hands on what is found.

A question that cannot be written down is not asked: a look-up without a record is misuse.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
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
    Manifest,
    NotFound,
    Purpose,
    SubjectKind,
    UserSignInState,
    WatchfloorError,
)
from watchfloor.hosting import Catalogue, Supervisor
from watchfloor.identity import Person
from watchfloor.policy import Domain
from watchfloor.ports.store import Instance, Ledger, Micros

from .offers import Offer, admit
from .spending import Spending
from .windows import Span, span_of, within

logger = logging.getLogger(__name__)

LEDGER = "lookup"
MOST_UNREAD = 1000
"""Results that wait for a slow reader; the question ends as ``partial`` beyond that."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know. ``person`` is who is signed in, by id, and
    ``purpose.requester`` by handle; never what they say."""

    source: str
    offer: str
    subject_kind: SubjectKind
    subject: str
    purpose: Purpose
    person: str
    deadline_s: float = 30.0
    filters: dict[str, Any] = field(default_factory=dict)
    span: Span | None = None
    """The time that it looks through, whatever its filters say; none, where its offer has none."""
    emergency: bool = False
    """It is asked though the budget is spent."""


Shows = Callable[[str, LookupResult], bool]
"""Whether what a source found may be handed on."""


def everything(_source: str, _result: LookupResult) -> bool:
    """Hands on all."""
    return True


class Lookups:
    """The look-ups of one hub. ``sources`` are the configured ones; ``fingerprint`` tells on the
    ledger whether two questions were about the same subject, and nothing else. ``spending`` counts
    what they cost. Of what ``shows`` leaves out (plates read in a sensitive zone) nobody is told,
    not even that there was any."""

    def __init__(
        self,
        sources: Callable[[], Sequence[Instance]],
        catalogue: Catalogue,
        supervisor: Supervisor,
        ledger: Ledger,
        fingerprint: Callable[[dict[str, str]], str],
        spending: Spending | None = None,
        shows: Shows = everything,
    ) -> None:
        self._sources = sources
        self._catalogue = catalogue
        self._supervisor = supervisor
        self._ledger = ledger
        self._fingerprint = fingerprint
        self._spending = spending
        self._shows = shows
        self._signed_in: dict[tuple[str, str], str] = {}
        """Whose the sign-ins at vendors are: by source and handle, the person's id."""

    def offers(self, subject_kind: SubjectKind | None = None) -> list[Offer]:
        """What can be asked (about one kind of subject), by source."""
        return [
            Offer(
                source=instance.id,
                source_name=instance.name,
                declaration=declared,
                available=self._runs(instance.id),
                sign_in_at=self._sign_in_at(instance),
            )
            for instance in self._sources()
            for declared in self._declared(instance)
            if subject_kind is None or subject_kind in declared.subject_kinds
        ]

    def choices(
        self, source: str, offer: str, filters: Mapping[str, Any], purpose: str | None
    ) -> dict[str, str]:
        """Of a question's filters, and of its system's own purposes (``system_purpose``), what is
        chosen from a list that the connector declares: codes, and nothing about a person. Raises
        ``NotFound``."""
        declared = self._declaration(source, offer)
        properties = declared.filters.get("properties", {})
        chosen = {
            name: str(value)
            for name, value in filters.items()
            if value in properties.get(name, {}).get("enum", ())
        }
        if purpose in {each.code for each in declared.purposes}:
            chosen["system_purpose"] = str(purpose)
        return chosen

    def span(
        self, source: str, offer: str, filters: Mapping[str, Any], now: Micros, days: int
    ) -> Span | None:
        """The time that a question looks through: ``days`` at most, where it does not say from
        when; ``None`` where its offer declares none. Raises ``NotFound``, ``Refused``
        (``bad_filters``)."""
        return span_of(self._declaration(source, offer), filters, now, days)

    def domain(self, source: str) -> Domain:
        """Which data policy takes a source's answers for: what FBI CJIS systems supply is of the
        class that takes an NCIC certification (CJISSECPOL 4.1), all else the connector's category,
        where it has one."""
        manifest = self._manifest(source)
        if manifest is None:
            return "any"
        if manifest.handling == "cji":
            return "criminal_history"
        return manifest.categories[0] if len(manifest.categories) == 1 else "any"

    async def begin_sign_in(self, source: str, person: Person, return_to: str) -> str:
        """Where somebody's browser goes to sign in at the source as themselves, and comes back
        from to ``return_to``. Raises ``NotFound``, ``RetryLater`` and what the connector raised."""
        await self._inherits_nothing(source, person.handle, person.id)
        self._signed_in[source, person.handle] = person.id
        return await self._supervisor.user_sign_in(source, person.handle, return_to)

    async def end_sign_in(self, source: str, person: Person, answer: dict[str, str]) -> None:
        """They are back, with the source's answer. Raises as ``begin_sign_in`` does."""
        await self._inherits_nothing(source, person.handle, person.id)
        await self._supervisor.user_signed_in(source, person.handle, answer)

    async def sign_in_state(self, source: str, person: Person) -> UserSignInState:
        """Whether the source answers only who is signed in there, and until when somebody is.
        Raises as ``begin_sign_in`` does."""
        await self._inherits_nothing(source, person.handle, person.id)
        return await self._supervisor.user_sign_in_state(source, person.handle)

    async def sign_out(self, source: str, person: Person) -> None:
        """They sign out there. Raises as ``begin_sign_in`` does."""
        await self._supervisor.user_sign_out(source, person.handle)

    async def sign_out_everywhere(self, handle: str) -> int:
        """End whatever sign-ins at vendors somebody has; of how many. A worker that does not answer
        is left out: it keeps them in memory, and they go with it."""
        vendors = [each.id for each in self._sources() if self._sign_in_at(each)]
        return sum([await self._signed_out(source, handle) for source in vendors])

    async def _inherits_nothing(self, source: str, handle: str, person: str) -> None:
        """Workers know people by their handles, which may be given to another person; what the one
        before signed in for ends first."""
        whose = self._signed_in.get((source, handle), person)
        if whose != person:
            await self._supervisor.user_sign_out(source, handle)
            if self._signed_in.get((source, handle)) == whose:
                del self._signed_in[source, handle]

    async def _signed_out(self, source: str, handle: str) -> bool:
        try:
            state = await self._supervisor.user_sign_in_state(source, handle)
            if state.until is not None:
                await self._supervisor.user_sign_out(source, handle)
        except WatchfloorError as error:
            logger.warning("who is cut off could not be signed out at %s: %s", source, error.code)
            return False
        return state.until is not None

    async def ask(self, question: Question) -> AsyncGenerator[LookupResult | LookupAnswer]:
        """What is found as it comes, and last how it ended.

        Raises ``NotFound``, ``Refused`` for a question that must not be asked, and whatever keeps
        it from being written down.
        """
        declared = self._declaration(question.source, question.offer)
        request = LookupRequest(
            id=f"q-{uuid4().hex}",
            offer=question.offer,
            subject_kind=question.subject_kind,
            subject=question.subject,
            purpose=question.purpose,
            deadline_s=question.deadline_s,
            filters=question.filters
            if question.span is None
            else within(declared, question.filters, question.span),
        )
        admit(declared, request)
        await self._inherits_nothing(question.source, question.purpose.requester, question.person)
        await self._charge(question, declared, request.id)
        await self._note(question, request, "asked")
        found, ended, sent = 0, "abandoned", True
        try:
            async with aclosing(self._asked(question.source, request)) as answers:
                async for each in answers:
                    if isinstance(each, LookupAnswer):
                        ended = each.status
                        sent = each.asked or ended != "denied" or found > 0
                    else:
                        found += 1
                    yield each
        finally:
            await self._note(question, request, ended, found=found)
            if self._spending is not None:
                await self._spending.settle(request.id, ended, asked=sent)

    async def _charge(self, question: Question, declared: LookupDeclaration, request: str) -> None:
        if self._spending is not None:
            purpose = question.purpose
            await self._spending.charge(
                question.source, declared, request, purpose.requester, purpose.code,
                question.emergency,
            )  # fmt: skip

    async def _asked(
        self, source: str, request: LookupRequest
    ) -> AsyncGenerator[LookupResult | LookupAnswer]:
        news: asyncio.Queue[LookupResult | None] = asyncio.Queue(MOST_UNREAD + 1)
        dropped = False

        def hear(result: LookupResult) -> None:
            nonlocal dropped
            if not self._shows(source, result):
                return
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
            return LookupAnswer(
                request=request.id, status="unavailable", detail=error.detail, code=error.code
            )

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
                "record": purpose.record,
                **more,
            },
        )

    def _declaration(self, source: str, offer: str) -> LookupDeclaration:
        for instance in self._sources():
            if instance.id == source:
                for declared in self._declared(instance):
                    if declared.name == offer:
                        return declared
        raise NotFound(f"{source} offers no look-up {offer!r}.", code="no_such_lookup")

    def _manifest(self, source: str) -> Manifest | None:
        for instance in self._sources():
            if instance.id == source:
                return self._manifest_of(instance)
        return None

    def _manifest_of(self, instance: Instance) -> Manifest | None:
        try:
            return self._catalogue.manifest(instance.connector)
        except (NotFound, AskAPerson):  # not installed any more, a push source, a broken manifest
            return None

    def _declared(self, instance: Instance) -> Sequence[LookupDeclaration]:
        manifest = self._manifest_of(instance)
        return manifest.lookups if manifest else ()

    def _sign_in_at(self, instance: Instance) -> str | None:
        manifest = self._manifest_of(instance)
        return manifest.name if manifest and "user_sign_in" in manifest.capabilities else None

    def _runs(self, source: str) -> bool:
        try:
            return self._supervisor.state(source).state in ("running", "degraded")
        except NotFound:
            return False
