"""People of an agency who are signed in at a hub, each in a session of their own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from hub import Api, api_of
from store_contract import Make

from watchfloor.bootstrap import Running
from watchfloor.contracts import BY_NAME
from watchfloor.identity import Origin, Person, Role
from watchfloor.web import COOKIE


def somebody(
    handle: str, *roles: Role, agency: str = "example", certified: Mapping[str, int] | None = None
) -> Person:
    """As an identity provider would vouch for them."""
    return Person(
        f"idp|{handle}", handle, handle.title(), agency, frozenset(roles), certified=certified or {}
    )


@contextlib.asynccontextmanager
async def signed_in(running: Running, person: Person) -> AsyncIterator[Api]:
    """Their API. No request is open in it."""
    secret, _ = running.hub.sessions.begin(person, Origin("127.0.0.1", person.handle))
    async with api_of(running.url) as nobody:
        nobody.client.cookie_jar.update_cookies({COOKIE: secret})
        yield Api(running.url, nobody.client, secret)


async def open_request(api: Api, **more: Any) -> str:
    """A request of theirs, open in their session; its id."""
    asked = {"purpose": "missing_endangered", "asked": "A test asks", "provisional": True, **more}
    request = await api.send("POST", "/requests", asked)
    await api.send("PUT", "/session/request", {"request": request["id"]})
    return str(request["id"])


async def known_case(running: Running, number: str) -> None:
    """Have a records system tell of a case."""
    known = BY_NAME["report"]
    data = {"report_number": number, "status": "open", "offence": {"common": "120"}}
    event = Make.read(
        f"report-{number}", type=known.type, subject=f"report/{number}", point=None,
        at=running.hub.clock.now(), keys=tuple(known.keys(data)),
        body=msgspec.json.encode({
            "id": f"report-{number}", "type": known.type, "dataclassification": "agency",
            "data": data,
        }),
    )  # fmt: skip
    await running.hub.store.log.commit([Make.batch([event], "rms")])


async def noted(running: Running, event: str, within: int = 200) -> list[Any]:
    """The newest entries of a kind in the audit log, newest first."""
    page = await running.hub.audit.read(limit=within)
    return [each.entry for each in page.items if each.entry.event == event]
