"""The desk: the one place where alerts change, so that nothing overwrites anything else.

The router raises, people act, the courier checks before it sends: all take the desk's lock. Whoever
shows alerts listens here; that is the delivery to the console.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from watchfloor.contracts import Near, NotFound, Refused, WatchfloorError, nowhere
from watchfloor.ports.store import (
    Alert,
    Channel,
    Micros,
    NewOutgoing,
    Outgoing,
    Parties,
    RecordedEvent,
    Seq,
    Store,
    parties_of,
)
from watchfloor.ports.world import Clock

from .openalerts import MAX_OPEN, Open, OpenAlerts
from .origins import Origins
from .outside import may_leave, tells, tells_what_became
from .standing import Standing
from .view import DeliveryCounts, counted

CONSUMER = "alerts"
OPEN = ("new", "acknowledged")

REMEMBERED = 5_000
"""Events of open alerts that are known again after a restart, should they be withdrawn."""

STOPS = {
    "acknowledged": "the alert was acknowledged",
    "verified": "the hit was verified",
    "marked wrong": "the hit was marked wrong",
    "closed": "the alert was closed",
    "withdrawn": "the source withdrew the event",
}
"""What supersedes the deliveries that wait, and how that is said."""
_STOPPED = "Stopped: "
_UNTOLD = "its channel was never told of the alert"
_UNSEEN = "nobody has looked at the hit yet, and until then it may not leave the hub"

K = TypeVar("K", Alert, Open)

Listener = Callable[[Sequence[Standing]], None]
Edit = Callable[[Alert], Awaitable[Sequence[NewOutgoing] | None]]
"""Changes an alert in place; answers what is owed for it, or ``None`` when nothing changed."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert to raise, what is owed outside because of it, and the event behind it."""

    alert: Alert
    owed: Sequence[NewOutgoing]
    event: RecordedEvent


@dataclass(frozen=True, slots=True)
class Waits:
    """That what comes in is not judged now: why, and since when."""

    why: WatchfloorError
    since: Micros


def was_stopped(delivery: Outgoing) -> bool:
    """Whether it was given up because it was superseded: nothing failed, nobody need try again."""
    return delivery.state == "given_up" and (delivery.error or "").startswith(_STOPPED)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Events that could not be judged, nor written into an alert that says so, since the hub
    started: how many, and of the newest which and when."""

    count: int
    seq: Seq
    at: Micros


class Desk:
    """Alerts of one hub. ``confirmed_first`` says whether policy, as it stands, wants a person to
    look at a hit before anybody outside is told of it; ``parties``, to whom the data of
    sources belong. ``near`` names the place of an event that has no address, ``named`` somebody of
    whom a history has the handle."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        confirmed_first: Callable[[], bool],
        near: Near = nowhere,
        parties: Callable[[], Parties] = dict,
        named: Callable[[str], str] = str,
    ) -> None:
        self._log = store.log
        self._book = store.alerts
        self._clock = clock
        self.confirmed_first = confirmed_first
        self._near = near
        self._parties = parties
        self._named = named
        self._lock = asyncio.Lock()
        self._origins = Origins(store)
        self._listeners: list[Listener] = []
        self.open = OpenAlerts()
        self.waits: Waits | None = None
        self.given_up: GivenUp | None = None
        self.channels: Sequence[Channel] = ()
        """Where alerts go outside, as last configured."""
        self.owed = asyncio.Event()
        """Set when there is something new for the courier."""

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every alert that is new or changed. Answers how to stop that.
        It must not wait and must not raise."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def wait_for(self, why: WatchfloorError) -> None:
        """Nothing is judged for now."""
        self.waits = Waits(why, self.waits.since if self.waits else self._clock.now())

    def give_up(self, seq: Seq) -> None:
        """An event is neither judged nor in an alert that says so."""
        count = self.given_up.count if self.given_up else 0
        self.given_up = GivenUp(count + 1, seq, self._clock.now())

    def first_for(self, sources: Sequence[str], known: Iterable[K]) -> K | None:
        """The first of some alerts that what is made of these sources' data may go into."""
        parties = self._parties()
        of = parties_of(sources, parties)
        return next((each for each in known if parties_of(each.sources, parties) == of), None)

    async def use_channels(self) -> None:
        """Learn the channels anew."""
        self.channels = await self._book.channels()

    async def restore(self) -> None:
        """Learn which alerts are open."""
        before: int | None = None
        found: list[Alert] = []
        while len(found) < MAX_OPEN and (page := await self._book.alerts(OPEN, before, 500)):
            found += page
            before = page[-1].id
        for alert in reversed(found):
            self.open.note(alert)
        events = ((alert, seq) for alert in found for seq in reversed(alert.events))
        for alert, seq in islice(events, REMEMBERED):
            with suppress(NotFound):  # its retention may have ended
                self.open.note(alert, await self._log.get(seq))

    async def raise_alerts(self, to: Seq, drafts: Sequence[Draft]) -> None:
        """Write alerts, what is owed and the router's position at once; then tell."""
        async with self._lock:
            raised = await self._book.raise_alerts(
                CONSUMER,
                to,
                [draft.alert for draft in drafts],
                [draft.owed for draft in drafts],
                self._parties(),
            )
            pairs = list(zip(drafts, raised, strict=bool(raised)))
            for draft, alert in pairs:
                self.open.note(alert, draft.event)
        if any(draft.owed for draft in drafts):
            self.owed.set()
        newest = {alert.id: (alert, draft) for draft, alert in pairs}
        made_up = await self._origins.made_up() if newest else ()
        self._tell(
            [
                Standing(
                    alert,
                    await self._fare(alert, draft),
                    draft.event,
                    draft.event.source in made_up,
                    self._near,
                    self._named,
                )
                for alert, draft in newest.values()
            ]
        )

    async def _fare(self, alert: Alert, draft: Draft) -> DeliveryCounts:
        if alert.count == 1 or not self.channels:
            return DeliveryCounts(waiting=len(draft.owed))
        return await self.fare(alert.id)

    async def change(self, id: int, edit: Edit, event: RecordedEvent | None = None) -> Standing:
        """Change one alert, undisturbed by others. Raises ``NotFound`` and what ``edit`` raises."""
        async with self._lock:
            alert = await self._kept(id)
            owed = await edit(alert)
            if owed is not None:
                await self._book.change_alert(alert, owed)
                self.open.note(alert, event)
                await self._stop_superseded(alert)
        if owed:
            self.owed.set()
        [changed] = await self.show([alert])
        if owed is not None:
            self._tell([changed])
        return changed

    async def _kept(self, id: int) -> Alert:
        try:
            return await self._book.alert(id)
        except NotFound:  # the purge takes open ones, too
            self.open.forget(id)
            raise

    async def show(self, alerts: Sequence[Alert]) -> list[Standing]:
        """Alerts for whoever sees them."""
        made_up = await self._origins.made_up()
        return [await self._show(alert, made_up) for alert in alerts]

    async def _show(self, alert: Alert, made_up: Collection[str]) -> Standing:
        fare, event = await self.fare(alert.id), await self._origins.newest(alert)
        synthetic = None if event is None else event.source in made_up
        return Standing(alert, fare, event, synthetic, self._near, self._named)

    async def fare(self, id: int) -> DeliveryCounts:
        """How an alert's deliveries fare."""
        return counted(await self._book.deliveries(id, 1000))

    async def claim(self, outgoing: Outgoing) -> bool:
        """Whether a delivery is still to be made; asked before every try. One that was superseded
        is given up here: after an acknowledgement has been answered, nothing of before it is sent
        any more. So is one that may not leave any more: its list's terms or the policy changed."""
        async with self._lock:
            alert = await self._book.alert(outgoing.alert)
            return not (
                await self._give_up_if_needless(alert, outgoing)
                or await self._give_up_if_unseen(alert, outgoing)
            )

    async def settle(self, outgoing: Outgoing) -> None:
        """Note how a try went. One that failed and was superseded meanwhile is not tried again."""
        async with self._lock:
            alert = await self._book.alert(outgoing.alert)
            if outgoing.state != "waiting" or not await self._give_up_if_superseded(
                alert, outgoing
            ):
                await self._book.settle(outgoing)
        if outgoing.state != "waiting":
            self._tell(await self.show([alert]))

    async def again(self, delivery: int) -> Outgoing:
        """Owe a delivery that was given up once more, from its first try on. Raises ``NotFound``,
        and ``Refused`` for one that was not given up, is superseded or no longer kept."""
        async with self._lock:
            outgoing = await self._book.delivery(delivery)
            alert = await self._book.alert(outgoing.alert)
            if outgoing.state != "given_up":
                raise Refused(
                    f"The delivery {delivery} is {outgoing.state}.", code="delivery_not_given_up"
                )
            if not outgoing.body:
                raise Refused(
                    "The message is no longer kept, so it cannot be sent.",
                    code="delivery_expired",
                    remedy="Tell the receiver in another way, if it still matters.",
                )
            if await self._give_up_if_needless(alert, outgoing):
                raise Refused(
                    outgoing.error or "",
                    code="delivery_superseded",
                    remedy="Nothing: what is owed for the alert now is delivered by itself.",
                )
            if await self._give_up_if_unseen(alert, outgoing):
                raise Refused(
                    outgoing.error or "",
                    code="hit_unverified",
                    remedy="Look at the hit and verify it; its channels are told then.",
                )
            outgoing.state, outgoing.attempts, outgoing.error = "waiting", 0, None
            outgoing.next_try = self._clock.now()
            await self._book.settle(outgoing)
        self.owed.set()
        self._tell(await self.show([alert]))
        return outgoing

    async def _stop_superseded(self, alert: Alert) -> None:
        for outgoing in await self._book.deliveries(alert.id, 1000):
            if outgoing.state == "waiting":
                await self._give_up_if_superseded(alert, outgoing)

    async def _give_up_if_needless(self, alert: Alert, outgoing: Outgoing) -> bool:
        superseded = await self._give_up_if_superseded(alert, outgoing)
        return superseded or await self._give_up_if_untold(outgoing)

    async def _give_up_if_superseded(self, alert: Alert, outgoing: Outgoing) -> bool:
        why = next(
            (
                STOPS[entry["did"]]
                for entry in alert.history
                if entry["did"] in STOPS and entry["at"] > outgoing.created
            ),
            None,
        )
        if why is not None:
            await self._stop(outgoing, why)
        return why is not None

    async def _give_up_if_untold(self, outgoing: Outgoing) -> bool:
        """Told is who was tried: a try that had no answer can have arrived. It is asked at the
        last moment, since the one before may have been under way."""
        if not tells_what_became(outgoing):
            return False
        of_alert = await self._book.deliveries(outgoing.alert, 1000)
        if any(each.attempts for each in of_alert if each.channel == outgoing.channel):
            return False
        await self._stop(outgoing, _UNTOLD)
        return True

    async def _give_up_if_unseen(self, alert: Alert, outgoing: Outgoing) -> bool:
        if alert.verification != "unverified" or not tells(outgoing):
            return False
        lists = {each.id: each for each in await self._book.hot_lists()}
        hot_list = lists.get(alert.hot_list) if alert.hot_list else None
        if may_leave(alert, hot_list, confirmed_first=self.confirmed_first()):
            return False
        await self._stop(outgoing, _UNSEEN)
        return True

    async def _stop(self, outgoing: Outgoing, why: str) -> None:
        outgoing.state, outgoing.error = "given_up", f"{_STOPPED}{why}."
        await self._book.settle(outgoing)

    def now(self) -> int:
        """The time for a history entry."""
        return self._clock.now()

    def _tell(self, changed: Sequence[Standing]) -> None:
        for listener in self._listeners if changed else ():
            listener(changed)
