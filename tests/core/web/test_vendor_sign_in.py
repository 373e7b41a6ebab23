"""Where a vendor sends somebody back to who signs in there."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from aiohttp.test_utils import make_mocked_request

from watchfloor.web.forwarded import PEER, Peer
from watchfloor.web.handlers.vendor_side import begin_sign_in, returned


@pytest.mark.parametrize(("secure", "scheme"), [(True, "https"), (False, "http")])
async def test_they_come_back_to_the_hub_as_their_browser_sees_it(secure, scheme):
    """Behind a proxy the hub itself speaks in clear, and the vendor knows the address outside."""
    asked = []

    async def begin(source, person, back):
        asked.append((source, person, back))
        return "https://vendor.example.org/authorize"

    request = make_mocked_request("POST", "/", headers={"Host": "hub.example.org"})
    request[PEER] = Peer("192.0.2.7", secure=secure)
    hub = SimpleNamespace(lookups=SimpleNamespace(begin_sign_in=begin))
    call = SimpleNamespace(request=request, hub=hub, params={"source": "plates"}, person="ana")
    assert (await begin_sign_in(call)).url == "https://vendor.example.org/authorize"
    back = f"{scheme}://hub.example.org/api/v1/vendor-sign-in/plates/returned"
    assert asked == [("plates", "ana", back)]


ELSEWHERE = "x/../../search?q=ABC123#"
"""Led by this, a browser would ask the hub for something else, in its person's name."""


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_is_led_elsewhere_by_a_source_that_is_none(api):
    path = f"/vendor-sign-in/{quote(ELSEWHERE, safe='')}/returned"
    refused = await api.call("GET", path)
    assert (refused.status, refused.code) == (422, "bad_parameter")


async def test_the_page_that_goes_on_names_the_source_as_one_part_of_the_path():
    request = make_mocked_request("GET", "/?code=1")
    page = await returned(SimpleNamespace(request=request, params={"source": ELSEWHERE}))
    assert f"/vendor-sign-in/{quote(ELSEWHERE, safe='')}/finish?code=1" in page.text
