"""The alert service: what the HTTP API, the console's live feed and the command line ask."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import tzinfo

from watchfloor.contracts import Near, NotFound, nowhere
from watchfloor.policy import WHOLE, Sight
from watchfloor.ports.store import Parties, RecordedEvent, Scope, Store
from watchfloor.ports.world import Clock, Secrets

from .acts import Acts
from .channels import Channels
from .context import AlertContext, ContextFinder
from .desk import Desk, GivenUp, Listener, Waits
from .engine import Engine
from .hotlists import HotLists
from .rulebook import RuleBook
from .standing import Standing
from .view import AlertView
from .watch import Watch


class AlertService:
    """Alerts of one hub. ``zone`` is the agency's: hours in rules and dates in lists are local.
    ``near`` names the place of an event that has no address. ``confirmed_first`` says whether
    policy wants a person to look at a hit before anybody outside is told of it; ``parties``, to
    whom the data of sources belong: those of two parties are never in one alert. ``named`` answers
    what somebody is called, of whom a history has the handle.

    ``rules``, ``hot_lists`` and ``channels`` are what the agency configures; ``engine`` and
    ``desk`` are what ``AlertRouter`` and ``Courier`` are made with.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        secrets: Secrets,
        zone: tzinfo,
        near: Near = nowhere,
        confirmed_first: Callable[[], bool] = lambda: False,
        parties: Callable[[], Parties] = dict,
        named: Callable[[str], str] = str,
    ) -> None:
        self._book = store.alerts
        self.engine = Engine(zone, near)
        self.desk = Desk(store, clock, confirmed_first, near, parties, named)
        self._watch = Watch(store, clock, self.engine)
        self.rules = RuleBook(store, clock, self._watch)
        self.hot_lists = HotLists(store, clock, zone, self._watch)
        self.channels = Channels(store, secrets, self.desk)
        self._acts = Acts(store, self.desk, self.engine, self._watch)
        self._contexts = ContextFinder(store, clock, self.engine)

    async def open(self) -> None:
        """Load rules and channels; a new hub gets its first rules. The hot lists, which can be
        long, are read by ``keep_watch``."""
        await self.rules.install_defaults()
        await self.desk.use_channels()
        await self._watch.use_rules()

    async def keep_watch(self) -> None:
        """Run it as a task: reads the hot lists, at the start and when they changed."""
        await self._watch.keep()

    async def watching(self) -> None:
        """Returns when the hot lists are read for the first time. The router waits for that: what
        is recorded meanwhile stands in the log and is judged then."""
        await self._watch.loaded()

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every alert that is new or changed, after it is durable: the
        delivery to consoles. It must not wait or raise. Answers how to stop that."""
        return self.desk.on_change(listener)

    async def list(
        self,
        states: Sequence[str] = (),
        before: int | None = None,
        limit: int = 100,
        sight: Sight = WHOLE,
    ) -> Sequence[AlertView]:
        """Alerts in these states (all with none) that somebody sees, newest first, from before an
        id."""
        found = await self.desk.show(await self._book.alerts(states, before, limit, sight.scope))
        return [each.view(sight.redacts) for each in found]

    async def new_publicly(self, sight: Sight) -> Sequence[AlertView]:
        """The new ones that somebody sees, newest first, as may be said to a room."""
        found = await self.desk.show(await self._book.alerts(["new"], None, 1000, sight.scope))
        return [self.publicly(each, sight.redacts) for each in found]

    def publicly(self, standing: Standing, redacts: frozenset[str]) -> AlertView:
        """One alert as may be said to a room."""
        return standing.publicly(self.engine.lists, redacts)

    async def get(self, id: int, sight: Sight = WHOLE) -> AlertView:
        """One alert. Raises ``NotFound``, also for one that is not seen."""
        [found] = await self.desk.show([await self._book.alert(id, sight.scope)])
        return found.view(sight.redacts)

    async def is_open_about(self, event: RecordedEvent, scope: Scope) -> bool:
        """Whether an open alert is about an event, and has shown it to whoever sees alerts by this
        scope."""
        for alert in self.desk.open.of_event(event.source, event.id):
            with suppress(NotFound):  # to them, or its retention has ended
                await self._book.alert(alert, scope)
                return True
        return False

    @property
    def waits(self) -> Waits | None:
        """That what comes in is not judged now, if that is so."""
        return self.desk.waits

    @property
    def given_up(self) -> GivenUp | None:
        """Events that are neither judged nor in an alert that says so, if there are any."""
        return self.desk.given_up

    async def unjudged(self) -> Sequence[AlertView]:
        """Open alerts that say that no rule could look at something."""
        found = []
        for alert in self.desk.open.of_rule(""):
            with suppress(NotFound):  # its retention has ended
                found.append(await self.get(alert))
        return found

    async def act(
        self,
        id: int,
        verb: str,
        by: str,
        note: str = "",
        confirmed: Collection[str] = (),
        redacts: frozenset[str] = frozenset(),
    ) -> AlertView:
        """``acknowledge``, ``verify``, ``mark-wrong``, ``close``, ``reopen`` or ``note``, by a
        named person. ``confirmed`` goes with ``verify``: of ``plate``, ``region``, ``picture``
        and ``status`` what was looked at. Raises ``NotFound``, and ``Refused`` with what is
        missing."""
        return (await self._acts.do(id, verb, by, note, confirmed)).view(redacts)

    async def context(self, id: int, by: str, sight: Sight = WHOLE) -> AlertContext:
        """What of what somebody sees was near an alert, computed now; that ``by`` opened it is
        recorded first."""
        return await self._contexts.open(id, by, sight)
