"""A dispatch system with an EIDO interface on loopback.

``GET /EIDO/{IncidentId}`` is the standard's (NENA-STA-021.1b). ``PUT`` with ETags, the list
``/Incidents`` and the token are ours, as in the connector's README. Keys are not known here: that
nothing is done twice is the connector's to see to.
"""

from __future__ import annotations

import copy
import itertools
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from watchfloor_city import CallChanged
from watchfloor_sdk import ActionRequest
from watchfloor_sdk.simulation import HttpSimulator, Setup

AGENCY = "police.example.org"
DISPATCH = "dispatch.example.org"
_REQUIRED = ("lastUpdateTimeStamp", "updatedByAgencyReference", "eidoVersion",
             "issuingElementIdentification", "agencyComponent")  # fmt: skip


class CadWriteSimulator(HttpSimulator):
    """Incidents by their tracking id, each with its version. Fed with calls' numbers.

    The ledger has each incident as it stands. ``writes`` counts what was changed; ``overtaken``:
    so many writes meet an incident that somebody else has just changed; ``lost``: so many are done,
    and their answers get lost.
    """

    connector = "cad-write"
    records_path = "/EIDO"

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.overtaken = self.lost = 0
        self.keys: list[str] = []
        self._versions: dict[str, int] = {}
        self._token = secrets.token_hex(12)

    def feed(self, happening: str | CallChanged) -> None:
        """A call was opened, by its number; of one that is known nothing is changed."""
        number = happening.call_number if isinstance(happening, CallChanged) else happening
        id_ = f"urn:emergency:uid:incidentid:{number}:{AGENCY}"
        if id_ not in self._versions:
            self._keep(id_, _opened(id_, number))

    def rehearse(self, number: int, at: datetime) -> str:  # noqa: ARG002
        """One call after the other."""
        return f"SIM-2026-{number + 1:06d}"

    def demo(self) -> Iterator[str]:
        """One call."""
        yield self.rehearse(0, datetime.now(UTC))

    def demo_requests(self) -> Iterable[ActionRequest]:
        """A call is created, another one changed, and then gets a note after the other."""
        call = self.rehearse(0, datetime.now(UTC))
        yield _request("a-create", "create-call", type="SUSP", text="Vehicle seen.", priority=3)
        yield _request("a-update", "update-call", call=call, priority=2)
        for number in itertools.count(1):
            yield _request(f"a-{number}", "add-note", call=call, text=f"Note {number}.")

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """Another token."""
        self._token = secrets.token_hex(12)
        return {"token": {"token": self._token}}

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        config = {"base_url": base_url, "agency": AGENCY}
        return Setup(self.connector, config, {"token": {"token": self._token}})

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """The interface."""
        return [
            web.get("/Incidents", self._get_incidents),
            web.get("/EIDO/{incident}", self._get_eido),
            web.put("/EIDO/{incident}", self._put_eido),
        ]

    async def _get_incidents(self, request: web.Request) -> web.Response:
        self._authorised(request)
        listed = [
            {"incidentId": id_, "lastUpdateTimeStamp": one["lastUpdateTimeStamp"]}
            for id_, one in self.handed_out.items()
        ]
        return web.json_response({"incidents": listed})

    async def _get_eido(self, request: web.Request) -> web.Response:
        self._authorised(request)
        id_ = request.match_info["incident"]
        if id_ not in self.handed_out:
            raise web.HTTPNotFound
        return web.json_response(self.handed_out[id_], headers={"ETag": self._tag(id_)})

    async def _put_eido(self, request: web.Request) -> web.Response:
        self._authorised(request)
        id_ = request.match_info["incident"]
        eido = json.loads(await request.read())
        if any(name not in eido for name in _REQUIRED) or eido.get("$id") != id_:
            raise web.HTTPBadRequest
        if self.overtaken and id_ in self.handed_out:
            self.overtaken -= 1
            self._keep(id_, self.handed_out[id_])
        if not self._fits(request, id_):
            raise web.HTTPPreconditionFailed
        self.keys.append(request.headers.get("Idempotency-Key", ""))
        self.writes += 1
        self._keep(id_, eido)
        if self.lost and request.transport is not None:
            self.lost -= 1
            request.transport.abort()
        return web.Response(status=204, headers={"ETag": self._tag(id_)})

    def _fits(self, request: web.Request, id_: str) -> bool:
        """RFC 9110, sections 13.1.1 and 13.1.2; what has no condition is not taken."""
        if request.headers.get("If-None-Match") == "*":
            return id_ not in self.handed_out
        return id_ in self.handed_out and request.headers.get("If-Match") == self._tag(id_)

    def _keep(self, id_: str, eido: Mapping[str, Any]) -> None:
        self.handed_out[id_] = copy.deepcopy(dict(eido))
        self._versions[id_] = self._versions.get(id_, 0) + 1

    def _tag(self, id_: str) -> str:
        return f'"{self._versions[id_]}"'

    def _authorised(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            raise web.HTTPUnauthorized


def _opened(id_: str, number: str) -> dict[str, Any]:
    """As the dispatch system writes it, with fields that the connector has never heard of."""
    prologue = {
        "lastUpdateTimeStamp": "2026-01-15T03:05:00Z",
        "updatedByAgencyReference": {"$ref": DISPATCH},
    }
    return {
        "$id": id_,
        **prologue,
        "eidoVersion": "1.0",
        "issuingElementIdentification": f"cad.{DISPATCH}",
        "agencyComponent": [
            {
                "$id": DISPATCH,
                **prologue,
                "agencyRoleDescriptionRegistryText": ["Dispatching"],
                "agencyType": ["psap"],
            }
        ],
        "incidentComponent": {
            "$id": f"urn:example:sim:incident:{number}",
            **prologue,
            "incidentTypeCommonRegistryText": "SHOOT",
            "incidentStatusCommonRegistryText": ["Active", "ResourcesAssigned"],
            "internalIncidentId": number,
            "incidentCommonPriorityNumber": 1,
        },
        "notesComponent": [
            {
                "$id": f"urn:example:sim:note:{number}:1",
                **prologue,
                "notesActionComments": "Caller hears <b>two</b> shots.",
            }
        ],
        "linkComponent": [],
    }


def _request(key: str, action: str, **parameters: Any) -> ActionRequest:
    return ActionRequest(
        idempotency_key=key, action=action, requested_by="Casey Analyst", parameters=parameters
    )
