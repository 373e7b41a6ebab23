"""Actions without code: what goes out, what comes back, and how often."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from declaring import asked

from watchfloor_sdk import (
    ActionReceipt,
    ActionRequest,
    AskAPerson,
    GiveUp,
    Refused,
    RetryLater,
    WatchfloorError,
)
from watchfloor_sdk.simulation import made_up_alert

TEXTS = ("call", "text", "priority", "reference")
PARAMETERS = {"type": "object", "properties": {name: {"type": "string"} for name in TEXTS}}


def declared(*names: str) -> list[dict[str, Any]]:
    """Actions, as connector.json has them."""
    return [{"name": name, "title": name, "parameters": PARAMETERS} for name in names]


NOTE = {
    "action": "add-note",
    "values": {"urgency": {"path": "parameters.priority", "table": "urgencies",
                           "otherwise": "=normal"}},
    "request": {
        "method": "POST",
        "path": "/calls/{parameters.call}/notes",
        "headers": {"idempotency-key": "{order.key}"},
        "body": {"text": "{parameters.text}", "by": "{order.requested_by}",
                 "agency": "{settings.owner}", "marks": [{"urgency": "{values.urgency}"}]},
    },
    "escape": {"<": "&lt;"},
    "receipt": {"reference": "note.id",
                "outcome": {"path": "note.state", "table": "outcomes", "otherwise": "=done"},
                "detail": "note.why"},
    "repeatable": True,
}  # fmt: skip
UNDO = {
    "action": "remove-note",
    "request": {"method": "DELETE", "path": "/notes/{parameters.reference}"},
}
NOTES = {
    "name": "test",
    "tables": {"urgencies": {"values": {"1": "high"}},
               "outcomes": {"values": {"filed": "done", "barred": "refused"}}},
    "actions": [NOTE, UNDO],
}  # fmt: skip


def order(action: str = "add-note", **parameters: str) -> ActionRequest:
    return ActionRequest(
        idempotency_key="a-1", action=action, requested_by="dispatcher", parameters=parameters
    )


class Vendor:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.answer = answer
        self.status = status
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[Any] = []

    async def answer_to(self, request: web.Request) -> web.StreamResponse:
        form = request.content_type == "application/x-www-form-urlencoded"
        body = dict(await request.post()) if form else json.loads(await request.text() or "null")
        self.asked.append((request.method, request.raw_path, body))
        self.headers.append(request.headers)
        if self.answer is None:
            return web.Response(status=self.status, headers={"location": "/notes/n-9"})
        return web.Response(text=json.dumps(self.answer), status=self.status)


async def acted(connector: Any, vendor: Vendor, request: ActionRequest) -> ActionReceipt:
    async with asked(connector, vendor.answer_to, owner="Example <PD>") as ctx:
        receipt: ActionReceipt = await connector().act(ctx, request)
        return receipt


@pytest.fixture
def notes(package: Callable[..., Any]) -> Any:
    return package(NOTES, actions=declared("add-note", "remove-note"))


async def test_what_an_action_is_told_goes_out_and_the_receipt_is_the_vendors(notes: Any) -> None:
    vendor = Vendor({"note": {"id": 17, "state": "filed"}})
    told = order(call="2026/7", text='a < "b"', priority="1")
    receipt = await acted(notes, vendor, told)
    assert vendor.asked == [
        (
            "POST",
            "/calls/2026%2F7/notes",
            {
                "text": 'a &lt; "b"',
                "by": "dispatcher",
                "agency": "Example <PD>",
                "marks": [{"urgency": "high"}],
            },
        )
    ]
    assert vendor.headers[0]["idempotency-key"] == "a-1"
    assert (receipt.outcome, receipt.reference, receipt.detail) == ("done", "17", None)


async def test_the_vendor_says_that_it_refused(notes: Any) -> None:
    vendor = Vendor({"note": {"state": "barred", "why": "The call is closed."}})
    receipt = await acted(notes, vendor, order(call="1", text="x"))
    assert (receipt.outcome, receipt.detail) == ("refused", "The call is closed.")
    assert vendor.asked[0][2]["marks"] == [{"urgency": "normal"}]


async def test_an_undo_is_an_action_that_is_told_the_reference(notes: Any) -> None:
    vendor = Vendor(None, status=204)
    receipt = await acted(notes, vendor, order("remove-note", reference="17"))
    assert vendor.asked == [("DELETE", "/notes/17", None)]
    assert (receipt.outcome, receipt.reference) == ("done", None)


@pytest.mark.parametrize("reference", [{}, {"reference": ""}, {"reference": ".."}])
async def test_an_address_that_lacks_a_part_or_leads_elsewhere_is_not_asked(
    notes: Any, reference: dict[str, str]
) -> None:
    vendor = Vendor(None)
    with pytest.raises(Refused):
        await acted(notes, vendor, order("remove-note", **reference))
    assert not vendor.asked


async def test_a_reference_may_stand_in_a_header(package: Callable[..., Any]) -> None:
    action = {**UNDO, "receipt": {"reference": "@headers.location"}}
    connector = package({"name": "test", "actions": [action]}, actions=declared("remove-note"))
    receipt = await acted(connector, Vendor(None, 204), order("remove-note", reference="1"))
    assert receipt.reference == "/notes/n-9"


async def test_what_may_have_been_done_is_asked_for_again_only_where_that_is_harmless(
    notes: Any,
) -> None:
    lost, limited = Vendor({}, status=500), Vendor({}, status=429)
    with pytest.raises(RetryLater):
        await acted(notes, lost, order(call="1", text="x"))
    receipt = await acted(notes, Vendor({}, 500), order("remove-note", reference="17"))
    assert receipt.outcome == "failed"
    assert "not known" in (receipt.detail or "")
    with pytest.raises(RetryLater):  # nothing was done
        await acted(notes, limited, order("remove-note", reference="17"))


async def test_a_receipt_that_cannot_be_read_is_not_taken_for_done(notes: Any) -> None:
    vendor = Vendor({"note": {"id": {"a": 1}}})
    receipt = await acted(notes, vendor, order(call="1", text="x"))
    assert receipt.outcome == "failed"


async def test_an_action_that_is_not_declared_is_none(notes: Any) -> None:
    with pytest.raises(GiveUp) as caught:
        await acted(notes, Vendor({}), order("burn-notes"))
    assert caught.value.code == "unknown_action"


# --- Alerts to people --------------------------------------------------------------------------

CARD = {
    "name": "Alerts as cards",
    "actions": [
        {
            "action": "deliver-alert",
            "request": {
                "method": "POST",
                "path": "/workflow",
                "body": {
                    "type": "message",
                    "attachments": [
                        {
                            "contentType": "application/vnd.microsoft.card.adaptive",
                            "content": {
                                "type": "AdaptiveCard",
                                "version": "1.4",
                                "body": [
                                    {"type": "TextBlock", "text": "{alert.headline}"},
                                    {"type": "TextBlock", "text": "{alert.text}", "wrap": True},
                                ],
                            },
                        }
                    ],
                },
            },
            "escape": {"\n": "\n\n", "*": "\\*", "_": "\\_", "[": "\\["},
            "repeatable": True,
        }
    ],
}
MESSAGE = {
    "name": "Alerts as short messages",
    "auth": {"flow": "basic", "credential": "account"},
    "pace": {"calls": 1},
    "actions": [
        {
            "action": "deliver-alert",
            "request": {
                "method": "POST",
                "path": "/Messages.json",
                "form": {
                    "To": "{settings.owner}",
                    "Body": "{alert.headline}\n{parameters.data.link}",
                },
            },
            "receipt": {"reference": "sid"},
            "repeatable": True,
        }
    ],
    "failures": {"word": "error_code", "known": [
        {"words": [21610], "then": "ask", "code": "vendor_rejected", "setting": "owner",
         "remedy": "The number has said STOP: take another."}]},
}  # fmt: skip
ALERT = [{"name": "deliver-alert", "title": "x", "parameters": {
    "type": "object", "properties": {"type": {}, "timestamp": {}, "data": {}}}}]  # fmt: skip


async def test_an_alert_as_a_card(package: Callable[..., Any]) -> None:
    """The shape that a Teams workflow takes; it answers with nothing."""
    vendor = Vendor(None, 202)
    receipt = await acted(package(CARD, actions=ALERT), vendor, made_up_alert(7, title="*a_b* [c]"))
    [(_, _, card)] = vendor.asked
    first, second = (one["text"] for one in card["attachments"][0]["content"]["body"])
    assert first == "Gunshot, danger to life (alert 7)"
    assert second.startswith("What: \\*a\\_b\\* \\[c]\n\nNews: New alert\n\n")
    assert receipt.outcome == "done"


@pytest.fixture
def message(package: Callable[..., Any]) -> Any:
    account = {"name": "account", "kind": "basic", "title": "Account", "help": "x"}
    return package(MESSAGE, actions=ALERT, credentials=[account])


async def test_an_alert_as_a_short_message(message: Any) -> None:
    """The shape that Twilio takes: a form, and the receipt's reference is its ``sid``."""
    vendor = Vendor({"sid": "SM1", "error_code": None})
    receipt = await acted(message, vendor, made_up_alert(7))
    [(_, path, form)] = vendor.asked
    assert path == "/Messages.json"
    assert form == {
        "To": "Example <PD>",
        "Body": "Gunshot, danger to life (alert 7)\nhttps://hub.example.org/alerts/7",
    }
    assert vendor.headers[0]["authorization"].startswith("Basic ")
    assert receipt.reference == "SM1"


# --- Failures that come with success -----------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "kind", "code", "said"),
    [
        (21610, AskAPerson, "vendor_rejected", "21610"),
        (30001, RetryLater, "vendor_failed", "30001"),
        ("+1 504 555-0100 is no number", RetryLater, "vendor_failed", "unknown"),
        ({"any": "thing"}, RetryLater, "vendor_failed", "unknown"),
    ],
)
async def test_a_word_in_the_answer_is_an_error(
    message: Any, word: Any, kind: type[WatchfloorError], code: str, said: str
) -> None:
    with pytest.raises(kind) as caught:
        await acted(message, Vendor({"error_code": word}), made_up_alert(7))
    assert caught.value.code == code
    assert said in caught.value.detail
    assert caught.value.remedy


@pytest.mark.parametrize("answer", [{"rows": [], "ok": False, "error": "busy"}, ["busy"]])
async def test_a_source_that_failed_inside_200_is_asked_again(
    package: Callable[..., Any], answer: Any
) -> None:
    output = {"event": "call", "id": "id", "time": "at",
              "fields": {"call_number": "id", "status": "=Active",
                         "incident_type.text": "=Test"}}  # fmt: skip
    file = {
        "name": "test",
        "failures": {"when": {"path": "ok", "none_of": [True]}, "word": "error"},
        "sources": [{"name": "s", "request": {"path": "/"}, "layout": {"records": "rows"},
                     "outputs": [output]}],
    }  # fmt: skip
    connector, vendor = package(file), Vendor(answer)
    async with asked(connector, vendor.answer_to) as ctx:
        with pytest.raises(RetryLater) as caught:
            [page async for page in connector().poll(ctx, None)]
        assert caught.value.code == "vendor_failed"
        vendor.answer = {"ok": True, "rows": [{"id": "Z-1", "at": "2026-05-02T20:00:00Z"}]}
        pages = [page async for page in connector().poll(ctx, None)]
    assert [event.id for page in pages for event in page.events] == ["Z-1"]


async def test_the_check_asks_what_changes_nothing(package: Callable[..., Any]) -> None:
    probe = {"request": {"path": "/probe"}, "good": [21604], "detail": "It would take one."}
    account = {"name": "account", "kind": "basic", "title": "Account", "help": "x"}
    connector = package({**MESSAGE, "check": probe}, actions=ALERT, credentials=[account])
    found = []
    for word in (21604, 21610, 30001, None):
        async with asked(connector, Vendor({"error_code": word}).answer_to) as ctx:
            [_, finding] = await connector().check(ctx)
            found.append((finding.ok, finding.what))
    assert found == [
        (True, "connection"), (False, "setting owner"), (False, "connection"),
        (True, "connection"),
    ]  # fmt: skip
