"""One register of who asks: the policy's agencies, and those that the desk adds."""

from __future__ import annotations

import pytest

from watchfloor.contracts import Refused
from watchfloor.policy import ListedAgency
from watchfloor.ports.store import Agency
from watchfloor.requests.agencies import Agencies

LISTED = {
    "north-so": ListedAgency(name="North SO", level="local", state="LA", immigration=True),
    "marshals": ListedAgency(level="federal"),
}
NEXT = Agency("next-pd", "Next City PD", "local", "ZZ0000000", "US-LA")


@pytest.fixture
def agencies(store):
    return Agencies(store.requests, lambda: LISTED)


async def test_the_policy_s_agencies_stand_in_the_register(agencies):
    await agencies.put(NEXT)
    assert await agencies.all() == [
        NEXT,
        Agency("north-so", "North SO", "local", None, "US-LA"),
        Agency("marshals", "marshals", "federal"),
    ]
    assert (await agencies.get("north-so")).name == "North SO"
    assert await agencies.get("next-pd") == NEXT


async def test_the_desk_alone_does_not_say_who_a_listed_agency_is(agencies):
    with pytest.raises(Refused) as refused:
        await agencies.put(Agency("marshals", "Somebody local", "local"))
    assert refused.value.code == "agency_of_policy"
    assert (await agencies.get("marshals")).kind == "federal"


async def test_what_the_desk_added_before_the_policy_listed_it_counts_no_more(store):
    await Agencies(store.requests, dict).put(Agency("marshals", "Somebody local", "local"))
    agencies = Agencies(store.requests, lambda: LISTED)
    assert (await agencies.get("marshals")).kind == "federal"
    assert [each.kind for each in await agencies.all() if each.id == "marshals"] == ["federal"]
