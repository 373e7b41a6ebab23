"""Documents in the style of the vendor's push interface to gunshot events. Pure functions.

Only the root name ``IALRT05`` and its children ``id`` and ``time`` are known to be the vendor's
(reported). Every element whose name begins with ``sim`` is ours, made up for the simulator: the
vendor's own field pages are not public.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from watchfloor_sdk import Context, Event, GiveUp, Gunshot, Media, Place, mapping

from .documents import Document, parse
from .settings import Settings

ALERT = "IALRT05"
HEARTBEAT = "simHeartbeat"
"""Ours. That the vendor sends heartbeats is documented; their form is not public."""

Fields = Mapping[str, str]
State = Literal["created", "updated", "cancelled"]
_STATES: dict[str, State] = {"created": "created", "updated": "updated", "cancelled": "cancelled"}
_LONGEST_HANDLE = 4096


class Said(NamedTuple):
    """Which saying of an incident this is: its state and, where given, its running number."""

    state: State
    revision: int | None


def to_events(ctx: Context[Settings], body: bytes) -> list[Event]:
    """One pushed document; a heartbeat comes to nothing. Raises ``GiveUp``."""
    document = parse(body)
    if document.root == HEARTBEAT:
        return []
    if document.root != ALERT:
        raise GiveUp(
            f"Only {ALERT} documents are understood.",
            code="unknown_document",
            remedy="Ask the vendor which version the agency is on; another one needs a mapping.",
        )
    return [to_event(ctx, document)]


def to_event(ctx: Context[Settings], document: Document) -> Event:
    """One alert document: an incident as it is known now. Raises ``GiveUp``."""
    fields = document.fields
    incident, time = fields.get("id"), fields.get("time")
    if not incident or not time:
        raise GiveUp("The document lacks its id or its time.", code="incomplete")
    said = _said(fields)
    return ctx.event(
        Gunshot(
            incident=incident,
            state=said.state,
            classification=fields.get("simType", "gunshot, type not given"),
            rounds=_whole(fields, "simRounds"),
            reviewed=_reviewed(fields),
            place=_place(fields),
            coverage_area=fields.get("simCoverageArea"),
            media=_audio(ctx.settings.owner, fields.get("simAudioUrl")),
        ),
        id=event_id(incident, said),
        time=mapping.moment(time).time,
        subject=f"gunshot/{incident}",
    )


def event_id(incident: str, said: Said) -> str:
    """The same incident said anew is a new event: its number tells, without one its state."""
    return f"{incident}:{said.state if said.revision is None else said.revision}"


def _said(fields: Fields) -> Said:
    word = fields.get("simState")
    if word is None:
        return Said("updated" if _reviewed(fields) else "created", _whole(fields, "simRevision"))
    state = _STATES.get(word.lower())
    if state is None:
        raise GiveUp("The incident's state is none of the known ones.", code="unknown_state")
    return Said(state, _whole(fields, "simRevision"))


def _reviewed(fields: Fields) -> bool:
    return fields.get("simReviewed", "").lower() == "true"


def _whole(fields: Fields, name: str) -> int | None:
    read = mapping.number(fields.get(name), low=0, high=10_000)
    return None if read is None else int(read)


def _place(fields: Fields) -> Place | None:
    point = mapping.point(fields.get("simLongitude"), fields.get("simLatitude"))
    error_m = mapping.number(fields.get("simErrorM"), low=0)
    return mapping.place(point, address=fields.get("simAddress"), error_m=error_m)


def _audio(owner: str, url: str | None) -> list[Media]:
    if not url or len(url) > _LONGEST_HANDLE:
        return []
    return [Media(handle=url, kind="audio", owner=owner, retention_class="gunshot-audio")]
