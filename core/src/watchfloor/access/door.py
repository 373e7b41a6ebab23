"""The one door: who, may they, record, do.

Everything that reads data or changes anything comes through here and leaves with a ``Grant``, or
not at all. What is refused is recorded as what is permitted.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NoReturn
from uuid import uuid4

import msgspec

from watchfloor import audit
from watchfloor.audit import ATTEMPT, AuditEvent, Entry, Outcome, Sealer
from watchfloor.contracts import (
    KINDS,
    GiveUp,
    PurposeOfUse,
    Refused,
    RetryLater,
    WatchfloorError,
    rfc3339,
)
from watchfloor.identity import Permission, Person
from watchfloor.policy import (
    NOTHING,
    WHATEVER_FOR,
    Decision,
    ObligationKind,
    PolicyEngine,
    Question,
    Sight,
    live_only,
)
from watchfloor.ports.store import ApprovalSubject, Micros, Scope
from watchfloor.ports.world import Clock

from .model import (
    About,
    Asking,
    Grant,
    Notifying,
    Purposes,
    Recorded,
    Recorder,
    SecondPeople,
    Weighed,
    nobody_told,
)
from .shown import in_lines, purpose_said, topics_said

_Decided = tuple[Decision, Mapping[str, Any], Weighed]
"""A decision, the facts it was made by, and what was found in weighing them."""

_NOT_WEIGHED = Weighed({})

PERSONAL = frozenset(kind.type for kind in KINDS if kind.personal)
"""What nobody sees without a purpose, not even as it happens."""


@dataclass(frozen=True, slots=True)
class Door:
    """Decides by policy, and has it recorded before anything is done or shown."""

    engine: PolicyEngine
    recorder: Recorder
    sealer: Sealer
    purposes: Purposes
    second_people: SecondPeople
    clock: Clock
    tell_owner: Notifying = nobody_told

    async def admit(self, asking: Asking) -> Grant:
        """A grant. Raises ``Refused`` with the reason, and ``RetryLater`` (``audit_unavailable``)
        for what must not be done unrecorded."""
        try:
            purpose = await self._purpose(asking)
        except WatchfloorError as error:
            await self._turned_away(asking, error.code)
            raise
        by = None if asking.purpose == "noted" else purpose
        decision, facts, weighed = await self._decide(asking, by)
        entry = await self._entry(asking, purpose, decision, facts, weighed)
        named = await self._besides(entry, AuditEvent.SEARCH_NAMED, asking.about.besides)
        matched = await self._besides(entry, AuditEvent.PLATE_MATCHED, weighed.besides)
        recording = await self._write(asking, entry, *named, *matched)
        if not decision.permitted:
            if recording is not None:
                await recording
            raise Refused(
                decision.detail, code=decision.reason, remedy=decision.remedy,
                approval=decision.approval,
            )  # fmt: skip
        scope = _opened(asking, purpose, decision.scope, self.clock.now())
        for owner in decision.values("notify_owner"):
            self.tell_owner(owner, asking.person, asking.request)
        lasts, now = decision.lasts_s, self.clock.now()
        until = None if lasts is None else now + lasts * 1_000_000
        return Grant(
            asking.person, purpose, decision, scope, entry.id, facts, until, weighed.fetched,
            recording, entry,
        )  # fmt: skip

    def shows(
        self, person: Person, permission: Permission, purpose: PurposeOfUse | None = None
    ) -> tuple[Sight, int | None]:
        """What policy shows somebody by themselves, without a purpose or for one, and for how many
        seconds, if it is not for good: for what goes on after it was admitted, and recorded, as a
        stream does."""
        question = Question(person, permission, self.clock.now(), purpose, {})
        decision = self.engine.decide(question)
        if not decision.permitted:
            return Sight(NOTHING), None
        return Sight(decision.scope, frozenset(decision.redacts)), decision.lasts_s

    def closed(
        self, person: Person, permission: Permission, facts: Mapping[str, Any]
    ) -> Refused | None:
        """Why this is closed to somebody whatever it is for, if it is."""
        no = self.engine.decide(Question(person, permission, self.clock.now(), None, facts))
        if no.reason not in WHATEVER_FOR:
            return None
        return Refused(no.detail, code=no.reason, remedy=no.remedy)

    async def turn_away(self, asking: Asking, why: Refused) -> NoReturn:
        """Record that it was refused before anything was decided, and raise ``why``."""
        await self._turned_away(asking, why.code)
        raise why

    async def about_each(
        self, grant: Grant, event: AuditEvent, subject: tuple[str, str], told: str
    ) -> None:
        """Record of what was granted one subject of several (kind, value) besides, and what is said
        of why, before it is done. Raises ``RetryLater`` (``audit_unavailable``)."""
        assert grant.record is not None
        stated = await self._stated(grant.purpose, told) if grant.purpose else None
        sealed = await self.sealer.seal(*subject)
        await self.recorder.begin(
            msgspec.structs.replace(
                grant.record, id=uuid4().hex, event=event, subject=sealed, purpose=stated
            )
        )

    def answered(
        self, grant: Grant, *, count: int | None = None, sha256: str | None = None,
        took_ms: float | None = None, bytes_out: int | None = None,
    ) -> None:  # fmt: skip
        """Note what came of it: how much was answered, and its hash."""
        self.recorder.note(
            Entry(
                event=AuditEvent.ANSWER_GIVEN,
                outcome=Outcome.DONE,
                operator=operator_of(grant.person),
                object=audit.Object(kind="entry", id=grant.entry),
                count=count,
                sha256=sha256,
                took_ms=took_ms,
                bytes_out=bytes_out,
            )
        )

    async def came_to_nothing(self, grant: Grant, error: Exception) -> None:
        """Record that what was granted, and recorded as done before it was begun, ended with an
        error: ``denied`` where the hub said no and nothing was done, ``failed`` where it went wrong
        on the way, in a way that nobody foresaw (``internal``) or in another. Where there was no
        record, nothing was begun."""
        code = error.code if isinstance(error, WatchfloorError) else "internal"
        if grant.record is None or code == "audit_unavailable":
            return
        said_no = isinstance(error, Refused | GiveUp)
        entry = msgspec.structs.replace(
            grant.record,
            id=uuid4().hex,
            outcome=Outcome.DENIED if said_no else Outcome.FAILED,
            decision=audit.Decision(id=grant.decision.id, reason=code),
            more={ATTEMPT: grant.entry},
        )
        try:
            await self.recorder.begin(entry)
        except RetryLater:  # what goes on unrecorded is noted, and this with it
            self.recorder.note(entry)

    async def _decide(self, asking: Asking, purpose: PurposeOfUse | None) -> _Decided:
        about, now = asking.about, self.clock.now()  # one moment: what is shown hangs on it
        question = Question(asking.person, asking.permission, now, purpose, about.facts)
        decision, weighed = self.engine.decide(question), _NOT_WEIGHED
        shown = decision.scope
        if decision.permitted and about.weigh is not None:
            weighed = await about.weigh(_opened(asking, purpose, shown, now))
            question = _told(question, weighed.facts)
            decision = self.engine.decide(question) if weighed.facts else decision
        if decision.permitted and decision.needs_supervisor:
            digest = await self._digest(asking, purpose)
            agreed = await self.second_people.opens(asking.person, digest)
            if agreed is not None:
                question = _told(question, {"approved_by": agreed.answered_by or ""})
                decision = replace(self.engine.decide(question), approval=agreed.id)
            elif about.alone != "weigh":
                words = weighed.words or about.words or asking.event.value
                decision = await self._alone(asking, purpose, decision, digest, words)
        if weighed.decided is not None:
            # Where one person is enough, nothing has waited since it was weighed.
            weighed.decided(decision)
        if decision.scope != shown:
            weighed = weighed._replace(fetched=None)
        return decision, question.facts, weighed

    async def _alone(
        self,
        asking: Asking,
        purpose: PurposeOfUse | None,
        decision: Decision,
        digest: str,
        words: str,
    ) -> Decision:
        """The refusal of what nobody has agreed to yet."""
        no = second_person_needed(asking.about.instead)
        if asking.about.alone == "ask":
            asked = await self.second_people.ask(
                asking.person, _kind(decision, purpose), digest, words,
                purpose.kind.title if purpose else "", asking.request,
                await _shown(asking.about, purpose),
            )  # fmt: skip
            no = second_person_needed(
                f"They have been asked ({asked.id}); ask again once they have answered.", asked.id
            )
        return replace(
            decision, permitted=False, reason=no.code, detail=no.detail, remedy=no.remedy,
            approval=no.approval,
        )  # fmt: skip

    async def _digest(self, asking: Asking, purpose: PurposeOfUse | None) -> str:
        """Of exactly this question and what its request says, so that what was agreed to opens
        nothing else, and nothing for another reason. The figures of its reach may have moved on
        meanwhile, and are no part of it."""
        about = asking.about
        days = f"{about.facts.get('lookback_days', 0):.0f}"  # by the second it is never the same
        facts = {**about.facts, "lookback_days": days}
        exactly = about.exactly or (await asking.in_full() if asking.in_full else "")
        said = json.dumps(
            [about.subject, about.object, exactly, facts, _why(purpose)],
            sort_keys=True, default=sorted,
        )  # fmt: skip
        key = await self.sealer.joining("question", said)
        parts = (asking.permission.value, key, purpose.request if purpose else "")
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    async def _purpose(self, asking: Asking) -> PurposeOfUse | None:
        if asking.purpose == "none":
            return None
        if asking.request is None:
            if asking.purpose == "needed":
                no = self.closed(asking.person, asking.permission, asking.about.facts)
                raise no or purpose_needed()
            return None
        if asking.purpose == "noted":
            with suppress(WatchfloorError):  # it is over, or cannot be read
                return await self.purposes.purpose(asking.request, asking.person)
            return None
        return await self.purposes.purpose(asking.request, asking.person)

    async def _turned_away(self, asking: Asking, reason: str) -> None:
        """Record a refusal that no policy decided."""
        entry = await self._entry(asking, None, Decision("", False, reason), {}, _NOT_WEIGHED)
        if (recording := await self._write(asking, entry)) is not None:
            await recording

    async def _besides(
        self, entry: Entry, event: AuditEvent, subjects: Sequence[tuple[str, str]]
    ) -> Sequence[Entry]:
        """Of a question about several, a record about each; its decision says of which question."""
        return [
            msgspec.structs.replace(
                entry, id=uuid4().hex, event=event, subject=await self.sealer.seal(*subject)
            )
            for subject in subjects
        ]  # fmt: skip

    async def _write(self, asking: Asking, *entries: Entry) -> Recorded | None:
        """What is still being written, where that may go on meanwhile."""
        match asking.recording:
            case "soon":
                for entry in entries:
                    self.recorder.note(entry)
            case "before":
                await self._begin(entries)
            case "meanwhile":
                recorded = self._begin(entries)
                await asyncio.sleep(0)  # it is on its way before anything else is begun
                return recorded
        return None

    def _begin(self, entries: Sequence[Entry]) -> Recorded:
        first, *others = [self.recorder.begin(entry) for entry in entries]
        return asyncio.gather(first, *others) if others else first

    async def _entry(
        self,
        asking: Asking,
        purpose: PurposeOfUse | None,
        decision: Decision,
        facts: Mapping[str, Any],
        weighed: Weighed,
    ) -> Entry:
        person, about = asking.person, asking.about
        subject = about.subject or weighed.subject
        found_out = {
            name: ", ".join(sorted(value)) if isinstance(value, frozenset) else value
            for name in facts.keys() - about.facts.keys()
            for value in [facts[name]]
        }
        return Entry(
            event=_event(asking, decision),
            outcome=Outcome.DONE if decision.permitted else Outcome.DENIED,
            operator=operator_of(person),
            requester=purpose.requester if purpose else None,
            on_behalf_of=_on_behalf_of(purpose),
            session=asking.session,
            origin=audit.Origin(address=asking.origin.address, device=asking.origin.device),
            purpose=await self._stated(purpose, about.told, weighed.case) if purpose else None,
            decision=audit.Decision(
                id=decision.id, rules=list(decision.rules), reason=decision.reason
            ),
            object=audit.Object(kind=about.object[0], id=about.object[1]) if about.object else None,
            subject=await self.sealer.seal(*subject) if subject else None,
            lookback=_lookback(about),
            more={**about.more, **found_out, **_owed(decision), **_agreed(decision)},
        )

    async def _stated(
        self, purpose: PurposeOfUse, told: str, case: str | None = None
    ) -> audit.PurposeRecord:
        offence, reason = purpose.offence, ". ".join(filter(None, (purpose.reason, told)))
        return audit.PurposeRecord(
            code=purpose.code,
            offence=f"{offence.system}:{offence.code}" if offence else None,
            case=purpose.case_number or case,
            call=purpose.call_number,
            order=purpose.order,
            request=purpose.request,
            checked=purpose.checked,
            warrant=purpose.warrant,
            declaration=purpose.declaration,
            about=sorted(purpose.about),
            asked=await self.sealer.seal("asked", purpose.asked) if purpose.asked else None,
            reason=await self.sealer.seal("reason", reason) if reason else None,
        )


def _opened(asking: Asking, purpose: PurposeOfUse | None, scope: Scope, now: Micros) -> Scope:
    """Of what policy shows, what is opened: without a purpose what is live, and no plate reads."""
    if asking.purpose == "guarded" and purpose is None:
        return live_only(replace(scope, without_types=scope.without_types | PERSONAL), now)
    return scope


def _why(purpose: PurposeOfUse | None) -> str:
    """All that a request says of why. Whether its number was found is no part of what it says."""
    if purpose is None:
        return ""
    said = msgspec.structs.replace(purpose, checked=None, provisional=False)
    return msgspec.json.encode(said, order="sorted").decode()


def _kind(decision: Decision, purpose: PurposeOfUse | None) -> ApprovalSubject:
    """Of a question to a second person: what can wait until they have proven who they are. In an
    emergency nothing can, where two minutes of nobody's answer open it as well."""
    if decision.permission is None or (purpose is not None and purpose.kind.emergency):
        return "data"
    return _CAN_WAIT.get(decision.permission, "data")


_CAN_WAIT: Mapping[Permission, ApprovalSubject] = {
    Permission.ACTIONS_DO: "deed",
    Permission.DATA_HISTORY: "history",
    Permission.DATA_EXPORT: "export",
}


async def _shown(about: About, purpose: PurposeOfUse | None) -> str:
    """What somebody wants, and what for, as a second person reads it: all that their yes is to."""
    asked = await about.shown() if callable(about.shown) else about.shown
    topics = in_lines(topics_said(about.facts.get("about", ())))
    question = "\n".join(filter(None, (asked, topics)))
    said = in_lines(purpose_said(purpose)) if purpose else ""
    return "\n\n".join(filter(None, (question, said and f"The request says\n{said}")))


def _told(question: Question, facts: Mapping[str, Any]) -> Question:
    """The same question with more facts."""
    return replace(question, facts={**question.facts, **facts})


def _event(asking: Asking, decision: Decision) -> AuditEvent:
    """A search that reaches far back about one subject is the history of its movements."""
    history = decision.permission is Permission.DATA_HISTORY
    if history and asking.event is AuditEvent.SEARCH_ASKED:
        return AuditEvent.HISTORY_VIEWED
    return asking.event


def purpose_needed() -> Refused:
    """Something that nobody sees without saying why."""
    return Refused(
        "This needs a purpose, and no request is open.",
        code="purpose_needed",
        remedy="Open the call, case or request that you are working on.",
    )


def second_person_needed(remedy: str, approval: str = "") -> Refused:
    """Something that one person does not open alone. ``approval`` is what the other one answers,
    where they were asked."""
    return Refused(
        "This reaches so far that a second person has to agree.",
        code="supervisor_needed",
        remedy=remedy,
        approval=approval,
    )


def operator_of(person: Person) -> audit.Operator:
    """Somebody, as the record names them."""
    return audit.Operator(id=person.id, handle=person.handle, agency=person.agency, ori=person.ori)


def _on_behalf_of(purpose: PurposeOfUse | None) -> audit.OnBehalfOf | None:
    if purpose is None or purpose.on_behalf_of is None:
        return None
    return audit.OnBehalfOf(agency=purpose.on_behalf_of, person=purpose.on_behalf_of_person)


def _owed(decision: Decision) -> dict[str, str]:
    """What goes with a permit and is done by what is read from the record: the weekly review looks
    at it, an owner counts what they were told of."""
    if not decision.permitted:
        return {}
    kinds: tuple[ObligationKind, ...] = ("review", "notify_owner")
    said = {kind: ", ".join(dict.fromkeys(decision.values(kind))) for kind in kinds}
    return {kind: values for kind, values in said.items() if values}


def _agreed(decision: Decision) -> dict[str, str]:
    """The question that a second person answered, or is asked."""
    return {"approval": decision.approval} if decision.approval else {}


def _lookback(about: About) -> audit.Lookback | None:
    if about.lookback is None:
        return None
    since, until = (None if at is None else rfc3339(at) for at in about.lookback)
    return audit.Lookback(since=since, until=until)
