"""A commercial record service on loopback: the token call as reported, the answers' layout ours."""

from __future__ import annotations

import base64
import itertools
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from watchfloor_sdk import LookupRequest, Purpose
from watchfloor_sdk.simulation import HttpSimulator, Setup

MOST_CANDIDATES = 100
CASE = "SIM-26-000123"
_KEYS = ("lastName", "firstName", "address", "phone", "city", "state", "zip", "dob")


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist. ``like_them`` is how many have that name. ``odd``: the service
    sends a kind of record that nobody asked for."""

    last: str
    first: str
    street: str
    city: str
    state: str
    zip: str
    phone: str
    like_them: int = 1
    deceased: bool = False
    blocked: bool = False
    odd: bool = False


class OsintStyleSimulator(HttpSimulator):
    """Tokens are bound to the purposes that they were asked for: 401 for another's. No purpose:
    403. Nothing found: an empty list, billed. A common name: refused with the number of
    candidates, billed. ``handed_out`` has every search that was made, in order; ``billed`` counts.
    """

    connector = "osint-style"
    records_path = "/search"

    def __init__(self) -> None:
        super().__init__()
        self.billed = 0
        self._denies = False
        self.tokens: dict[str, dict[str, str]] = {}
        self._people: list[Person] = []
        self._client = ("sim-client", secrets.token_urlsafe(16))

    def feed(self, happening: Person) -> None:
        """Somebody's records were bought."""
        self._people.append(happening)

    def rehearse(self, number: int, at: datetime) -> Person:  # noqa: ARG002 - no times here
        """Somebody moves to Simville."""
        return Person(
            f"Example{number}", "Sam", f"{number + 1} Example St", "Simville", "KS", "00000",
            f"555555{100 + number % 100:04}",
        )  # fmt: skip

    def deny(self) -> None:
        """The agency's contract has ended."""
        self._denies = True

    def demo(self) -> Iterator[Person]:
        """Some people who do not exist, and what is odd about them."""
        here = ("Simville", "KS", "00000")
        yield Person("Example", "Sam", "1 Example St", *here, "5555550100")
        yield Person("Common", "Kim", "2 Example St", *here, "5555550101", like_them=1000)
        yield Person("Late", "Alex", "3 Example St", *here, "5555550102", deceased=True)
        yield Person("Hidden", "Robin", "4 Example St", *here, "5555550103", blocked=True)
        yield Person("Odd", "Chris", "5 Example St", *here, "5555550104", odd=True)

    def demo_requests(self) -> Iterator[LookupRequest]:
        """Somebody looks for a witness, again and again."""
        yield question("q-address", "address", "1 Example St", zip="00000")
        yield question("q-phone", "phone", "(555) 555-0100")
        names = itertools.cycle(["Example, Sam", "Late, Alex", "Nobody, Nick", "Common, Kim"])
        for number, name in enumerate(names):
            yield question(f"q-{number}", "person", name)

    def setup(self, base_url: str) -> Setup:
        """As agency IT would write it."""
        name, secret = self._client
        config = {
            "base_url": base_url, "token_url": f"{base_url}/apiclient",
            "case_formats": ["SIM-##-######", "SIM-********"], "allowed_dppa": ["1", "4", "none"],
            "code_words": ["glba:none=otheruse"],
        }  # fmt: skip
        return Setup(
            self.connector, config, {"client": {"client_id": name, "client_secret": secret}}
        )

    def routes(self) -> Iterable[web.RouteDef]:
        """The service's paths."""
        return [web.post("/apiclient", self._give_token), web.post("/search", self._search)]

    async def _give_token(self, request: web.Request) -> web.Response:
        user = base64.b64encode(":".join(self._client).encode()).decode()
        if request.headers.get("authorization") != f"Basic {user}":
            raise web.HTTPUnauthorized
        asked = await request.json()
        if not asked.get("glba") or not asked.get("dppa"):
            raise web.HTTPForbidden
        token = secrets.token_urlsafe(16)
        self.tokens[token] = asked
        return web.Response(text=token)

    async def _search(self, request: web.Request) -> web.Response:
        bound = self.tokens.get(request.headers.get("authorization", ""))
        if bound is None:
            raise web.HTTPUnauthorized
        asked = await request.json()
        purpose = asked.get("purpose")
        if not purpose or not all(purpose.get(name) for name in _SAID):
            raise web.HTTPForbidden
        if bound != {name: purpose.get(name) for name in ("dppa", "glba")}:
            raise web.HTTPUnauthorized
        if self._denies:
            return web.json_response({"billed": False, "refused": "contract ended"})
        self.billed += 1
        self.handed_out[f"search-{self.billed}"] = asked
        return web.json_response({"billed": True, **self._answer(asked)})

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        wanted = {name: asked[name] for name in _KEYS if asked.get(name)}
        found = [one for one in self._people if _matches(one, wanted)]
        candidates = sum(one.like_them for one in found)
        if candidates > MOST_CANDIDATES and "dob" not in wanted:
            return {"result": [], "refused": "narrow search", "candidates": candidates}
        shown = [one for one in found if not one.blocked]
        rows = [row for one in shown for row in _records(one, asked["fields"])]
        return {"result": rows, "blocked": len(found) - len(shown)}


_SAID = ("caseNumber", "requester", "agency")
"""What every search says: the envelope is ours, for the service's own is not public."""


def _matches(one: Person, wanted: dict[str, str]) -> bool:
    has = {
        "lastName": one.last, "firstName": one.first, "address": one.street, "phone": one.phone,
        "city": one.city, "state": one.state, "zip": one.zip, "dob": "1990-01-01",
    }  # fmt: skip
    return all(has[name].casefold() == value.casefold() for name, value in wanted.items())


def _records(one: Person, fields: list[str]) -> Iterator[dict[str, Any]]:
    said = {"first_seen": "2019-05", "last_seen": "2026-01", "as_of": "2026-03-01"}
    kinds: list[tuple[str, str, list[str]]] = [
        ("name", f"{one.first} {one.last}", []),
        ("address", f"{one.street}, {one.city} {one.state} {one.zip}", ["glba"]),
        ("phone", one.phone, ["glba"]),
        ("relative", "Pat Example", ["dppa"]),
    ]
    for kind, value, restrictions in kinds:
        if {"relative": "relationship"}.get(kind, kind) in fields:
            dead = {"deceased": True} if one.deceased and kind == "name" else {}
            yield {
                "record_type": kind, "value": value, "confidence": 0.82,
                "restrictions": restrictions, **said, **dead,
            }  # fmt: skip
    if one.odd:
        yield {"record_type": "political_party", "value": "Simulated Party", **said}


def question(id: str, offer: Any, subject: str, **changes: Any) -> LookupRequest:
    """A look-up by an analyst who does not exist, about somebody who does not either."""
    purpose = Purpose(
        code=changes.pop("code", "witness"),
        requester="casey",
        requester_name="Casey Analyst",
        agency="Example City PD",
        ori="ZZ0000000",
        case_number=changes.pop("case_number", CASE),
        reason=changes.pop("reason", "To find a witness of the burglary"),
    )
    return LookupRequest(
        id=id, offer=offer, subject_kind=offer, subject=subject, purpose=purpose, deadline_s=10.0,
        filters={"dppa": "1", "glba": "5", **changes},
    )  # fmt: skip
