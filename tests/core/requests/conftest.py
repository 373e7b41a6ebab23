"""A desk on a real store, with calls and cases that connected systems have told of."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from store_contract import NOON, Make

from watchfloor.adapters.clock import SettableClock
from watchfloor.adapters.sqlite import SqliteStore
from watchfloor.contracts import BY_NAME
from watchfloor.identity import Person, Role
from watchfloor.ports.store import Agency, Instance
from watchfloor.requests import Approvals, RequestRules, Requests


@pytest.fixture
def clock():
    return SettableClock(NOON)


@pytest.fixture
async def store(tmp_path, clock):
    store = SqliteStore(tmp_path / "store.sqlite", clock)
    await store.open()
    for id in ("cad", "rms"):
        await store.instances.put(Instance(id, f"{id}-file", id, {}))
    yield store
    await store.close()


@pytest.fixture
def desk(store, clock):
    return Requests(store, clock, ZoneInfo("America/Chicago"), RequestRules(), "ex-pd")


@pytest.fixture
def approvals(store, clock):
    return Approvals(store.approvals, store.requests, clock)


def person(handle: str, *roles: Role, agency: str = "ex-pd") -> Person:
    return Person(
        id=f"idp|{handle}", handle=handle, name=handle.capitalize(), agency=agency,
        roles=frozenset(roles or (Role.ANALYST,)),
    )  # fmt: skip


@pytest.fixture
def casey():
    return person("casey")


@pytest.fixture
def lee():
    return person("lee")


@pytest.fixture
def sup():
    return person("sup", Role.SUPERVISOR)


@pytest.fixture
def guest():
    """Somebody of an agency that has no hub of its own."""
    return person("guest", Role.PARTNER_AGENCY, agency="next-pd")


@pytest.fixture
def told(store, clock):
    """Has a connected system tell of a call or a case: ``await told("call", "ZZ-1", ...)``."""
    count = iter(range(10_000))

    async def tell(kind: str, number: str, *, source: str | None = None, **said) -> None:
        at = said.pop("at", clock.now())
        moment = datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()
        data = {
            "call": {"call_number": number, "status": "Active",
                     "incident_type": {"text": "ROBBERY"}},
            "report": {"report_number": number, "status": "open", "offence": {"common": "120"}},
        }[kind] | said  # fmt: skip
        known = BY_NAME[kind]
        event = Make.read(
            f"e-{next(count)}", at=at, type=known.type, subject=f"{kind}/{number}", point=None,
            keys=tuple(known.keys(data)), body=msgspec.json.encode({"data": data, "time": moment}),
        )  # fmt: skip
        source = source or {"call": "cad", "report": "rms"}[kind]
        await store.log.commit([Make.batch([event], source)])

    return tell


@pytest.fixture
async def live_call(told):
    await told("call", "ZZ-00412")
    return "ZZ-00412"


@pytest.fixture
async def open_case(told):
    await told("report", "26-004711")
    return "26-004711"


@pytest.fixture
async def next_pd(store):
    await store.requests.put_agency(Agency("next-pd", "Next PD", "local"))
    return "next-pd"
