"""Holds: placed for a case by somebody who answers for it, until a day that is said beforehand."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Literal

import msgspec

from watchfloor.contracts import AskAPerson, Refused, rfc3339
from watchfloor.contracts.normal import normal_number
from watchfloor.contracts.words import says_something
from watchfloor.ports.store import Hold, Holds, Kept, Micros
from watchfloor.ports.world import Clock

from .covered import Covered, covered
from .limits import DAY

WARNING = 14 * DAY
"""So long before its end a hold is said to end, and so long afterwards to have ended: time to ask
whoever answers for it, who may have to ask a court."""
LONGEST = 366 * DAY
"""Nobody says today that something has to be kept for longer: a hold can be extended."""

State = Literal["in_force", "ending", "expired", "released"]


class HoldDesk:
    """Places, lists, extends and releases. Who may, and that two do it, is the caller's affair, as
    is the audit record."""

    def __init__(self, holds: Holds, clock: Clock) -> None:
        self._holds = holds
        self._clock = clock
        self._changing = asyncio.Lock()
        """A change is read, made and written whole: two at a time would undo each other."""
        self._known: dict[str, Hold] = {}

    async def open(self) -> None:
        """Learn the holds, which policy asks about without waiting."""
        self._known = {hold.id: hold for hold in await self._holds.all()}

    def known(self, id: str) -> Hold | None:
        """A hold, without waiting."""
        return self._known.get(id)

    def of_case(self, number: str, now: Micros) -> tuple[Kept, ...]:
        """What is kept for a case by holds that are in force, however its number is written."""
        case = normal_number(number)
        return tuple(
            covered(hold.what).kept()
            for hold in self._known.values()
            if normal_number(hold.case_number) == case and _state(hold, now) not in _OVER
        )

    async def place(
        self, what: Covered, case_number: str, reason: str, approver: str, expires: Micros
    ) -> Hold:
        """In force when it returns. Raises ``AskAPerson`` (codes ``hold_incomplete``,
        ``hold_too_broad``, ``hold_too_long``)."""
        what.check_new()
        now = self._clock.now()
        said = {"case number": case_number, "reason": reason, "approver": approver}
        _demand(said, later=expires > now)
        _ends_in_time(expires, now)
        hold = Hold(
            id=f"H-{secrets.token_hex(4)}",
            case_number=case_number.strip(),
            reason=reason.strip(),
            approver=approver.strip(),
            made=now,
            expires=expires,
            what=msgspec.to_builtins(what),
        )
        await self._put(hold)
        return hold

    async def extend(self, id: str, reason: str, approver: str, expires: Micros, by: str) -> Hold:
        """More time for a hold that is not over, on the word of ``approver``, who answers for it
        from now on. Raises ``NotFound``, ``AskAPerson`` (codes ``hold_incomplete``,
        ``hold_too_long``) and ``Refused`` (code ``hold_is_over``)."""
        async with self._changing:
            hold, now = await self._not_over(id)
            _demand({"reason": reason, "approver": approver}, later=expires > hold.expires)
            _ends_in_time(expires, now)
            hold.expires, hold.approver = expires, approver.strip()
            hold.let_go = hold.let_go_by = None
            hold.extensions.append(
                {
                    "at": rfc3339(now),
                    "by": by,
                    "approver": hold.approver,
                    "reason": reason.strip(),
                    "until": rfc3339(expires),
                }
            )
            await self._put(hold)
        return hold

    async def let_go(self, id: str, by: str) -> Hold:
        """Note that a hold may end, or may have ended: nobody need be told of it any more. It keeps
        until its end what it keeps. Raises ``NotFound``, and ``Refused`` (code
        ``hold_not_ending``)."""
        async with self._changing:
            hold = await self._holds.get(id)
            now = self._clock.now()
            if _state(hold, now) not in ("ending", "expired"):
                raise Refused(
                    f"The hold {id} does not end soon.",
                    code="hold_not_ending",
                    remedy="Release it, where nothing is to be kept for it any more.",
                )
            hold.let_go, hold.let_go_by = now, by
            await self._put(hold)
        return hold

    async def release(self, id: str, by: str) -> Hold:
        """It covers nothing any more: what is due goes with the next purge. Raises ``NotFound``,
        and ``Refused`` (code ``hold_is_over``)."""
        async with self._changing:
            hold, now = await self._not_over(id)
            hold.released, hold.released_by = now, by
            await self._put(hold)
        return hold

    async def documents(self) -> list[dict[str, Any]]:
        """All holds for people, those that end next first and those that are over last."""
        now = self._clock.now()
        holds = await self._holds.all()
        ordered = sorted(holds, key=lambda hold: (_state(hold, now) in _OVER, hold.expires))
        return [document(hold, now) for hold in ordered]

    async def ending(self) -> list[Hold]:
        """Those of which people are to be told that they end within two weeks or ended in the last
        two, the first to end first. One that was let go is told to nobody any more, its approver
        among them: the list and the audit log say who let it go."""
        now = self._clock.now()
        holds = sorted(await self._holds.all(), key=lambda hold: hold.expires)
        return [hold for hold in holds if hold.let_go is None and _is_told(hold, now)]

    async def _put(self, hold: Hold) -> None:
        await self._holds.put(hold)
        self._known[hold.id] = hold

    async def _not_over(self, id: str) -> tuple[Hold, Micros]:
        hold = await self._holds.get(id)
        now = self._clock.now()
        if _state(hold, now) in _OVER:
            raise Refused(
                f"The hold {id} is over already.",
                code="hold_is_over",
                remedy="Place a new one where it is still needed.",
            )
        return hold, now


_OVER = ("released", "expired")


def _demand(said: dict[str, str], *, later: bool) -> None:
    missing = [name for name, words in said.items() if not says_something(words)]
    if missing or not later:
        raise AskAPerson(
            f"A hold needs {', '.join([*missing, *([] if later else ['a later end'])])}.",
            code="hold_incomplete",
            remedy="Name the case, the reason, who approved it and when it ends.",
        )


def _ends_in_time(expires: Micros, now: Micros) -> None:
    if expires - now > LONGEST:
        raise AskAPerson(
            "A hold ends within a year.",
            code="hold_too_long",
            remedy="Name an earlier end; two weeks before it the hub says so, and it is extended.",
        )


def _state(hold: Hold, now: Micros) -> State:
    if hold.released is not None:
        return "released"
    if hold.expires <= now:
        return "expired"
    return "ending" if hold.expires - now <= WARNING else "in_force"


def _is_told(hold: Hold, now: Micros) -> bool:
    return hold.released is None and abs(hold.expires - now) <= WARNING


def document(hold: Hold, now: Micros) -> dict[str, Any]:
    """One hold for people. ``state``: ``in_force``, ``ending`` (within two weeks), ``expired``,
    ``released``."""
    return {
        "id": hold.id,
        "state": _state(hold, now),
        "case_number": hold.case_number,
        "reason": hold.reason,
        "approver": hold.approver,
        "made": rfc3339(hold.made),
        "expires": rfc3339(hold.expires),
        "what": hold.what,
        "released": None if hold.released is None else rfc3339(hold.released),
        "released_by": hold.released_by,
        "let_go": None if hold.let_go is None else rfc3339(hold.let_go),
        "let_go_by": hold.let_go_by,
        "extensions": hold.extensions,
    }
