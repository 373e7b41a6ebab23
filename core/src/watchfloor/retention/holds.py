"""Holds: placed for a case by somebody who answers for it, until a day that is said beforehand."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from watchfloor.contracts import AskAPerson, Refused, rfc3339
from watchfloor.ports.store import Hold, Holds, Micros
from watchfloor.ports.world import Clock

from .covered import Covered
from .limits import DAY

WARNING = 7 * DAY
"""So long before its end a hold is said to end: somebody may have to place it anew."""


class HoldDesk:
    """Places, lists and releases. Who may, and that two do it, is the caller's affair, as is the
    audit record."""

    def __init__(self, holds: Holds, clock: Clock) -> None:
        self._holds = holds
        self._clock = clock

    async def place(
        self, what: Covered, case_number: str, reason: str, approver: str, expires: Micros
    ) -> Hold:
        """In force when it returns. Raises ``AskAPerson`` (codes ``hold_incomplete``,
        ``hold_too_broad``)."""
        what.check()
        now = self._clock.now()
        said = {"case number": case_number, "reason": reason, "approver": approver}
        missing = [name for name, words in said.items() if not words.strip()]
        if missing or expires <= now:
            raise AskAPerson(
                f"A hold needs {', '.join([*missing, *(['a later end'] * (expires <= now))])}.",
                code="hold_incomplete",
                remedy="Name the case, the reason, who approved it and when it ends.",
            )
        hold = Hold(
            id=f"H-{secrets.token_hex(4)}",
            case_number=case_number.strip(),
            reason=reason.strip(),
            approver=approver.strip(),
            made=now,
            expires=expires,
            what=msgspec.to_builtins(what),
        )
        await self._holds.put(hold)
        return hold

    async def release(self, id: str, by: str) -> Hold:
        """It covers nothing any more: what is due goes with the next purge. Raises ``NotFound``,
        and ``Refused`` (code ``hold_is_over``)."""
        hold = await self._holds.get(id)
        now = self._clock.now()
        if hold.released is not None or hold.expires <= now:
            raise Refused(
                f"The hold {id} is over already.",
                code="hold_is_over",
                remedy="Nothing is to be done.",
            )
        hold.released, hold.released_by = now, by
        await self._holds.put(hold)
        return hold

    async def documents(self) -> list[dict[str, Any]]:
        """All holds for people, those that end next first and those that are over last."""
        now = self._clock.now()
        holds = await self._holds.all()
        ordered = sorted(holds, key=lambda hold: (_state(hold, now) in _OVER, hold.expires))
        return [document(hold, now) for hold in ordered]

    async def ending(self) -> list[Hold]:
        """Those that end within a week: to be said to their approvers."""
        now = self._clock.now()
        return [hold for hold in await self._holds.all() if _state(hold, now) == "ending"]


_OVER = ("released", "expired")


def _state(hold: Hold, now: Micros) -> str:
    if hold.released is not None:
        return "released"
    if hold.expires <= now:
        return "expired"
    return "ending" if hold.expires - now <= WARNING else "in_force"


def document(hold: Hold, now: Micros) -> dict[str, Any]:
    """One hold for people. ``state``: ``in_force``, ``ending`` (within a week), ``expired``,
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
    }
