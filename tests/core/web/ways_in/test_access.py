"""What opens more to somebody: a wish for access that was granted, a training that is valid."""

from __future__ import annotations

import pytest
from hub import api_of, session_of
from made_up import call
from staff import noted, open_request, somebody
from ways import ANA, EMERGENCY, KIM, LEO, SAM, WISH, told_from

from watchfloor.identity import Role

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_instead_of_a_blank_no_somebody_decides_and_both_is_recorded(hub, person):
    async with person(KIM) as kim, person(LEO) as leo, person(SAM) as sam:
        assert (await kim.call("GET", "/events")).status == 403
        wish = await kim.send("POST", "/access-requests", WISH)
        assert wish["what"] == "Access: to search"
        for who in (kim, leo):
            waiting = await who.get("/approvals")
            assert wish["id"] not in [each["id"] for each in waiting["items"]]
        assert wish["id"] in [each["id"] for each in (await sam.get("/approvals"))["items"]]
        answer = {"granted": False, "note": "Your groups have not changed yet."}
        await sam.send("POST", f"/approvals/{wish['id']}/answer", answer)
        told = await kim.get(f"/approvals/{wish['id']}")
        assert (told["answer"], told["note"]) == ("declined", answer["note"])
        assert (await kim.call("GET", "/events")).status == 403
    assert (await noted(hub, "access.asked"))[0].operator.handle == "kim"
    assert (await noted(hub, "approval.given"))[0].operator.handle == "sam"


async def test_a_wish_is_known_again_by_who_has_it(person):
    permission = "retention:read"
    wishes = f"/access-requests?permission={permission}"

    async def stands(api):
        return [(each["id"], each["answer"]) for each in (await api.get(wishes))["items"]]

    async with person(ANA) as ana, person(LEO) as leo, person(SAM) as sam:
        assert await stands(ana) == []
        wish = await ana.send("POST", "/access-requests", {**WISH, "permission": permission})
        assert await stands(ana) == [(wish["id"], None)]
        assert await stands(leo) == []
        await sam.send("POST", f"/approvals/{wish['id']}/answer", {"granted": True})
        assert await stands(ana) == [(wish["id"], "granted")]


async def test_what_somebody_has_is_not_asked_for(person):
    async with person(ANA) as ana:
        refused = await ana.call("POST", "/access-requests", WISH)
    assert (refused.status, refused.code) == (403, "access_held")


async def test_no_override_opens_a_wish_for_access(hub, person):
    async with person(ANA) as ana:
        emergency = await open_request(ana, **EMERGENCY)
        wish = await ana.send("POST", "/access-requests", {**WISH, "permission": "audit:read"})
        refused = await ana.call(
            "POST", f"/approvals/{wish['id']}/override", {"request": emergency}
        )
    assert (refused.status, refused.code) == (403, "no_override")


async def test_a_training_that_lapsed_closes_what_it_covers_and_renewed_opens_it(hub, person):
    """X2: criminal justice information takes a valid NCIC certification, however it is asked."""
    async with api_of(hub.url, session_of(hub)) as api:
        await api.push("push-1", [call(77, dataclassification="cji"), call(78)])
    now = hub.hub.clock.now()
    for until_, seen in ((0, False), (now - 1, False), (now + 3_600_000_000, True)):
        async with person(somebody("lee", Role.ANALYST, certified={"ncic": until_})) as lee:
            await open_request(lee)
            listed = await lee.events(kind="call")
            assert ("ZZ-00077" in str(listed)) is seen
            found = await lee.lines("/search", q="call:ZZ-00077")
            assert ("100 Main St" in str(found[1:])) is seen
            assert ("ZZ-00077" in str(await lee.get("/live"))) is seen
            assert await _streamed(lee, "ZZ-00077") is seen


async def _streamed(api, word):
    """Whether a word is in what a console that was away is told first."""
    return word.encode() in await told_from(api, 0, b"ZZ-00078")
