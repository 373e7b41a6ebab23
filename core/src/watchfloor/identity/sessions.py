"""Sessions: who is signed in, since when, from where; kept at the hub, so that one can be ended.

The cookie is a random secret (256 bits) that means nothing without this table, where only its
SHA-256 stands. Times are those of CJISSECPOL 5.9.5: locked after 30 idle minutes (AC-11), a fresh
sign-in after 12 hours (IA-2), ended at log-out (AC-12).

They outlast the hub's process: an upgrade at night signs nobody out. What begins and what ends is
durable before it is answered (``settle``); that somebody is still there, within a minute
(``sweep``).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from watchfloor.contracts import NotFound
from watchfloor.ports.store import KeptSession, Micros, SessionBook
from watchfloor.ports.world import Clock

from .handovers import Vouched
from .permissions import Permission
from .person import Person

_MINUTE = 60 * 1_000_000

IDLE: Micros = 30 * _MINUTE
LIFE: Micros = 12 * 60 * _MINUTE
FRESH: Micros = 10 * _MINUTE
"""How long ago somebody may have proven who they are when they do something that matters most."""

BACK: Micros = 2 * _MINUTE
"""How far a clock that is being set right may go back while people are signed in."""

State = Literal["open", "locked"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call comes from. ``device`` is a random mark of one browser, kept for a year;
    ``program`` is what it says it is, in words ("Firefox on Windows")."""

    address: str
    device: str = ""
    program: str = ""


@dataclass(slots=True)
class Session:
    """One person at one device. ``id`` names it to people and stands in the audit; it opens
    nothing."""

    id: str
    person: Person
    origin: Origin
    begun: Micros
    authenticated: Micros
    """When the person last proved who they are."""
    seen: Micros
    """When they last did something themselves; what their screen fetches by itself is no sign."""
    provider_session: str | None = None
    """The identity provider's own name for it (``sid``), by which it logs people out."""
    ticket: str = ""
    """What the provider wants to see when they leave."""
    left_at: Micros | None = None
    """When its person locked it, if they did."""
    acknowledged: bool = False
    """Whether the banner was read (CJISSECPOL AC-8)."""
    request: str | None = None
    """The request that is open: whatever is asked without naming one is asked for it."""
    wall: bool = False
    """A receive-only wall screen: it shows no searchable data and does not lock."""
    source: str | None = None
    """The one source for which it opens anything: a service's token."""
    until: Micros | None = None
    """When the account closes by which they signed in, if it does."""
    passing: bool = False
    """The machine's own: open while the hub's process runs, and never written down. Whoever reads
    its secret is logged in at that machine, whose own lock counts (CJISSECPOL AC-11)."""

    @property
    def ends(self) -> Micros:
        """When a fresh sign-in is due, however busy."""
        ends = self.authenticated + LIFE
        return ends if self.until is None else min(ends, self.until)

    @property
    def locks(self) -> Micros:
        """When it is locked if nobody does anything."""
        return self.ends if self.wall else min(self.ends, self.seen + IDLE)

    @property
    def locked_since(self) -> Micros:
        """Of a locked one, when it locked."""
        return self.locks if self.left_at is None else min(self.left_at, self.locks)

    def state(self, now: Micros) -> State:
        """Locked by its person, after idling, when a fresh sign-in is due, and when the clock was
        set back: time that runs twice makes no session longer."""
        if self.passing:
            return "open"
        there = self.left_at is None and self.seen - BACK <= now < self.locks
        return "open" if there else "locked"

    def is_fresh(self, now: Micros) -> bool:
        """Whether they proved who they are just now. A machine vouches for whoever is at it, where
        nobody else can (``authenticated`` when it was begun)."""
        if self.passing:
            return self.authenticated == self.begun
        return -BACK <= now - self.authenticated < FRESH


@dataclass(slots=True)
class Sessions:
    """Every session of this hub. Whoever listens is told of each that ends."""

    clock: Clock
    book: SessionBook
    _by_digest: dict[str, Session] = field(default_factory=dict)
    _listeners: list[Callable[[Session], None]] = field(default_factory=list)
    _changed: set[str] = field(default_factory=set)
    """What is not written as it is now, by public id; of ``_seen`` it only matters within a minute.
    """
    _seen: set[str] = field(default_factory=set)
    _left: list[Session] = field(default_factory=list)
    """What ended while it was locked: no end of a locked screen is a way past its lock."""
    _under: str = ""
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self, under: str = "") -> None:
        """Take up those from before. ``under`` are the rules of signing in: what was begun under
        others, which may have given other roles, has ended."""
        self._under = under
        for kept in await self.book.all():
            if kept.under != under:
                self._changed.add(kept.id)
                continue
            self._by_digest[kept.digest] = msgspec.json.decode(kept.body, type=Session)
        await self.sweep()

    async def settle(self) -> None:
        """Durable is what began, changed and ended until now. Raises ``AskAPerson`` when it cannot
        be written."""
        if not self._changed and not self._writing.locked():
            return
        async with self._writing:
            changed, self._changed = self._changed, set()
            if not changed:
                return
            rows = [
                self._written(digest, session)
                for digest, session in self._by_digest.items()
                if session.id in changed and not session.passing
            ]
            try:
                await self.book.write(rows, sorted(changed - {row.id for row in rows}))
            except BaseException:
                self._changed |= changed
                raise

    async def sweep(self) -> None:
        """Forget those that nobody came back to, and write down who was there."""
        now = self.clock.now()
        self.end_where(lambda session: _is_forgotten(session, now))
        self._left = [each for each in self._left if not _is_forgotten(each, now)]
        self._changed |= self._seen
        self._seen = set()
        await self.settle()

    def begin(
        self,
        person: Person,
        origin: Origin,
        *,
        authenticated: Micros | None = None,
        provider_session: str | None = None,
        ticket: str = "",
        until: Micros | None = None,
        passing: bool = False,
    ) -> tuple[str, Session]:
        """A new session and its secret. Always a new secret: one from before the sign-in could be
        somebody else's (session fixation)."""
        now = self.clock.now()
        secret = secrets.token_urlsafe(32)
        session = Session(
            id=secrets.token_hex(8), person=person, origin=origin, begun=now, seen=now,
            authenticated=now if authenticated is None else min(authenticated, now),
            provider_session=provider_session, ticket=ticket, until=until, passing=passing,
        )  # fmt: skip
        self._by_digest[_digest(secret)] = session
        self._changed.add(session.id)
        return secret, session

    def find(self, secret: str | None) -> Session | None:
        """Whose secret it is, if it is one. A session that stayed locked for its whole life is
        ended and forgotten."""
        session = self._by_digest.get(_digest(secret)) if secret else None
        if session is None:
            return None
        if _is_forgotten(session, self.clock.now()):
            self.end(session.id)
            return None
        return session

    def renew(self, session: Session, vouched: Vouched) -> str:
        """The same person proved who they are again: unlocked, with all their work, as who they
        are now, which may be another (roles, trainings). Its new secret: what was carried off
        before opens nothing (OWASP ASVS 5.0.0, 7.2.4), and what it had open ends, to be asked for
        anew."""
        secret = secrets.token_urlsafe(32)
        self._by_digest = {
            _digest(secret) if each is session else digest: each
            for digest, each in self._by_digest.items()
        }
        session.person = replace(vouched.person, only=session.person.only)
        session.authenticated = min(vouched.authenticated, self.clock.now())
        session.seen, session.left_at = self.clock.now(), None
        session.provider_session, session.ticket = vouched.provider_session, vouched.ticket
        session.until = vouched.until
        self._changed.add(session.id)
        self._tell(session)
        return secret

    def acknowledge(self, session: Session) -> None:
        """Its person read the banner."""
        session.acknowledged = True
        self._changed.add(session.id)

    def work_on(self, session: Session, request: str | None) -> None:
        """Its person has this request open."""
        session.request = request
        self._changed.add(session.id)

    def make_wall(self, session: Session, only: frozenset[Permission]) -> None:
        """From now on a receive-only wall screen, which no way leads back from but signing in."""
        session.wall, session.request = True, None
        session.person = replace(session.person, only=only)
        self._changed.add(session.id)

    def lock(self, session: Session) -> None:
        """Its person left the screen. A wall's does not lock."""
        session.left_at = None if session.wall else self.clock.now()
        self._changed.add(session.id)

    def touch(self, session: Session) -> None:
        """Its person did something."""
        session.seen = self.clock.now()
        self._seen.add(session.id)

    def all(self) -> list[Session]:
        """Newest first."""
        return sorted(self._by_digest.values(), key=lambda session: -session.begun)

    def left_since(self, proven: Micros, fits: Callable[[Session], bool]) -> bool:
        """Whether one that fits is locked, or ended so, and its person showed who they are no later
        than it locked: that opens nothing."""
        now = self.clock.now()
        locked = [each for each in self._by_digest.values() if each.state(now) == "locked"]
        return any(proven <= each.locked_since for each in (*locked, *self._left) if fits(each))

    def get(self, id: str) -> Session:
        """By its public id. Raises ``NotFound``."""
        for session in self.all():
            if session.id == id:
                return session
        raise NotFound("There is no such session.", code="no_such_session")

    def end(self, id: str) -> None:
        """End one."""
        self.end_where(lambda session: session.id == id)

    def end_where(self, fits: Callable[[Session], bool]) -> list[Session]:
        """End all that fit: a person's, a device's, an agency's, a provider session's."""
        now = self.clock.now()
        ending = [(digest, each) for digest, each in self._by_digest.items() if fits(each)]
        for digest, session in ending:
            del self._by_digest[digest]
            if session.state(now) == "locked":
                self._left.append(session)
            self._changed.add(session.id)
            self._tell(session)
        return [session for _, session in ending]

    def on_end(self, tell: Callable[[Session], None]) -> Callable[[], None]:
        """Be told of each session that ends, or goes on by a new secret; answers how to stop."""
        self._listeners.append(tell)
        return lambda: self._listeners.remove(tell)

    def _tell(self, session: Session) -> None:
        for tell in list(self._listeners):
            tell(session)

    def _written(self, digest: str, session: Session) -> KeptSession:
        """The provider's ticket is a token of somebody's, and stays in memory."""
        body = msgspec.json.encode(replace(session, ticket="")).decode()
        return KeptSession(id=session.id, digest=digest, under=self._under, body=body)


def _is_forgotten(session: Session, now: Micros) -> bool:
    return not session.passing and now >= session.ends + LIFE


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
