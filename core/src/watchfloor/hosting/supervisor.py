"""All instances of a hub: started, stopped, watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from watchfloor.contracts import (
    ActionReceipt,
    ActionRequest,
    AuditLogParams,
    LookupAnswer,
    LookupRequest,
    NotFound,
    Sharing,
    UserParams,
    UserSignedInParams,
    UserSignIn,
    UserSignInParams,
    UserSignInState,
    VendorLog,
)
from watchfloor.contracts import protocol as p
from watchfloor.ports.store import Instance

from .keeper import House, Keeper
from .questions import Hear
from .states import State

MOST_NEWS = 1000


class Supervisor:
    """One per hub."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._keepers: dict[str, Keeper] = {}
        self._listeners: set[Callable[[State], None]] = set()

    async def start(self) -> None:
        """Start every enabled instance. Does not wait until they run."""
        for instance in await self._house.store.instances.all():
            await self.apply(instance)

    async def stop(self) -> None:
        """Stop all workers, each with its deadline, all at once."""
        stopping = (keeper.stop("The hub is stopping.") for keeper in self._keepers.values())
        await asyncio.gather(*stopping)

    async def apply(self, instance: Instance) -> None:
        """An instance is new or was changed: run it as it is configured now."""
        known = self._keepers.get(instance.id)
        if known is not None:
            await known.stop()
        keeper = Keeper(self._house, instance, self._tell)
        self._keepers[instance.id] = keeper
        if instance.enabled:
            keeper.start()

    async def remove(self, source: str) -> None:
        """An instance is no more. Raises ``NotFound``."""
        await self._keeper(source).stop()
        del self._keepers[source]

    async def restart(self, source: str) -> None:
        """Start its worker afresh, now. Raises ``NotFound``."""
        await self.apply(self._keeper(source).instance)

    def nudge(self, source: str) -> None:
        """A webhook came for it: call this after ``Inbox.accept``."""
        keeper = self._keepers.get(source)
        if keeper is not None:
            keeper.nudge()

    async def check(self, source: str) -> p.CheckResult:
        """Try settings, credentials and hosts. Raises ``NotFound``, ``RetryLater``."""
        return await self._keeper(source).check()

    async def fetch_media(self, source: str, handle: str) -> p.MediaResult:
        """Fetch one picture, clip or recording. Raises ``NotFound``, ``RetryLater`` and what the
        connector raised."""
        return await self._keeper(source).fetch_media(handle)

    async def lookup(self, source: str, request: LookupRequest, hear: Hear) -> LookupAnswer:
        """Ask a source; ``hear`` is called with what is found as it comes. Raises ``NotFound``,
        ``RetryLater``."""
        return await self._keeper(source).lookup(request, hear)

    async def act(self, source: str, request: ActionRequest) -> ActionReceipt:
        """Let a source's worker do something outside. Raises ``NotFound``, ``RetryLater`` and what
        the connector raised."""
        return await self._keeper(source).act(request)

    async def audit_log(self, source: str, since: datetime) -> VendorLog:
        """The vendor's own log of searches. Raises ``NotFound``, ``RetryLater`` and what the
        connector raised."""
        params = AuditLogParams(since=since)
        return await self._keeper(source).ask("audit_log", params, VendorLog)

    async def sharing(self, source: str) -> Sharing:
        """How the vendor is set to share. Raises as ``audit_log`` does."""
        return await self._keeper(source).ask("sharing", p.Message(), Sharing)

    async def user_sign_in(self, source: str, person: str, return_to: str) -> str:
        """Where somebody's browser goes to sign in at the vendor. Raises as ``audit_log`` does."""
        params = UserSignInParams(person=person, return_to=return_to)
        return (await self._keeper(source).ask("user_sign_in", params, UserSignIn)).url

    async def user_signed_in(self, source: str, person: str, answer: dict[str, str]) -> None:
        """They are back, with the vendor's answer. Raises as ``audit_log`` does."""
        params = UserSignedInParams(person=person, answer=answer)
        await self._keeper(source).ask("user_signed_in", params, dict[str, str])

    async def user_sign_in_state(self, source: str, person: str) -> UserSignInState:
        """Until when somebody is signed in at the vendor. Raises as ``audit_log`` does."""
        params = UserParams(person=person)
        return await self._keeper(source).ask("user_sign_in_state", params, UserSignInState)

    async def user_sign_out(self, source: str, person: str) -> None:
        """They sign out there. Raises as ``audit_log`` does."""
        params = UserParams(person=person)
        await self._keeper(source).ask("user_sign_out", params, dict[str, str])

    def states(self) -> Mapping[str, State]:
        """Each instance now, by its id."""
        return {source: keeper.state() for source, keeper in self._keepers.items()}

    def state(self, source: str) -> State:
        """One instance now. Raises ``NotFound``."""
        return self._keeper(source).state()

    def on_change(self, listener: Callable[[State], None]) -> Callable[[], None]:
        """Call ``listener`` with each new state; answers how to end that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def changes(self) -> AsyncIterator[State]:
        """New states as they come. A reader that is far behind misses the oldest."""
        news: asyncio.Queue[State] = asyncio.Queue(MOST_NEWS)
        with self._heard(news):
            while True:
                yield await news.get()

    @contextmanager
    def _heard(self, news: asyncio.Queue[State]) -> Iterator[None]:
        def hear(state: State) -> None:
            if news.full():
                news.get_nowait()
            news.put_nowait(state)

        end = self.on_change(hear)
        try:
            yield
        finally:
            end()

    def _tell(self, state: State) -> None:
        for listener in tuple(self._listeners):
            listener(state)

    def _keeper(self, source: str) -> Keeper:
        keeper = self._keepers.get(source)
        if keeper is None:
            raise NotFound(f"There is no source {source}.", code="no_such_source")
        return keeper
