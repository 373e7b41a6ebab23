"""The dispatch system over REST.

``GET /EIDO/{IncidentId}`` is the standard's dereference (NENA-STA-021.1b). ``GET /Incidents``, the
list of active incidents, is ours: the standard has a subscription over WebSocket for that
(NENA-STA-024; ``conveyance.py``), and no list.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from watchfloor_sdk import Context, NotFound, RetryLater
from watchfloor_sdk.auth import ApiKey, Auth
from watchfloor_sdk.auth.certificate import ClientCertificate

from .eido import MIME
from .settings import Settings

MAX_INCIDENTS = 2_000
"""Active incidents of one agency. Beyond, the list is not believed."""


class Listed(Struct):
    """One line of the list. ``stamp`` changes whenever the incident does."""

    id: str = field(name="incidentId")
    stamp: str | None = field(name="lastUpdateTimeStamp", default=None)


class Listing(Struct):
    """The list of active incidents."""

    incidents: list[Listed]


def proof(ctx: Context[Settings]) -> Auth:
    """A client certificate (the standard's: one that leads to the PSAP Credentialing Agency), or a
    bearer token (ours)."""
    if ctx.settings.client_certificate:
        return ClientCertificate(ctx, "certificate")
    return ApiKey(ctx, "token", header="authorization", prefix="Bearer ")


class Client:
    """Asks for the list and for incidents."""

    def __init__(self, ctx: Context[Settings]) -> None:
        self._http = ctx.http.vendor(auth=proof(ctx))

    async def active(self) -> list[Listed]:
        """The incidents that are not closed. Raises ``RetryLater`` for an answer that is none."""
        answer = await self._http.get("Incidents")
        try:
            listing = msgspec.convert(answer.json(), Listing)
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
        return listing.incidents

    async def eido(self, incident_id: str) -> bytes | None:
        """The incident's current state, or ``None`` when the system no longer has it."""
        headers = {"accept": f"{MIME}, application/json"}
        try:
            answer = await self._http.get(f"EIDO/{quote(incident_id, safe='')}", headers=headers)
        except NotFound:
            return None
        return answer.document("an EIDO")
