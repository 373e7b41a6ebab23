"""``ctx.http`` against a vendor that does everything wrong: each fault becomes the right error."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from msgspec import Struct

from watchfloor_sdk import AskAPerson, GiveUp, NotFound, Refused, RetryLater, WatchfloorError
from watchfloor_sdk.answer import VendorRejected, retry_after
from watchfloor_sdk.http import Answer, Http
from watchfloor_sdk.network import Network, host_port
from watchfloor_sdk.pace import Limit, Pace
from watchfloor_sdk.testing import Fault


@pytest.fixture
async def vendor(counter):
    counter.base_url = (await counter.start()).config["base_url"]
    yield counter
    await counter.stop()


@pytest.fixture
async def http(vendor):
    site = host_port(vendor.base_url)
    client = Http(Network([site], [site]), base_url=vendor.base_url, deadline_s=2)
    yield client
    await client.aclose()


async def caught(call) -> WatchfloorError:
    with pytest.raises(WatchfloorError) as info:
        await call
    return info.value


async def test_a_good_answer_comes_whole(vendor, http):
    vendor.feed(1)
    answer = await http.get("/reads", params={"after": 0, "absent": None})
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert answer.json()["reads"] == [1]


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (Fault.status(401), AskAPerson, "vendor_refused"),
        (Fault.status(403), AskAPerson, "vendor_refused"),
        (Fault.status(404), NotFound, "vendor_not_found"),
        (Fault.status(410), NotFound, "vendor_gone"),
        (Fault.status(422), VendorRejected, "vendor_rejected"),
        (Fault.status(429), RetryLater, "rate_limited"),
        (Fault.status(500), RetryLater, "vendor_unavailable"),
        (Fault.status(503), RetryLater, "vendor_unavailable"),
        (Fault.hang(), RetryLater, "vendor_timeout"),
        (Fault.half_body(), RetryLater, "half_answer"),
        (Fault.redirect("http://169.254.169.254/latest/meta-data"), Refused, "redirect_refused"),
        (Fault.redirect("http://127.0.0.1:22/"), Refused, "redirect_refused"),
        (Fault.redirect("file:///etc/passwd"), Refused, "redirect_refused"),
        (Fault.redirect("/reads"), GiveUp, "redirect_loop"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
async def test_each_fault_is_sorted_by_what_to_do_next(vendor, http, fault, error, code):
    vendor.faults.always(fault)
    deadline_s = 0.5 if code == "vendor_timeout" else 3.0
    asking = http.get("/reads?token=hush", deadline_s=deadline_s, headers={"x-key": "hush"})
    raised = await caught(asking)
    assert type(raised) is error
    assert raised.code == code
    assert "hush" not in f"{raised.detail} {raised.remedy} {raised!r}"


async def test_a_refusal_carries_its_status(vendor, http):
    vendor.faults.add(Fault.status(412))
    assert (await caught(http.get("/reads"))).status == 412


async def test_a_web_page_or_broken_json_is_said_in_words(vendor, http):
    vendor.faults.add(Fault.html())
    error = await caught(_json(http))
    assert (type(error), error.code) == (RetryLater, "html_answer")

    async def broken(_, __):
        return web.Response(body=b'{"reads": [1, 2', content_type="application/json")

    vendor.faults.add(Fault("broken", broken))
    assert (await caught(_json(http))).code == "broken_json"


async def _json(http):
    return (await http.get("/reads")).json()


@pytest.mark.parametrize("content_type", ["text/html", "text/plain"])
async def test_a_web_page_is_no_document_whatever_it_is_called(vendor, http, content_type):
    async def page(_, __):
        return web.Response(body=b"\n<!doctype html>", content_type=content_type)

    vendor.faults.add(Fault("page", page))
    answer = await http.get("/reads")
    with pytest.raises(RetryLater, match="where a CSV file was expected"):
        answer.document("a CSV file")
    assert (await http.get("/reads")).document("JSON").startswith(b"{")


class Shape(Struct):
    number: int


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"number": "seven"}', "unreadable_answer"),
        (b"[]", "unreadable_answer"),
        (b"", "unreadable_answer"),
        (b"\xff", "unreadable_answer"),
        (b'{"other": ' + b"[" * 100_000, "unreadable_answer"),
        (b"<html>", "html_answer"),
    ],
)
def test_what_is_not_as_documented_passes_by_and_shows_nothing_of_itself(body, code):
    with pytest.raises(RetryLater) as caught:
        Answer(200, {}, body, "x").read(Shape)
    assert caught.value.code == code
    assert "seven" not in caught.value.detail


def test_what_is_as_documented_is_read_by_its_shape():
    assert Answer(200, {}, b'{"number": 7, "more": 1}', "x").read(Shape) == Shape(7)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Sat, 02 May 2026 21:14:07 GMT", datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC)),
        ("Sat, 02 May 2026 21:14:07 -0000", datetime(2026, 5, 2, 21, 14, 7, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_when_a_document_was_written_is_read_in_utc(said, read):
    assert Answer(200, {"last-modified": said}, b"", "x").last_modified == read
    assert Answer(200, {}, b"", "x").last_modified is None


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_media_whose_address_ran_out_is_expired(vendor, http, status):
    vendor.faults.add(Fault.status(status))
    answer = await http.media("/big")
    assert (answer.body, answer.state) == (None, "expired")
    answer = await http.media("/big")
    assert (len(answer.body), answer.state) == (2_000_000, "fetched")


async def test_media_that_cannot_be_had_for_another_reason_is_not_expired(vendor, http):
    vendor.faults.always(Fault.status(503))
    assert isinstance(await caught(http.media("/big")), RetryLater)
    assert (await caught(http.media("http://127.0.0.1:1/x"))).code == "host_not_allowed"


async def test_one_nan_does_not_cost_the_page(vendor, http):
    async def odd(_, __):
        return web.Response(body=b'\xef\xbb\xbf{"lat": NaN, "ok": 1}', content_type="text/plain")

    vendor.faults.add(Fault("odd", odd))
    assert (await _json(http))["ok"] == 1


@pytest.mark.parametrize("said", ["7", "date", "soon", None])
async def test_retry_after_is_read_as_seconds_and_as_a_date(vendor, http, said):
    soon = datetime.now(UTC) + timedelta(seconds=30)
    vendor.faults.always(
        Fault.status(429, retry_after=format_datetime(soon) if said == "date" else said)
    )
    wait = (await caught(http.get("/reads"))).retry_after
    if said == "7":
        assert wait == 7
    elif said == "date":
        assert 25 < wait <= 30
    else:
        assert wait is None


async def test_a_huge_body_is_cut_off(http):
    error = await caught(http.get("/big", max_body=100_000))
    assert (type(error), error.code) == (GiveUp, "body_too_large")


async def test_a_host_that_is_not_listed_is_not_reached(http):
    error = await caught(http.get("http://127.0.0.1:1/"))
    assert error.code == "host_not_allowed"


async def test_no_one_listening_is_a_matter_of_time():
    http = Http(Network(["127.0.0.1:1"]))
    assert (await caught(http.get("http://127.0.0.1:1/"))).code == "vendor_unreachable"
    await http.aclose()


async def test_a_redirect_to_another_allowed_host_takes_no_headers_along(vendor, counter):
    other = type(counter)()
    other.base_url = (await other.start()).config["base_url"]
    sites = [host_port(vendor.base_url), host_port(other.base_url)]
    http = Http(Network(sites, sites))
    vendor.faults.add(Fault.redirect(other.base_url + "/reads"))
    answer = await http.get(vendor.base_url + "/reads", headers={"x-key": "hush"})
    assert answer.json()["auth"] is None
    vendor.faults.add(Fault.redirect(vendor.base_url + "/reads"))
    answer = await http.get(vendor.base_url + "/reads", headers={"x-key": "mine"})
    assert answer.json()["auth"] == "mine", "on the same host they stay"
    await asyncio.gather(http.aclose(), other.stop())


async def test_a_name_that_leads_inside_is_refused_unless_the_agency_wrote_it(vendor):
    port = vendor.base_url.rpartition(":")[2]
    site = f"localhost:{port}"
    outside, inside = Http(Network([site])), Http(Network([site], [site]))
    error = await caught(outside.get(f"http://{site}/reads"))
    assert (type(error), error.code) == (Refused, "internal_address")
    assert (await inside.get(f"http://{site}/reads")).status == 200
    await asyncio.gather(outside.aclose(), inside.aclose())


async def test_the_connection_goes_to_the_address_that_was_checked(vendor, monkeypatch):
    """DNS rebinding: a second look-up would lead elsewhere, so there must be none."""
    port = int(vendor.base_url.rpartition(":")[2])
    asked = []
    network = Network([f"vendor.example.org:{port}"], [f"vendor.example.org:{port}"])

    async def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.1"]

    monkeypatch.setattr("watchfloor_sdk.network._resolve", resolve)
    http = Http(network)
    assert (await http.get(f"http://vendor.example.org:{port}/reads")).status == 200
    assert asked == ["vendor.example.org"]
    await http.aclose()


async def test_the_fake_of_the_client_library_works_with_it(httpx2_mock):
    """Authors may test with ``httpx2_mock`` instead of a simulator."""
    httpx2_mock.get("https://api.example.org/reads").respond(json={"reads": [1]})
    http = Http(Network(["api.example.org:443"]), base_url="https://api.example.org")
    assert (await http.get("/reads")).json() == {"reads": [1]}
    await http.aclose()


# --- Tries, turns and clocks -----------------------------------------------------------------


async def test_a_call_that_may_be_repeated_is_tried_again(vendor, http):
    vendor.faults.queue([Fault.status(503), Fault.half_body()])
    assert (await http.get("/reads")).status == 200
    assert vendor.requests["/reads"] == 3


async def test_after_three_tries_the_caller_hears_of_it(vendor, http):
    vendor.faults.always(Fault.status(503))
    assert (await caught(http.get("/reads"))).code == "vendor_unavailable"
    assert vendor.requests["/reads"] == 3


async def test_what_changes_something_is_not_repeated_unless_the_vendor_says_so(vendor, http):
    vendor.faults.add(Fault.status(503))
    assert (await caught(http.post("/reads", json={}))).code == "vendor_unavailable"
    assert vendor.requests["/reads"] == 1
    vendor.faults.queue([Fault.status(503, retry_after=1), Fault.redirect("/nowhere")])
    assert (await caught(http.post("/reads", json={}))).code == "vendor_not_found"
    assert vendor.requests["/reads"] == 3


async def test_a_named_wait_is_kept_to_before_the_next_try(vendor, http):
    vendor.faults.add(Fault.status(429, retry_after=1))
    began = asyncio.get_running_loop().time()
    assert (await http.get("/reads")).status == 200
    assert 1 <= asyncio.get_running_loop().time() - began < 1.9


async def test_a_wait_beyond_the_deadline_is_left_to_the_caller(vendor, http):
    vendor.faults.always(Fault.status(429, retry_after=60))
    began = asyncio.get_running_loop().time()
    for call in (http.get("/reads"), http.post("/reads"), http.media("/big")):
        error = await caught(call)
        assert (error.code, error.detail[-4:]) == ("rate_limited", "429.")
        assert 59 < error.retry_after <= 60
    assert asyncio.get_running_loop().time() - began < 0.5
    assert vendor.requests == {"/reads": 1}, "the others were not even asked"


async def test_all_who_ask_one_vendor_share_its_pace(vendor, http):
    """A storm of 429s: polls, pictures and a view of its own together make one probe a second."""
    vendor.faults.always(Fault.status(429, retry_after=1))
    view = http.vendor(base_url=vendor.base_url)
    calls = [http.get("/reads"), view.get("/reads"), http.media("/big")] * 5
    await asyncio.gather(*calls, return_exceptions=True)
    before = sum(vendor.requests.values())
    again = [http.get("/reads", deadline_s=1.5), view.post("/reads"), http.media("/big")]
    await asyncio.gather(*again, return_exceptions=True)
    assert sum(vendor.requests.values()) - before <= 2


async def test_a_limit_that_is_given_once_holds_for_all(vendor, http):
    http.vendor(base_url=vendor.base_url, pace=Pace(Limit(1, per_s=60)))
    assert (await http.get("/reads")).status == 200
    error = await caught(http.get("/reads"))
    assert error.code == "rate_limited"
    assert vendor.requests == {"/reads": 1}


async def test_a_call_may_have_a_pace_of_its_own(vendor, http):
    channel = Pace(Limit(1, per_s=60))
    assert (await http.get("/reads", pace=channel)).status == 200
    assert (await caught(http.get("/reads", pace=channel))).code == "rate_limited"
    assert (await http.get("/reads")).status == 200


async def test_a_body_is_not_carried_to_another_host(vendor, counter):
    """It may hold what proves who asks."""
    other = type(counter)()
    other.base_url = (await other.start()).config["base_url"]
    sites = [host_port(vendor.base_url), host_port(other.base_url)]
    http = Http(Network(sites, sites))

    async def moved(_, __):
        return web.Response(status=307, headers={"Location": other.base_url + "/reads"})

    vendor.faults.add(Fault("moved", moved))
    error = await caught(http.post(vendor.base_url + "/reads", data={"password": "hush"}))
    assert error.code == "redirect_refused"
    assert not other.requests
    await asyncio.gather(http.aclose(), other.stop())


async def test_addresses_are_joined_to_the_base_address(vendor):
    site = host_port(vendor.base_url)
    http = Http(Network([site], [site]), base_url=vendor.base_url + "/v1/", tries=1)
    for url in ("/reads", "reads", "reads?after=http://x/"):
        await caught(http.get(url))
    await http.get(vendor.base_url + "/reads")
    assert vendor.requests == {"/v1/reads": 3, "/reads": 1}
    await http.aclose()


async def test_the_vendors_clock_is_learnt_from_its_answers(vendor, http):
    async def ahead(_, __):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        return web.json_response({}, headers={"Date": date})

    vendor.faults.always(Fault("ahead", ahead))
    await http.get("/reads")
    assert abs(http.skew.estimate.seconds - 90) <= http.skew.estimate.error_s < 1.5


async def test_a_date_out_of_a_cache_says_nothing_about_a_clock(vendor, http):
    async def cached(_, __):
        return web.json_response({}, headers={"Age": "3600"})

    vendor.faults.always(Fault("cached", cached))
    await http.get("/reads")
    assert http.skew.estimate is None


def test_a_wait_until_a_date_is_by_the_clock_that_wrote_it():
    headers = {
        "date": "Sat, 02 May 2020 21:14:07 GMT",
        "retry-after": "Sat, 02 May 2020 21:14:37 GMT",
    }
    assert retry_after(headers) == 30
