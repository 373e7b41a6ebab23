"""The desk over HTTP: the form, the links, the hub's side, and who tries what they should not."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from watchfloor_camera_registry_desk import HubSide, Pages
from watchfloor_camera_registry_desk.guards import RateLimit
from watchfloor_camera_registry_desk.pages import MAX_BYTES

TOKEN = "SIM-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ASKED = {
    "start": "2026-05-02T19:00:00Z", "end": "2026-05-02T20:00:00Z", "case_number": "SIM-1",
    "reason": "A car was stolen nearby.", "requested_by": "Casey Analyst",
}  # fmt: skip
REQUEST = "/hub/footage-requests/FR-0123456789AB"


@asynccontextmanager
async def serving(at_work, limit=None):
    app = web.Application(client_max_size=MAX_BYTES)
    app.add_routes([*Pages(at_work.desk, limit).routes(), *HubSide(at_work.desk, TOKEN).routes()])
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def client(at_work):
    async with serving(at_work) as client:
        yield client


def path(link):
    return link.removeprefix("https://cameras.police.example.org")


async def press(client, link, **typed):
    """Follow a link and press its button; the page that comes."""
    answer = await client.get(path(link))
    assert answer.status == 200, await answer.text()
    pressed = await client.post(path(link), data=typed)
    return await pressed.text()


async def cameras(client):
    answer = await client.get("/hub/cameras", headers=BEARER)
    return (await answer.json())["features"]


async def test_from_the_form_to_the_list_and_off_it(client, at_work, form):
    answer = await client.post("/", data=form)
    assert "Look into your mail" in await answer.text()
    (letter,) = at_work.letters()
    assert await cameras(client) == []
    assert "is registered" in await press(client, letter.link("confirm"))
    (camera,) = await cameras(client)
    assert camera["geometry"] == {"type": "Point", "coordinates": [-90.03, 29.98]}
    (letter,) = at_work.letters()
    assert "It is deleted" in await press(client, letter.link("withdraw"))
    assert await cameras(client) == []
    gone = await client.get(path(letter.link("withdraw")))
    assert gone.status == 404


async def test_what_could_not_be_kept_is_not_acknowledged(client, at_work, form, caplog):
    at_work.book.close()
    answer = await client.post("/", data=form)
    assert answer.status == 503
    assert "Nothing was kept" in await answer.text()
    assert (await client.get("/hub/cameras", headers=BEARER)).status == 503
    assert "zed" not in caplog.text
    at_work.open()


async def test_following_a_link_does_nothing_until_the_button_is_pressed(client, at_work, form):
    """Mail scanners follow every link."""
    await client.post("/", data=form)
    (letter,) = at_work.letters()
    for what in ("confirm", "withdraw"):
        assert (await client.get(path(letter.link(what)))).status == 200
    assert at_work.count("registrations WHERE confirmed IS NULL") == 1


async def test_the_hub_never_learns_who_the_owner_is(client, at_work):
    camera, _ = at_work.confirmed(name="Zebulon Exampleson", address="7 Hidden Lane")
    await client.put(REQUEST, json={**ASKED, "camera": camera}, headers=BEARER)
    for question in ("/hub/cameras", "/hub/footage-requests?case=SIM-1&requester=C&purpose=p"):
        text = await (await client.get(question, headers=BEARER)).text()
        assert camera in text
        for word in ("Zebulon", "zed@", "Hidden"):
            assert word not in text


async def test_a_known_address_is_answered_like_any_other(client, at_work, form):
    at_work.confirmed()
    first = await client.post("/", data=form | {"submission": "first-of-these-two"})
    other = await client.post(
        "/", data=form | {"submission": "other-of-these-two", "email": "new@example.org"}
    )
    assert (first.status, first.url) == (other.status, other.url)
    assert await first.text() == await other.text()


async def test_hostile_words_are_words(client, at_work, form):
    nasty = '"><script>alert(1)</script>{{ 7*7 }}'
    answer = await client.post("/", data=form | {"name": nasty, "email": "no"})
    text = await answer.text()
    assert answer.status == 422
    assert "<script" not in text
    assert "{{ 7*7 }}" in text
    await client.post("/", data=form | {"name": nasty})
    (letter,) = at_work.letters()
    text = await (await client.get(path(letter.link("confirm")))).text()
    assert "<script" not in text


async def test_errors_stand_beside_their_fields_and_what_was_typed_stays(client, form):
    answer = await client.post("/", data=form | {"email": "nobody"})
    text = await answer.text()
    assert 'href="#email"' in text
    assert re.search(r'id="email".*aria-describedby="email-help email-wrong"', text)
    assert 'value="100 Example St"' in text
    assert f'value="{form["submission"]}"' in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({}, 200),
    ],
)
async def test_forms_of_other_sites_are_not_taken(client, at_work, form, headers, status):
    answer = await client.post("/", data=form, headers=headers)
    assert answer.status == status
    assert at_work.count("registrations") == (status == 200)


async def test_too_many_forms_are_turned_away_for_a_while(at_work, form):
    now = 0.0
    limit = RateLimit(calls=2, within_s=600, clock=lambda: now)
    async with serving(at_work, limit) as client:
        for _ in range(2):
            assert (await client.post("/", data=form)).status == 200
        answer = await client.post("/", data=form)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "600")
        now = 600.0
        assert (await client.post("/", data=form)).status == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a" * (MAX_BYTES + 1), "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
        (b"name=%ff%fe", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_bodies_that_are_no_forms(client, body, kind, status):
    answer = await client.post("/", data=body, headers={"Content-Type": kind})
    assert answer.status == status
    assert answer.content_type == "text/html"


async def test_a_body_without_a_length_is_bounded_too(client):
    async def endless():
        for _ in range(64):
            yield b"name=" + b"a" * 1024

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/", data=endless(), headers=kind)).status == 413


async def test_every_page_says_how_it_may_be_used(client):
    for page in ("/", "/sent", "/style.css", "/confirm/" + "A" * 32):
        headers = (await client.get(page)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "é"}])
async def test_without_the_token_the_hubs_side_says_nothing(client, at_work, shown):
    camera, _ = at_work.confirmed()
    answers = [
        await client.get("/hub/cameras", headers=shown),
        await client.get("/hub/footage-requests?case=SIM-1", headers=shown),
        await client.put(REQUEST, json={**ASKED, "camera": camera}, headers=shown),
        await client.delete(REQUEST, headers=shown),
    ]
    assert [one.status for one in answers] == [401] * 4
    assert at_work.count("requests") == 0


async def test_an_unchanged_list_is_not_sent_again(client, at_work):
    at_work.confirmed()
    first = await client.get("/hub/cameras", headers=BEARER)
    held = BEARER | {"If-None-Match": first.headers["ETag"]}
    assert (await client.get("/hub/cameras", headers=held)).status == 304
    at_work.confirmed(email="other@example.org")
    assert (await client.get("/hub/cameras", headers=held)).status == 200


@pytest.mark.parametrize(("word", "state"), [("yes", "will_help"), ("no", "declined")])
async def test_an_answer_comes_back_to_the_hub(client, at_work, word, state):
    camera, _ = at_work.confirmed()
    answer = await client.put(REQUEST, json={**ASKED, "camera": camera}, headers=BEARER)
    assert (await answer.json())["sent"] is None
    (letter,) = at_work.letters()
    page = await press(client, letter.link("answer"), answer=word)
    assert ("Bring it to any station." in page) == (word == "yes")
    answer = await client.get(
        "/hub/footage-requests",
        params={"case": "SIM-1", "requester": "Casey", "purpose": "investigation"},
        headers=BEARER,
    )
    (request,) = (await answer.json())["requests"]
    assert request["state"] == state
    assert request["sent"]
    assert request["answered"]


@pytest.mark.parametrize(
    "wrong",
    [{"start": "yesterday"}, {"start": "2026-05-02T19:00:00"}, {"reason": ""}, {"end": None}],
)
async def test_a_request_that_is_none_is_refused(client, at_work, wrong):
    camera, _ = at_work.confirmed()
    answer = await client.put(REQUEST, json={**ASKED, "camera": camera} | wrong, headers=BEARER)
    assert answer.status == 422
    assert at_work.count("requests") == 0


async def test_many_at_once_are_one(client, at_work, form):
    await asyncio.gather(*(client.post("/", data=form) for _ in range(10)))
    assert at_work.count("registrations") == 1
