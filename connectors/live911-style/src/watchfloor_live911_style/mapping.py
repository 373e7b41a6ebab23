"""The state of a 911 call from what was said of it, in whichever shape that came. Pure.

Which field says what is the table in ``prepared.py`` and in ``eido.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from watchfloor_sdk import EmergencyCall, Media, Note

from .calls import Anything, Position, Remark, Stand

AFTERWARDS = timedelta(minutes=10)
"""A caller's position is followed for so long after the call has ended, and no longer."""


def too_late(said: Anything, known: Sequence[Anything]) -> bool:
    """Whether it is a position and the call had ended long before: then its caller is followed no
    more."""
    ended = _ended([one for one in known if isinstance(one, Stand)])
    return isinstance(said, Position) and ended is not None and said.at > ended + AFTERWARDS


def state(call: str, known: Sequence[Anything], owner: str) -> EmergencyCall:
    """The call as far as it is known, whatever the order in which that came."""
    in_order = sorted(known, key=lambda one: one.at)
    stands = [one for one in in_order if isinstance(one, Stand)]
    positions = [one for one in in_order if isinstance(one, Position) and not too_late(one, known)]
    remarks = [one for one in in_order if isinstance(one, Remark)]
    latest = stands[-1] if stands else None
    where = positions[-1] if positions else None
    answered = min((one.answered for one in stands if one.answered), default=None)
    ended = _ended(stands)
    return EmergencyCall(
        call=call,
        state=_state(answered, ended),
        place=where.place if where else None,
        call_number=next((one.call_number for one in remarks if one.call_number), None),
        callback=latest.number if latest else None,
        class_of_service=where.service if where else None,
        started=latest.started if latest else None,
        answered=answered,
        ended=ended,
        notes=[Note(text=one.text, time=one.at, author=one.author) for one in remarks if one.text],
        media=[_audio(latest.audio, owner)] if latest and latest.audio else [],
    )


def _ended(stands: Sequence[Stand]) -> datetime | None:
    """When that was first said, of a call that has not been taken up again."""
    latest = max(stands, key=lambda one: one.at, default=None)
    if latest is None or latest.ended is None:
        return None
    return min(one.ended for one in stands if one.ended)


def _state(
    answered: datetime | None, ended: datetime | None
) -> Literal["ringing", "answered", "ended", "abandoned"]:
    if ended:
        return "ended" if answered else "abandoned"
    return "answered" if answered else "ringing"


def _audio(page: str, owner: str) -> Media:
    return Media(handle=page, kind="audio", owner=owner, retention_class="911-audio")
