"""What people do with alerts: acknowledge, verify, mark wrong, close, reopen, note.

Each act enters the history with who and when. Acts that settle an alert stop the deliveries that
still wait (``desk.STOPS``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Literal

from watchfloor.contracts import AskAPerson, GiveUp, NotFound, Refused, RetryLater
from watchfloor.ports.store import Alert, NewOutgoing, RecordedEvent, Store

from .desk import Desk
from .engine import Engine
from .facts import Facts
from .openalerts import thing_of
from .outside import messages
from .standing import Standing
from .watch import Watch

Verb = Literal["acknowledge", "verify", "mark-wrong", "close", "reopen", "note"]
Check = Literal["plate", "region", "picture", "status"]

CHECKS: dict[Check, str] = {
    "plate": "the plate",
    "region": "the issuing state",
    "picture": "the picture",
    "status": "the list's current status, with its owner",
}

MAX_NOTE = 4096
"""Characters."""

Owed = Sequence[NewOutgoing]


class Acts:
    """Acts on alerts. All raise ``NotFound``, and ``Refused`` where the alert's state forbids."""

    def __init__(self, store: Store, desk: Desk, engine: Engine, watch: Watch) -> None:
        self._log = store.log
        self._book = store.alerts
        self._desk = desk
        self._engine = engine
        self._watch = watch

    async def do(
        self, id: int, verb: str, by: str, note: str = "", confirmed: Collection[str] = ()
    ) -> Standing:
        """Do one act. ``confirmed`` is what the person looked at, for ``verify``: of ``plate``,
        ``region``, ``picture`` and ``status``, those that apply."""
        acts: dict[str, Callable[[Alert, str, str], Awaitable[Owed | None]]] = {
            "acknowledge": self._acknowledge,
            "mark-wrong": self._mark_wrong,
            "close": self._close,
            "reopen": self._reopen,
            "note": self._note,
            "verify": lambda alert, by, note: self._verify(alert, by, note, confirmed),
        }
        if verb not in acts:
            raise GiveUp(f"There is no act {verb!r}.", code="unknown_act", remedy=", ".join(acts))
        if not by.strip():
            raise Refused("An act needs the name of who does it.", code="nobody")
        if len(note) > MAX_NOTE:
            raise GiveUp(f"A note has at most {MAX_NOTE} characters.", code="note_too_long")
        if verb == "verify":
            await self._know_the_lists()  # not inside: a long list must not hold the desk
        return await self._desk.change(id, lambda alert: acts[verb](alert, by, note))

    async def _know_the_lists(self) -> None:
        if not self._watch.watching:
            raise RetryLater(
                "The hub has just started and still reads the hot lists.",
                code="hot_lists_loading",
                remedy="Verify it in a few seconds; acknowledging works meanwhile.",
                retry_after=2,
            )
        await self._watch.in_force()

    async def _acknowledge(self, alert: Alert, by: str, note: str) -> Owed | None:
        _must_be_open(alert)
        if alert.state == "acknowledged":
            return None
        alert.state = "acknowledged"
        return self._enter(alert, by, "acknowledged", note)

    async def _close(self, alert: Alert, by: str, note: str) -> Owed | None:
        if alert.state == "closed":
            return None
        alert.state = "closed"
        return self._enter(alert, by, "closed", note)

    async def _reopen(self, alert: Alert, by: str, note: str) -> Owed | None:
        if alert.state != "closed":
            return None
        about = self._desk.open.of_thing(thing_of(alert.dedupe))
        known = self._desk.first_for(alert.sources, about)
        if known is not None:
            raise Refused(
                f"Alert {known.id} is open about the same thing.",
                code="newer_alert_open",
                remedy=f"Go on with alert {known.id}.",
            )
        alert.state = "new"
        if alert.verification == "wrong":
            alert.verification = "unverified"
        return self._enter(alert, by, "reopened", note)

    async def _note(self, alert: Alert, by: str, note: str) -> Owed | None:
        if not note.strip():
            raise GiveUp("The note is empty.", code="empty_note")
        return self._enter(alert, by, "noted", note)

    async def _mark_wrong(self, alert: Alert, by: str, note: str) -> Owed | None:
        _must_be_hit(alert)
        if alert.verification == "wrong":
            return None
        alert.verification, alert.state = "wrong", "closed"
        self._enter(alert, by, "marked wrong", note)
        told = {outgoing.channel for outgoing in await self._book.deliveries(alert.id, 1000)}
        return messages("marked_wrong", alert, [c for c in self._desk.channels if c.id in told])

    async def _verify(
        self, alert: Alert, by: str, note: str, confirmed: Collection[str]
    ) -> Owed | None:
        """A hit is confirmed when everything about it that can be checked was checked by a person
        and its list still wants the plate. Whoever verifies has acknowledged."""
        _must_be_open(alert)
        _must_be_hit(alert)
        if alert.verification == "confirmed":
            return None
        facts = Facts(await self._event(alert), self._engine.zone)
        self._must_be_wanted(alert, facts)
        needed = list(_checks(alert, facts))
        missing = [words for check, words in CHECKS.items() if check in set(needed) - {*confirmed}]
        if missing:
            raise Refused(
                f"Not yet confirmed: {', '.join(missing)}.",
                code="checks_missing",
                remedy="Look at what is named, confirm it, or mark the hit wrong.",
            )
        alert.verification, alert.state = "confirmed", "acknowledged"
        looked_at = ", ".join(CHECKS[check] for check in needed)
        on_list = "; still on the list, not expired" if alert.hot_list else ""
        self._enter(alert, by, "verified", f"Confirmed: {looked_at}{on_list}. {note}".strip())
        rule = self._engine.rule(alert.rule)
        notify = rule.rule.notify if rule else ()
        wanting = [channel for channel in self._desk.channels if channel.id in notify]
        return messages("verified", alert, wanting, facts.address)

    def _must_be_wanted(self, alert: Alert, facts: Facts) -> None:
        """The list's current status: from the list as it is now, not as it was at the hit."""
        if alert.hot_list is None:
            return
        now = self._desk.now()
        if all(entry.hot_list != alert.hot_list for entry in self._engine.wanted(facts.event, now)):
            raise Refused(
                "The plate is no longer on the list, or its entry has expired.",
                code="no_longer_wanted",
                remedy="Mark the hit wrong, or close the alert.",
            )

    async def _event(self, alert: Alert) -> RecordedEvent:
        try:
            return await self._log.get(alert.events[-1])
        except NotFound:
            raise AskAPerson(
                "The event behind this hit is no longer kept, so it cannot be verified.",
                code="event_expired",
                remedy="Close the alert.",
            ) from None

    def _enter(self, alert: Alert, by: str, did: str, note: str) -> Owed:
        alert.history.append({"at": self._desk.now(), "by": by, "did": did, "note": note})
        return ()


def _checks(alert: Alert, facts: Facts) -> Sequence[Check]:
    """What can be checked about a hit: what its read carries; and where the list is a vendor's,
    its status by asking the owner."""
    checks: list[Check] = ["plate"]
    if facts.data.get("region"):
        checks.append("region")
    if any(media["kind"].endswith("_picture") for media in facts.data.get("media", ())):
        checks.append("picture")
    if alert.hot_list is None:
        checks.append("status")
    return checks


def _must_be_open(alert: Alert) -> None:
    if alert.state == "closed":
        raise Refused("The alert is closed.", code="alert_closed", remedy="Reopen it first.")


def _must_be_hit(alert: Alert) -> None:
    if alert.verification == "not_needed":
        raise Refused("This alert is not a hit: there is nothing to verify.", code="not_a_hit")
