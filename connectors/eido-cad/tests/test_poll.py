"""What is told of incidents that appear, change, end and vanish; and what servers do."""

import json

import pytest
from aiohttp import web

from watchfloor_eido_cad.known import VANISHED
from watchfloor_sdk import AskAPerson, RetryLater
from watchfloor_sdk.testing import Fault


async def test_a_call_and_its_units_are_told_once(dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.feed(make.unit("3A12", 1))
    assert await poller.poll() == [("call/Z-00001", "Active"), ("unit/3A12", "Dispatched")]
    assert await poller.poll() == []
    poller.restart()
    assert await poller.poll() == []


async def test_everything_that_the_city_says_arrives(dispatch, poller, make):
    dispatch.feed(make.call(1, "ResourcesAssigned", units=("3A12",)))
    await poller.poll()
    found = poller.events[0].data
    assert found.place.point == (-90.03, 29.98)
    assert found.place.error_m == 60.0
    assert found.place.address == "030XX Example Ave"
    assert [note.text for note in found.notes] == ["caller hears <shots> & leaves"]
    assert (found.callback, found.plates, found.units) == ("555-0100", ["ZZT1234"], ["3A12"])
    assert (found.priority, found.self_initiated) == (1, False)
    assert set(dispatch.ledger) == {event.id for event in poller.events}


async def test_an_unchanged_incident_is_not_fetched_again(dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.feed(make.call(2))
    await poller.poll()
    dispatch.feed(make.call(2, "ResourcesAssigned", 1))
    before = dict(dispatch.requests)
    assert await poller.poll() == [("call/Z-00002", "ResourcesAssigned")]
    fetched = {path: n - before.get(path, 0) for path, n in dispatch.requests.items()}
    assert sum(n for path, n in fetched.items() if path.startswith("/EIDO")) == 1


async def test_only_the_unit_that_changed_is_told(dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.feed(make.unit("3A12", 1))
    dispatch.feed(make.unit("3B7", 1))
    await poller.poll()
    dispatch.feed(make.unit("3B7", 1, "OnScene", 2))
    assert await poller.poll() == [("unit/3B7", "OnScene")]


async def test_history_is_learnt_from_one_snapshot_to_the_next(dispatch, poller, make):
    steps = ["Active", "ResourcesAssigned", "ResourcesOnscene"]
    for minutes, status in enumerate(steps):
        dispatch.feed(make.call(1, status, minutes))
        await poller.poll()
        poller.restart()
    dispatch.feed(make.call(1, "Closed", 9))
    await poller.poll()
    found = poller.events[0].data
    assert found.initial_type.code == "94"
    assert (found.dispatched.minute, found.arrived.minute, found.closed.minute) == (15, 16, 23)


async def test_a_time_that_was_not_seen_is_not_made_up(dispatch, poller, make):
    dispatch.feed(make.call(1, "ResourcesEnroute", 3))
    await poller.poll()
    dispatch.feed(make.call(1, "ResourcesOnscene", 5))
    await poller.poll()
    found = poller.events[0].data
    assert (found.dispatched, found.arrived.minute) == (None, 19)


async def test_a_closed_call_is_fetched_once_more(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.feed(make.call(1, "Closed", 5))
    assert await poller.poll() == [("call/Z-00001", "Closed")]
    assert poller.checkpoint == {}
    assert await poller.poll() == []


async def test_a_call_that_vanished_says_so_in_a_note(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.unlist("Z-00001")
    assert await poller.poll() == []
    poller.restart()
    assert await poller.poll() == [("call/Z-00001", "Active")]
    assert poller.events[0].data.notes[-1].text == VANISHED
    assert await poller.poll() == []


async def test_an_old_document_of_a_call_that_has_closed_is_not_its_end(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.faults.add(Fault.duplicate(), path="/EIDO")
    dispatch.feed(make.call(1, "Closed", 5))
    assert await poller.poll() == []
    assert await poller.poll() == [("call/Z-00001", "Closed")]
    assert poller.checkpoint == {}


async def test_an_old_document_of_a_call_that_is_gone_makes_nothing_up(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.faults.add(Fault.duplicate(), path="/EIDO")
    dispatch.unlist("Z-00001", forget=True)
    assert await poller.poll() == []
    assert await poller.poll() == []
    assert poller.checkpoint == {}


async def test_an_old_list_ends_no_call(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.faults.add(Fault.instead(b'{"incidents": []}'), path="/Incidents")
    assert await poller.poll() == []
    dispatch.feed(make.call(1, "ResourcesAssigned", 1))
    assert await poller.poll() == [("call/Z-00001", "ResourcesAssigned")]
    assert poller.events[0].data.dispatched


async def test_a_call_that_is_gone_altogether_is_logged(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.unlist("Z-00001", forget=True)
    assert await poller.poll() == []
    assert poller.hub.logged[0][0] == "warning"
    assert poller.checkpoint == {}


async def test_a_call_that_closes_between_list_and_question_is_no_trouble(dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.faults.add(Fault.status(404), path="/EIDO")
    assert await poller.poll() == []
    assert await poller.poll() == [("call/Z-00001", "Active")]


async def test_one_document_that_cannot_be_read_holds_up_no_other(dispatch, poller, make):
    broken = Fault("broken", lambda *_: _answer(b'{"$id": "x", "incidentComponent": []}'))
    dispatch.feed(make.call(1))
    dispatch.feed(make.call(2))
    dispatch.faults.add(broken, path="/EIDO", times=2)
    assert await poller.poll() == []
    assert poller.rejected == ["bad_eido", "bad_eido"]
    dispatch.faults.add(broken, path="/EIDO")
    assert await poller.poll() == [("call/Z-00002", "Active")]
    assert poller.rejected == []
    assert await poller.poll() == [("call/Z-00001", "Active")]


async def test_a_document_that_is_not_utf_8_is_shown_byte_for_byte(dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.feed(make.call(2))
    dispatch.faults.add(Fault.not_utf8(after=b'"internalIncidentId":"'), path="/EIDO")
    assert await poller.poll() == [("call/Z-00002", "Active")]
    [bad] = [one for page in poller.pages for one in page.rejected]
    assert b'"internalIncidentId":"\xff' in bad.raw


async def _answer(body):
    return web.Response(body=body, content_type="application/json")


FAULTS = [
    (Fault.html(), "html_answer"),
    (Fault.status(429, retry_after=7), "rate_limited"),
    (Fault.status(429), "rate_limited"),
    (Fault.status(503), "vendor_unavailable"),
    (Fault.half_body(), "half_answer"),
]


@pytest.mark.parametrize("path", ["/Incidents", "/EIDO"])
@pytest.mark.parametrize(("fault", "code"), FAULTS, ids=[fault.name for fault, _ in FAULTS])
async def test_what_servers_do_loses_nothing(fault, code, path, dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.feed(make.call(2))
    dispatch.faults.add(fault, path=path, after=1 if path == "/EIDO" else 0)
    with pytest.raises(RetryLater) as caught:
        await poller.poll()
    assert caught.value.code == code
    told = [event.subject for event in poller.events]
    told += [subject for subject, _ in await poller.poll()]
    assert told == ["call/Z-00001", "call/Z-00002"]


@pytest.mark.parametrize("path", ["/Incidents", "/EIDO"])
async def test_a_server_that_hangs_is_left_at_the_deadline(path, dispatch, poller, make):
    dispatch.feed(make.call(1))
    dispatch.faults.add(Fault.hang(), path=path)
    poller.ctx.http._deadline_s = 0.2
    with pytest.raises(RetryLater) as caught:
        await poller.poll()
    assert caught.value.code == "vendor_timeout"
    assert await poller.poll() == [("call/Z-00001", "Active")]


async def test_a_refused_token_asks_a_person(dispatch, poller, make):
    poller.hub.credentials["token"] = {"token": "wrong"}
    with pytest.raises(AskAPerson):
        await poller.poll()


@pytest.mark.parametrize("body", [b"[]", b'{"incidents": {}}', b"{"])
async def test_a_list_that_is_none_vanishes_nobody(body, dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    kept = json.dumps(poller.checkpoint)
    dispatch.faults.add(Fault("odd list", lambda *_: _answer(body)), path="/Incidents")
    with pytest.raises(RetryLater):
        await poller.poll()
    assert json.dumps(poller.checkpoint) == kept


async def test_a_line_that_cannot_be_read_is_told_once_and_vanishes_nobody(dispatch, poller, make):
    dispatch.feed(make.call(1))
    await poller.poll()
    dispatch.feed(make.call(2))
    name = "urn:emergency:uid:incidentid:Z-00002:police.example.org"
    odd = [{"incidentId": name}, {"incidentId": "x", "lastUpdateTimeStamp": "soon"}]
    body = json.dumps({"incidents": odd}).encode()
    dispatch.faults.add(Fault("odd line", lambda *_: _answer(body)), path="/Incidents", times=2)
    assert await poller.poll() == [("call/Z-00002", "Active")]
    assert poller.rejected == ["bad_listing"]
    assert await poller.poll() == []
    assert poller.rejected == []
    assert len(poller.checkpoint) == 2


async def test_check_says_what_is_there(dispatch, poller, make):
    dispatch.feed(make.call(1))
    (finding,) = await poller.connector.check(poller.ctx)
    assert (finding.ok, finding.detail) == (True, "1 are active.")
