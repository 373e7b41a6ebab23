"""Break-glass accounts: for the night on which the identity provider is down. There is none unless
two people made it, ahead of that night; each is closed again 72 hours after its first use, and
nobody signs in with one unnoticed.

Passwords follow NIST SP 800-63B-4, 3.1.1.2: a length, no rules of composition, and none that is
commonly used, expected or compromised, which zxcvbn estimates from lists of such. What is kept is
PBKDF2 with HMAC-SHA-256 (SP 800-132, so that the module can be a FIPS 140 one), rounds as of the
OWASP Password Storage Cheat Sheet. Five failures lock it (CJISSECPOL AC-7).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from watchfloor.contracts import GiveUp, NotFound, Refused
from watchfloor.ports.store import LocalAccount, LocalAccounts, Micros
from watchfloor.ports.world import Clock

from .invitations import is_here
from .permissions import Permission, Role
from .person import Person, plain_handle

ROUNDS: Final = 600_000
SALT_BYTES: Final = 32
SHORTEST, LONGEST = 15, 128
FAILURES: Final = 5
HOUR: Micros = 3600 * 1_000_000
OPEN_FOR: Micros = 72 * HOUR
"""From its first use."""
WAITS_FOR: Micros = 90 * 24 * HOUR
"""Enabled and not used (CJISSECPOL AC-2(3))."""

_AGREES = frozenset({Permission.SETTINGS_APPROVE})
ENABLED_BY: dict[Role, frozenset[Permission]] = {
    Role.AGENCY_IT: _AGREES,
    Role.ANALYST: _AGREES | {Permission.OVERRIDE_REVIEW},
    Role.SUPERVISOR: _AGREES | {Permission.OVERRIDE_REVIEW},
}
"""Who has to work when nobody can sign in, and what the second person has to be allowed: who keeps
the machine has no say in who sees data. Records can be read when that is over."""

GUESSES: Final = 10**14
"""So many guesses a password withstands at least by zxcvbn's estimate. Its highest score begins at
10**10, where a season, a year and a trade still pass; fifteen random letters have 10**15."""
LOCAL = ("watchfloor", "breakglass", "emergency", "police", "sheriff", "dispatch",
         "correcthorsebatterystaple")  # fmt: skip
"""What is near at hand in a crime centre, and what its estimate takes for random."""

_LOCAL, _HANDLE = "break-glass|", "break-glass:"


_NOBODY = LocalAccount(
    id="", name="", role=Role.ANALYST, salt=bytes(SALT_BYTES).hex(), hash=bytes(32).hex(),
    rounds=ROUNDS, made=0, made_by="", removed=1,
)  # fmt: skip
"""Whose password is checked where there is no such name: the same work, to the last write."""


@dataclass(slots=True)
class BreakGlass:
    """Every account of this hub's own."""

    accounts: LocalAccounts
    clock: Clock
    agency: str
    _by_name: dict[str, LocalAccount] = field(default_factory=dict)
    _makers: dict[str, str] = field(default_factory=dict)
    """Who made an account, by the id of whom it acts as; of removed ones, too."""
    _nobody: LocalAccount = field(default_factory=lambda: _NOBODY)
    _deriving: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One password after another: anybody can have one looked at."""
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """An account is taken up and written back as one step. Nobody waits for a derivation here."""

    async def open(self) -> None:
        """Take up those from before."""
        known = await self.accounts.all()
        self._by_name = {each.id: each for each in known if not each.removed}
        self._makers = {local_id(each.id): each.made_by for each in known}

    def all(self) -> Sequence[LocalAccount]:
        """Newest first."""
        return sorted(self._by_name.values(), key=lambda account: -account.made)

    async def add(self, id: str, name: str, role: Role, password: str, by: Person) -> LocalAccount:
        """An account that waits for a second person. Raises ``Refused`` (codes ``account_exists``,
        ``nobody_vouched``, ``role_not_local``) and ``GiveUp`` (code ``weak_password``)."""
        _check_vouched(by)
        self._check_free(id)
        if role not in ENABLED_BY:
            raise Refused("No break-glass account has this role.", code="role_not_local",
                          remedy="Analyst, supervisor and agency IT can have one.")  # fmt: skip
        check_password(password, id, name, self.agency)
        salt = secrets.token_bytes(SALT_BYTES)
        account = LocalAccount(
            id=id, name=name, role=role, salt=salt.hex(), rounds=ROUNDS,
            hash=(await _derived(password, salt, ROUNDS)).hex(), made=self.clock.now(),
            made_by=by.id, maker=by.handle,
        )  # fmt: skip
        async with self._changing:
            self._check_free(id)
            return await self._keep(account)

    async def enable(self, id: str, by: Person) -> LocalAccount:
        """The second person's part: it can be used from now on, and failures are forgiven. Raises
        ``NotFound``, and ``Refused``: ``own_approval`` for who made it, ``supervisor_enables`` for
        who has no say in what it opens, ``nobody_vouched``, ``account_used`` for one that was."""
        _check_vouched(by)
        async with self._changing:
            account, now = self._get(id), self.clock.now()
            if self.behind(by.id) & self.behind(account.made_by):
                raise Refused("Nobody enables an account that they made.", code="own_approval",
                              remedy="Ask somebody else to enable it.")  # fmt: skip
            if not ENABLED_BY[Role(account.role)] <= by.permissions:
                raise Refused(
                    "Who keeps the machine has no say in who sees data.",
                    code="supervisor_enables",
                    remedy="Ask a supervisor to enable it.",
                )
            if account.used:  # 72 hours from its first use on, whoever would have them longer
                raise Refused("This account was used: it closes and opens no more.",
                              code="account_used",
                              remedy="Have it removed, and another one made.")  # fmt: skip
            return await self._keep(
                replace(account, enabled=now, enabled_by=by.id, until=now + WAITS_FOR, failures=0)
            )

    async def release(self, id: str) -> LocalAccount:
        """Forgive the failures that locked it. Raises ``NotFound``."""
        async with self._changing:
            return await self._keep(replace(self._get(id), failures=0))

    async def remove(self, id: str) -> None:
        """It is gone. Raises ``NotFound``."""
        async with self._changing:
            await self._remove(self._get(id))

    async def remove_all_of(self, people: Collection[str]) -> list[str]:
        """Every account whose password one of these persons (ids) knows, or that they enabled, is
        gone; as whom those act."""
        async with self._changing:
            theirs = [
                account
                for account in self.all()
                if not {account.enabled_by, *self.behind(local_id(account.id))}.isdisjoint(people)
            ]
            for account in theirs:
                await self._remove(account)
        return [local_id(account.id) for account in theirs]

    def closes(self, id: str) -> Micros | None:
        """When an account does. Raises ``NotFound``."""
        return self._get(id).until

    def people(self, handle: str) -> set[str]:
        """The ids of whom histories call so, as far as the accounts tell: an account itself, and
        who made one."""
        plain = plain_handle(handle)
        makers = {each.made_by for each in self.all() if plain_handle(each.maker) == plain}
        own = {local_id(each.id) for each in self.all() if f"{_HANDLE}{each.id}" == plain}
        return makers | own

    def behind(self, id: str) -> frozenset[str]:
        """Who may be the person of that id: they, and of an account whoever made it, as they chose
        its password, and so on where that was by an account, too."""
        ids: set[str] = set()
        person: str | None = id
        while person is not None and person not in ids:
            ids.add(person)
            person = self._makers.get(person)
        return frozenset(ids)

    async def sign_in(self, id: str, password: str) -> Person:
        """Who it is. Raises ``Refused`` (code ``account_refused``): for an unknown name, a wrong
        password, one that is locked, over or not enabled, the same and after the same work. Until
        that is done the account may change or go: what it is then counts."""
        async with self._deriving:
            shown = self._by_name.get(id) or self._nobody
            derived = await _derived(password, bytes.fromhex(shown.salt), shown.rounds)
        async with self._changing:
            account = self._by_name.get(id) or self._nobody
            right = hmac.compare_digest(derived.hex(), account.hash)
            opens = right and self._is_open(account)
            await self._keep(self._used(account) if opens else _failed(account, right))
        if not opens:
            raise Refused("This does not open anything.", code="account_refused",
                          remedy="Check both. Five wrong passwords lock it, and it closes 72"
                                 " hours after its first use: ask agency IT.")  # fmt: skip
        return Person(
            id=local_id(id), handle=f"{_HANDLE}{id}", name=account.name, agency=self.agency,
            roles=frozenset({Role(account.role)}),
        )  # fmt: skip

    def _used(self, account: LocalAccount) -> LocalAccount:
        now = self.clock.now()
        until = min(account.until or 0, now + OPEN_FOR)
        return replace(account, failures=0, until=until, used=account.used or now)

    def _is_open(self, account: LocalAccount) -> bool:
        enabled, until = account.enabled or 0, account.until or 0
        return account.failures < FAILURES and enabled <= self.clock.now() < until

    def _check_free(self, id: str) -> None:
        if id in self._by_name:
            raise Refused("There is an account of that name.", code="account_exists",
                          remedy="Remove it first, or choose another name.")  # fmt: skip

    def _get(self, id: str) -> LocalAccount:
        if (account := self._by_name.get(id)) is None:
            raise NotFound("There is no such account.", code="no_such_account")
        return account

    async def _remove(self, account: LocalAccount) -> None:
        await self.accounts.put(replace(account, removed=self.clock.now()))
        del self._by_name[account.id]

    async def _keep(self, account: LocalAccount) -> LocalAccount:
        if account.removed:
            self._nobody = account
        else:
            self._by_name[account.id] = account
            self._makers[local_id(account.id)] = account.made_by
        await self.accounts.put(account)
        return account


def _failed(account: LocalAccount, right: bool) -> LocalAccount:
    return replace(account, failures=account.failures + (not right))


def _check_vouched(person: Person) -> None:
    """Raises ``Refused`` (code ``nobody_vouched``): who is at the machine could be either."""
    if is_here(person):
        raise Refused("The machine vouches for no person, and this takes two.",
                      code="nobody_vouched",
                      remedy="Sign in at the agency's provider: watchfloor sign-in.")  # fmt: skip


def local_id(account: str) -> str:
    """As whom an account of the hub's own acts."""
    return f"{_LOCAL}{account}"


def is_local_handle(handle: str) -> bool:
    """Whether only an account of the hub's own is called so."""
    return plain_handle(handle).startswith(_HANDLE)


def account_of(person: Person) -> str | None:
    """The account of the hub's own as which somebody acts, if they do."""
    return person.id.removeprefix(_LOCAL) if person.id.startswith(_LOCAL) else None


def check_password(password: str, *known: str) -> None:
    """Raises ``GiveUp`` (code ``weak_password``): too short, too long, or soon guessed, as what is
    made of leaked passwords, dictionary words, names, dates, rows of keys, repetitions or the words
    that are ``known``, also as people disguise them."""
    if not SHORTEST <= len(password) <= LONGEST or _guesses(password, known) < GUESSES:
        raise GiveUp(
            f"A password has {SHORTEST} to {LONGEST} characters, and is not soon guessed.",
            code="weak_password",
            remedy="Take five or six words that nobody would put together.",
        )


def _guesses(password: str, known: Sequence[str]) -> Decimal:
    from zxcvbn import zxcvbn  # its lists are large, and seldom needed

    words = [*known, *" ".join(known).split(), *LOCAL]
    return Decimal(zxcvbn(password, words, max_length=LONGEST)["guesses"])


async def _derived(password: str, salt: bytes, rounds: int) -> bytes:
    return await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", password.encode(), salt, rounds)
