"""What people are told the moment it happens: supervisors and auditors of a door that was opened in
an emergency, everybody of an audit log that is not written. That it happened stands in the audit
log, whoever listens."""

from __future__ import annotations

import logging
from typing import Literal

from watchfloor.contracts import rfc3339
from watchfloor.identity import Person

from .hub import Hub

log = logging.getLogger(__name__)

What = Literal[
    "break_glass_used", "break_glass_refused", "override_opened", "owner_told", "audit_trouble"
]


def tell(
    hub: Hub, what: What, by: str | None = None, request: str | None = None, **more: str
) -> None:
    """Tell every console of somebody who oversees. It names handles, requests and agencies, never
    data."""
    notice = {"what": what, **_by(hub, by), "request": request,
              "at": rfc3339(hub.clock.now()), **more}  # fmt: skip
    hub.feed.tell("notice", notice, "oversight")


def _by(hub: Hub, handle: str | None) -> dict[str, str | None]:
    return {"by": handle, "name": handle and hub.names.of(handle)}


def tell_owner(hub: Hub, owner: str, person: Person, request: str | None) -> None:
    """Tell those who oversee the data that it was opened in a way of which policy has its owner
    told, once for each person's request; they tell the owner. The record of it names it, too."""
    if hub.owners_told.add((owner, person.id, request)):
        listed = hub.engine.policy.settings.agencies.get(owner)
        name = listed.name if listed and listed.name else owner
        tell(hub, "owner_told", person.handle, request, owner=name)


async def tell_of_overrides(hub: Hub) -> None:
    """Tell each who oversees of each emergency that waits for its review, once, as soon as their
    console is open; its review names whom that reached."""
    for waiting in await hub.requests.reviews.overrides():
        what: What = "override_opened"
        notice = {"what": what, **_by(hub, waiting.opener), "request": waiting.request,
                  "at": rfc3339(waiting.since)}  # fmt: skip
        heard = {waiting.opener, *waiting.told}
        if reached := hub.feed.tell_people("notice", notice, "oversight", heard):
            await hub.requests.reviews.told(waiting, reached)


async def tell_of_audit(hub: Hub) -> None:
    """Tell every console, IT's and the auditor's among them, of each trouble with the audit log
    that was not there before (CJISSECPOL AU-5: within an hour)."""
    troubles = {each.code: each for each in hub.custody.troubles()}
    for code in troubles.keys() - hub.told:
        log.error("%s: %s", code, troubles[code].detail)
        notice = {"what": "audit_trouble", **_by(hub, None), "request": None, "code": code,
                  "at": rfc3339(troubles[code].since)}  # fmt: skip
        hub.feed.tell("notice", notice)
    hub.told = frozenset(troubles)
