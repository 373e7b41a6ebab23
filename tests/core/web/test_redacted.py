"""What policy leaves out of what somebody is shown is left out of every answer about the event."""

from __future__ import annotations

import pytest
import pytest_asyncio
from hub import api_of, hub_here, session_of
from made_up import call, push_source, read
from policies import adopt
from staff import noted, open_request, signed_in, somebody

from watchfloor.identity import Role
from watchfloor.policy import packaged

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEFT_OUT = """
@id("analysts-see-no-plates")
@obligation("redact data.plate, redact data.place, redact data.media")
permit(
  principal in Role::"analyst",
  action in [Action::"data:live", Action::"data:search"],
  resource
);
"""
PLATE, ADDRESS = "ZZT0001", "100 Main St"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redacted") / "hub"
    rules = folder / "policy" / "rules.cedar"
    rules.parent.mkdir(parents=True)
    rules.write_text(packaged()["default.cedar"] + LEFT_OUT)
    adopt(folder, 'contact = "Sam Okafor, 555-0120"\n')
    async with hub_here(folder) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everything(hub):
    """The API for whom nothing is left out: a call, and a read whose plate was put in order."""
    async with api_of(hub.url, session_of(hub)) as api:
        await push_source(api)
        seen = read(1)
        picture = {
            "handle": "p-1", "kind": "plate_picture", "owner": "push-1", "retention_class": "reads"
        }  # fmt: skip
        seen["data"] |= {"plate": "zzt 0001", "media": [picture]}
        await api.push("push-1", [seen, call(1)])
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def ana(hub, everything):
    async with signed_in(hub, somebody("ana", Role.ANALYST)) as api:
        await open_request(api)
        yield api


async def seq_of(everything, kind):
    [event] = await everything.events(kind=kind)
    return event["seq"]


@pytest.mark.parametrize(("kind", "whole", "left"), [
    ("call", f"Armed robbery at {ADDRESS}", "Armed robbery"),
    ("read", f"{PLATE} read by gate-1", "Read"),
])  # fmt: skip
async def test_it_is_in_no_headline(everything, ana, kind, whole, left):
    [seen] = await everything.events(kind=kind)
    hits = [each for line in await ana.lines("/search", q=f"kind:{kind}")
            for each in line.get("hits", ())]  # fmt: skip
    summaries = [*hits, (await ana.get(f"/events/{seen['seq']}"))["summary"]]
    summaries += await ana.events(kind=kind)
    assert seen["headline"] == whole
    assert {(each["headline"], each["point"]) for each in summaries} == {(left, None)}


async def test_it_is_not_said_to_have_been_changed(everything, ana):
    seq = await seq_of(everything, "read")
    whole = await everything.get(f"/events/{seq}")
    assert [each["path"] for each in whole["lineage"]["changes"]] == ["data.plate"]
    left = await ana.get(f"/events/{seq}")
    assert left["lineage"]["changes"] == []
    assert PLATE not in str(left)


async def test_the_vendors_bytes_have_it_and_are_not_handed_out(everything, ana):
    path = f"/events/{await seq_of(everything, 'read')}/raw"
    assert (await everything.call("GET", path)).code != "raw_has_it_all"
    answer = await ana.call("GET", path)
    assert (answer.status, answer.code) == (403, "raw_has_it_all")


@pytest.mark.parametrize("line", [
    "plate:ZZT000?", "ZZT0001", "100 Main St", 'near:"-90.07,29.95"', "robbery",
])  # fmt: skip
async def test_nobody_asks_by_it(hub, everything, ana, line):
    """An answer would say letter by letter what it is."""
    for path in ("/search", "/search/reach"):
        answer = await ana.call("GET", path, q=line)
        assert (answer.status, answer.code) == (403, "asks_by_left_out"), path
        assert "Ask by something else" in answer.json["error"]["remedy"]
    [entry, *_] = await noted(hub, "search.asked")
    assert (entry.outcome, entry.decision.reason) == ("denied", "asks_by_left_out")


async def test_all_else_may_be_asked_by(everything, ana):
    for line in ("asset:gate-1", "call:ZZ-00001", "kind:read"):
        assert [hit for each in await ana.lines("/search", q=line) for hit in each.get("hits", ())]


async def test_nor_does_anything_else_that_is_made_of_it_show_it(everything, ana):
    seq = await seq_of(everything, "read")
    for path, code in ((f"/media/{seq}/0", "not_found"), (f"/events/{seq}/cameras", "no_place")):
        assert code.encode() not in (await everything.call("GET", path)).body
        assert (await ana.call("GET", path)).code == code
