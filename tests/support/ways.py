"""Who comes in at a hub, what they wish, and what they are told."""

from __future__ import annotations

import asyncio

from staff import somebody

from watchfloor.identity import Origin, Role

ANA = somebody("ana", Role.ANALYST)
SAM = somebody("sam", Role.SUPERVISOR)
TESS = somebody("tess", Role.SUPERVISOR)
KIM = somebody("kim", Role.AGENCY_IT)
LEO = somebody("leo", Role.AGENCY_IT)
NOOR = somebody("noor", Role.AUDITOR)
PLATE, LISTED = "ZZT1234", "ZZT4321"
EMERGENCY = {
    "purpose": "emergency_override",
    "asked": "Where is the white van?",
    "reason": "A child was taken from the park a minute ago.\nThere is no call number yet.",
    "provisional": False,
}
WISH = {"permission": "data:search", "why": "I moved from the help desk to the floor."}


def begun(hub, who, device):
    secret, _ = hub.hub.sessions.begin(who, Origin("192.0.2.7", device))
    return secret


async def told_from(api, position, upto):
    """What a console that was away since a position is told, until it is told of ``upto``."""
    headers = {"Last-Event-ID": str(position)}
    async with api.client.get(f"{api.url}/api/v1/stream", headers=headers) as stream:
        text = b""
        async with asyncio.timeout(10):
            while upto not in text:
                text += await stream.content.readany()
    return text
