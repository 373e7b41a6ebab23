"""The Web SDK over HTTP, as documented and reported."""

from __future__ import annotations

import itertools
import re
import secrets
from base64 import b64encode
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web

from watchfloor_city import Asset, Look, PlatePassed
from watchfloor_sdk import ActionRequest
from watchfloor_sdk.simulation import HttpSimulator, Setup

from .export import export, put

RULE, NOBODY = "00000001-0000-babe-0000-00000000000a", "00000000-0000-0000-0000-000000000000"
ALARM = "00000001-0000-babe-0000-0000000000a7"
_TYPES = {"camera": "Camera", "plate_reader": "LprUnit"}
_POINT = (-90.07, 29.95)
_RANGE = re.compile(r"TimeRange\.SetTimeRange\(([^,]+),([^)]+)\)")
_GUIDS = re.compile(r"entity=([0-9a-f-]{36})")
_HTML = "<!DOCTYPE html><html><body><p>Bad Request</p></body></html>"


class GenetecSimulator(HttpSimulator):
    """``assets`` are its cameras and readers, ``wanted`` the plates on its hot list; without any,
    every plate is. Reads go into ``folder`` as AutoVu's files, where there is one.

    ``most_rows`` is what a report hands out at once; ``old`` writes the envelope in small letters,
    as older roles do.
    """

    connector = "genetec"
    records_path = "/WebSdk/report/LprHit"

    def __init__(
        self,
        assets: Iterable[Asset] = (),
        *,
        wanted: Collection[str] | None = None,
        folder: Path | None = None,
        most_rows: int = 10_000,
        old: bool = False,
    ) -> None:
        super().__init__()
        self.entities = {RULE: {"Guid": RULE, "Name": "SIM hot list", "EntityType": "HotlistRule"}}
        for asset in assets:
            entity = {"Name": asset.name, "EntityType": _TYPES.get(asset.kind, "Camera")}
            self.entities[guid(asset.id)] = {"Guid": guid(asset.id), **entity}
        self.done: list[str] = []
        self._wanted = wanted
        self._folder = folder
        self._most_rows = most_rows
        self._old = old
        self._hits: deque[tuple[datetime, dict[str, Any]]] = deque(maxlen=50_000)
        self._user = {
            "username": "watchfloor-sim",
            "password": secrets.token_urlsafe(16),
            "application_id": "SIM-application",
        }

    @classmethod
    def rehearsing(cls) -> Self:
        """Two readers and a camera; every plate is wanted."""
        return cls(
            [
                Asset(id="gate-1", kind="plate_reader", name="Gate 1", point=_POINT),
                Asset(id="gate-2", kind="plate_reader", name="Gate 2", point=_POINT),
                Asset(id="lobby", kind="camera", name="Lobby", point=_POINT),
            ]
        )

    def rehearse(self, number: int, at: datetime) -> PlatePassed:
        """A wanted plate passes a gate."""
        return PlatePassed(
            at=at, reader=f"gate-{number % 2 + 1}", plate=f"ZZT{number:04}", region="US-LA",
            confidence=0.9, heading_deg=90.0, point=_POINT,
            vehicle=Look("Ford", "F-150", "white", "pickup"),
        )  # fmt: skip

    def demo_requests(self) -> Iterator[ActionRequest]:
        """Somebody triggers an alarm."""
        for number in itertools.count():
            parameters = {"alarm": ALARM, "source": guid("lobby")}
            yield ActionRequest(f"SIM-{number}", "trigger-alarm", "analyst-1", parameters)

    def lose_asset(self) -> str:
        """The newest entity was deleted."""
        return self.entities.popitem()[0]

    def rotate(self) -> Mapping[str, Mapping[str, str]]:
        """A new password."""
        self._user = {**self._user, "password": secrets.token_urlsafe(16)}
        return {"user": self._user}

    def feed(self, happening: Any) -> None:
        """Plates that pass; all else Security Center is not asked about here."""
        if not isinstance(happening, PlatePassed):
            return
        name = f"{happening.reader} {happening.at.isoformat()} {happening.plate}"
        if self._folder is not None:
            self._export(self._folder, happening, guid(f"read {name}"))
        if self._wanted is None or happening.plate in self._wanted:
            row = _hit(happening, guid(f"hit {name}"))
            self._hits.append((happening.at, row))
            self.handed_out[f"hit:{row['HitId']}"] = row

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        config = {"base_url": f"{base_url}/WebSdk", "owner": "Example Agency"}
        if self._folder is not None:
            config["export_path"] = str(self._folder)
        return Setup(self.connector, config, {"user": self._user})

    def routes(self) -> Iterable[web.RouteDef]:
        """What of the Web SDK a hub needs."""
        return [
            web.get("/WebSdk/report/{name}", self._get_report),
            web.get("/WebSdk/entity", self._get_entity),
            web.get("/WebSdk/alarm", self._get_alarm),
            web.post("/WebSdk/events/RaiseCustomEvent/{event}/{entity}/{message}", self._raise),
        ]

    def _export(self, folder: Path, passed: PlatePassed, id_: str) -> None:
        text = export(passed, id_, passed.reader)
        put(folder, f"{id_}.xml", text)
        self.handed_out[f"read:{id_}"] = text

    async def _get_report(self, request: web.Request) -> web.Response:
        self._authorised(request)
        query = _query(request)
        if request.match_info["name"] == "LprHit":
            return self._report(query)
        said = dict(part.replace("@", "=").split("=", 1) for part in query.split(","))
        rows = [one for one in self.entities.values() if one["EntityType"] == said["EntityTypes"]]
        size, page = int(said["PageSize"]), int(said["Page"])
        return self._ok([{"Guid": one["Guid"]} for one in rows[(page - 1) * size : page * size]])

    def _report(self, query: str) -> web.Response:
        asked = _RANGE.fullmatch(query)
        if asked is None:
            raise _bad_request()
        start, end = (datetime.fromisoformat(text) for text in asked.groups())
        rows = [row for at, row in self._hits if start <= at <= end]
        if len(rows) > self._most_rows:
            return self._said("TooManyResults", None)
        return self._ok(rows)

    async def _get_entity(self, request: web.Request) -> web.Response:
        self._authorised(request)
        wanted = _GUIDS.findall(_query(request))
        if not wanted:
            raise _bad_request()
        return self._ok([self.entities[one] for one in wanted if one in self.entities])

    async def _get_alarm(self, request: web.Request) -> web.Response:
        """A GET that changes something."""
        self._authorised(request)
        query = _query(request)
        if not query.startswith(f"TriggerAlarm({ALARM},"):
            why = {"SdkErrorCode": "EntityNotFound", "Message": f"No such alarm in {query}"}
            return self._said("Fail", why)
        self.done.append(query)
        return self._ok(None)

    async def _raise(self, request: web.Request) -> web.Response:
        self._authorised(request)
        self.done.append("/".join(unquote(part) for part in request.match_info.values()))
        return self._ok(None)

    def _ok(self, result: Any) -> web.Response:
        return self._said("Ok", result)

    def _said(self, status: str, result: Any) -> web.Response:
        """Failures, too, come with HTTP status 200."""
        if self._old:
            return web.json_response({"rsp": {"status": status.lower(), "result": result}})
        return web.json_response({"Rsp": {"Status": status, "Result": result}})

    def _authorised(self, request: web.Request) -> None:
        name = f"{self._user['username']};{self._user['application_id']}"
        word = b64encode(f"{name}:{self._user['password']}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {word}":
            raise web.HTTPUnauthorized(text=_HTML, content_type="text/html")


def guid(name: str) -> str:
    """Security Center's id of one of the city's things."""
    return str(uuid5(NAMESPACE_URL, f"urn:sim:genetec:{name}"))


def _hit(passed: PlatePassed, id_: str) -> dict[str, Any]:
    """A row of the report; local and UTC times side by side."""
    at = passed.at.astimezone(UTC)
    local, utc = ((at - off).strftime("%Y-%m-%dT%H:%M:%S.%f") for off in (_WEST, timedelta()))
    return {
        "HitId": id_,
        "LprRuleId": RULE,
        "Timestamp": local,
        "TimestampUtc": utc,
        "TimeZoneId": "Central Standard Time",
        "UserActionType": 0,
        "HitType": "Hotlist",
        "ReasonType": 0,
        "ExtraInfo": "",
        "Read1Id": id_,
        "Read1Plate": passed.plate,
        "Read1PlateState": passed.region.rpartition("-")[2],
        "Read1Timestamp": local,
        "Read1TimestampUtc": utc,
        "Read1UnitId": guid(passed.reader),
        "Read1PatrollerId": NOBODY,
    }


_WEST = timedelta(hours=6)


def _query(request: web.Request) -> str:
    return request.query.get("q", "")


def _bad_request() -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=_HTML, content_type="text/html")
