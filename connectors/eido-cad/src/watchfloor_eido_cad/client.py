"""The dispatch system over REST.

``GET /EIDO/{IncidentId}`` is the standard's dereference (NENA-STA-021.1b). ``GET /Incidents``, the
list of active incidents, is ours: the standard has a subscription over WebSocket for that
(NENA-STA-024), and no list.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from watchfloor_sdk import Context, NotFound, Rejected, RetryLater
from watchfloor_sdk.eido import MIME, Instant
from watchfloor_sdk.eido.conveyance import MAX_INCIDENTS, proof

from .settings import Settings


class Listed(Struct):
    """One line of the list. ``stamp`` changes whenever the incident does."""

    id: str = field(name="incidentId")
    stamp: Instant | None = field(name="lastUpdateTimeStamp", default=None)

    @property
    def mark(self) -> str | None:
        """The stamp as the checkpoint has it."""
        return None if self.stamp is None else self.stamp.isoformat()


class Listing(Struct):
    """The list of active incidents."""

    incidents: list[msgspec.Raw]


class Active(NamedTuple):
    """The incidents that are not closed; and lines of the list that cannot be read."""

    listed: list[Listed]
    odd: list[Rejected]


class Client:
    """Asks for the list and for incidents."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._http = ctx.http.vendor(auth=proof(ctx, certificate=ctx.settings.client_certificate))

    async def active(self) -> Active:
        """What the list has. Raises ``RetryLater`` for an answer that is none."""
        answer = await self._http.get("Incidents")
        try:
            answer.json()  # says what is wrong with one that is no JSON
            listing = msgspec.json.decode(answer.body, type=Listing)
        except msgspec.ValidationError as error:
            raise RetryLater(
                f"{answer.host} did not answer with a list of incidents: {error}.",
                code="bad_listing",
            ) from None
        if len(listing.incidents) > MAX_INCIDENTS:
            raise RetryLater(
                f"{answer.host} lists {len(listing.incidents)} active incidents.",
                code="bad_listing",
            )
        return _sorted(listing.incidents)

    async def eido(self, incident_id: str) -> bytes | None:
        """The incident's current state, or ``None`` when the system no longer has it."""
        headers = {"accept": f"{MIME}, application/json"}
        try:
            answer = await self._http.get(f"EIDO/{quote(incident_id, safe='')}", headers=headers)
        except NotFound:
            return None
        return answer.document("an EIDO")


def _sorted(lines: list[msgspec.Raw]) -> Active:
    found = Active([], [])
    for line in lines:
        try:
            found.listed.append(msgspec.json.decode(line, type=Listed))
        except (msgspec.DecodeError, UnicodeDecodeError):
            detail = "A line of the list of incidents cannot be read."
            found.odd.append(Rejected(bytes(line), "bad_listing", detail))
    return found
