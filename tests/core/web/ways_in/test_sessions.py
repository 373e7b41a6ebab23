"""Sessions: what takes a fresh sign-in, who ends them, and that a restart does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hub import api_of
from staff import noted, open_request, signed_in, somebody
from ways import ANA, KIM, SAM, begun

from watchfloor.bootstrap import Options, running_hub
from watchfloor.identity import FRESH, Origin, Role
from watchfloor.web import COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")


ROBIN = somebody("robin", Role.RECORDS_OFFICER)
RISKY = [
    (KIM, "PUT", "/sources/push-1/credentials/none", {"value": {"token": "x"}}),
    (KIM, "PUT", "/hub/credentials/none", {"value": {"token": "x"}}),
    (KIM, "POST", "/sources/push-1/credentials/none/rotate", {"value": {"token": "x"}}),
    (KIM, "POST", "/tokens", {"holder": "Example Readers Inc.", "source": "none"}),
    (KIM, "POST", "/people/nobody/cut-off", {"reason": "left the agency"}),
    (KIM, "POST", "/break-glass", {"id": "night", "name": "Night Desk", "role": "analyst",
                                   "password": "Marmalade tugboat 7 lanterns"}),
    (KIM, "POST", "/break-glass/none/release", None),
    (SAM, "PUT", "/channels/ex", {"url": "https://alerts.example.org/x"}),
    (ROBIN, "POST", "/disclosures/case", {"case": "26-000001"}),
    (ROBIN, "POST", "/disclosures/records", {"profile": "public", "since": "2020-01-01T00:00:00Z",
                                             "until": "2020-01-02T00:00:00Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("who", "method", "path", "body"), RISKY)
async def test_a_desk_that_was_left_open_does_nothing_risky(hub, person, who, method, path, body):
    async with person(who) as api:
        hub.hub.sessions.find(api.session).authenticated -= FRESH
        refused = await api.call(method, path, body)
    assert (refused.status, refused.code) == (403, "reauthenticate")


async def test_what_takes_a_way_back_is_done_at_the_machine_while_the_provider_is_down(hub):
    secret, _ = hub.hub.sessions.begin(KIM, Origin("127.0.0.1"), authenticated=0, passing=True)
    asked = RISKY[1], RISKY[6]
    async with api_of(hub.url) as machine:
        machine.client.cookie_jar.update_cookies({COOKIE: secret})
        told = [await machine.call(method, path, body) for _, method, path, body in asked]
    assert [each.status for each in told] == [404, 404], "it was looked for"


PAT = replace(somebody("pat", Role.PARTNER_AGENCY), agency="next-pd")


async def test_it_ends_what_a_device_and_what_an_agency_holds(hub, person):
    lost, desk = "ab" * 16, "cd" * 16
    at_lost = [begun(hub, who, lost) for who in (ANA, SAM)]
    at_desk = begun(hub, ANA, desk)
    partner = begun(hub, PAT, "ef" * 16)
    find = hub.hub.sessions.find
    async with person(KIM) as kim, person(SAM) as sam:
        assert (await sam.call("POST", f"/devices/{lost[:8]}/sign-out")).status == 403
        ended = await kim.send("POST", f"/devices/{lost[:8]}/sign-out")
        assert ended == {"sessions": 2}
        assert [find(each) for each in at_lost] == [None, None]
        assert find(at_desk)
        told = (await noted(hub, "session.revoked"))[0]
        assert (told.object.kind, told.object.id) == ("devices", lost[:8])
        again = await kim.call("POST", f"/devices/{lost[:8]}/sign-out")
        assert (again.status, again.code) == (404, "no_such_session")
        assert await kim.send("POST", "/agencies/next-pd/sign-out") == {"sessions": 1}
        assert find(partner) is None
        await kim.send("POST", f"/agencies/{ANA.agency}/sign-out")
        assert find(at_desk) is None
        assert (await kim.get("/session"))["person"] == KIM.handle, "not who does it"
        machine = [each for each in hub.hub.sessions.all() if each.passing]
        assert machine, "nor the machine's own"


async def test_everybody_sees_their_own_screens_and_ends_them_and_no_others(hub, person):
    async with person(ANA) as ana, person(SAM) as sam:
        elsewhere = begun(hub, ANA, "cd" * 16)
        found = (await ana.get("/session/screens"))["items"]
        assert {each["person"] for each in found} == {ANA.handle}
        [other] = [each for each in found if each["device"] == "cdcdcdcd"]
        assert [each["mine"] for each in found if each is not other].count(True) == 1
        for theirs in (await sam.get("/session/screens"))["items"]:
            refused = await ana.call("DELETE", f"/session/screens/{theirs['id']}")
            assert (refused.status, refused.code) == (404, "no_such_session")
        await ana.send("DELETE", f"/session/screens/{other['id']}")
        assert hub.hub.sessions.find(elsewhere) is None
    assert (await noted(hub, "session.ended"))[0].object.id == other["id"]


async def test_a_hub_that_is_upgraded_at_night_signs_nobody_out(tmp_path):
    options = Options(tmp_path, port=0, hooks_port=0, development=True)
    async with running_hub(options) as before, signed_in(before, ANA) as ana:
        request = await open_request(ana)
        gone, session = before.hub.sessions.begin(SAM, _ORIGIN)
        async with signed_in(before, KIM) as kim:
            await kim.send("DELETE", f"/sessions/{session.id}")
    async with running_hub(options) as after, api_of(after.url) as browser:
        browser.client.cookie_jar.update_cookies({COOKIE: ana.session})
        who = await browser.get("/session")
        assert (who["person"], who["request"], who["state"]) == ("ana", request, "open")
        assert after.hub.sessions.find(gone) is None
    async with running_hub(Options(tmp_path, port=0, hooks_port=0)) as production:
        assert production.hub.sessions.find(ana.session) is None, "begun under other rules"


_ORIGIN = Origin("127.0.0.1")
