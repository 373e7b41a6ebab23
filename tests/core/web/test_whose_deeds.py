"""What was done outside is shown as the data of its source is: its words may name anybody."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from made_up import push_source
from policies import adopt
from staff import open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.ports.store import Deed

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTINGS = """
state = "LA"
[agencies.north-so]
name = "North County Sheriff"
level = "local"
state = "LA"
sources = ["north-feed"]
"""
ANA = somebody("ana", Role.ANALYST)
CERTIFIED = somebody("cleo", Role.ANALYST, certified={"ncic": 2**62})
GUEST = somebody("gail", Role.ANALYST, agency="north-so")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    """Deeds of Ana's and of a guest's, at systems real and made up, and at one that is gone."""
    folder = tmp_path_factory.mktemp("deeds") / "hub"
    adopt(folder, SETTINGS)
    async with hub_here(folder) as running, api_of(running.url, session_of(running)) as api:
        await push_source(api)
        await api.send("PUT", "/sources/drill", {"connector": "push", "name": "Drill",
                                                 "synthetic": True})  # fmt: skip
        for id, source, by in (("a-1", "push-1", ANA), ("a-2", "drill", ANA),
                               ("a-3", "gone", ANA), ("g-1", "push-1", GUEST)):  # fmt: skip
            await running.hub.store.deeds.begin(
                Deed(id, source, "note", {"text": "Plate ZZT1234"}, by.handle,
                     running.hub.clock.now(), person=by.id)
            )  # fmt: skip
        yield running


async def shown(hub, who, source=None, **more):
    async with signed_in(hub, who) as api:
        await open_request(api, **more)
        named = {} if source is None else {"source": source}
        return sorted(each["id"] for each in (await api.get("/deeds", **named))["items"])


async def test_its_own_people_see_what_was_done(hub):
    assert await shown(hub, CERTIFIED) == ["a-1", "a-2", "a-3", "g-1"]
    assert await shown(hub, ANA, "push-1") == ["a-1", "g-1"]


async def test_what_was_done_at_a_system_that_is_gone_takes_the_training(hub):
    """Nobody knows any more whether criminal justice information was in it."""
    assert await shown(hub, CERTIFIED, "gone") == ["a-3"]
    assert await shown(hub, ANA, "gone") == []
    assert await shown(hub, ANA) == ["a-1", "a-2", "g-1"]


async def test_people_of_another_agency_see_what_they_had_done_alone(hub):
    assert await shown(hub, GUEST) == ["g-1"]


async def test_by_whatever_handle_and_who_gets_a_handle_sees_nothing_of_who_had_it(hub):
    assert await shown(hub, replace(GUEST, handle="gail.married")) == ["g-1"]
    assert await shown(hub, replace(GUEST, id="idp|another")) == []


async def test_in_training_what_was_done_in_earnest_is_not_shown(hub):
    training = {"purpose": "training_synthetic_only"}
    assert await shown(hub, ANA, **training) == ["a-2"]
    assert await shown(hub, ANA, "push-1", **training) == []


async def test_what_was_done_where_criminal_justice_information_is_takes_the_training(
    hub, monkeypatch
):
    """As the look-ups of that system do."""
    before = hub.hub.lookups.domain
    domains = {"push-1": "criminal_history"}
    monkeypatch.setattr(
        type(hub.hub.lookups), "domain", lambda _, source: domains.get(source, before(source))
    )
    assert await shown(hub, CERTIFIED) == ["a-1", "a-2", "a-3", "g-1"]
    assert await shown(hub, ANA) == ["a-2"]
