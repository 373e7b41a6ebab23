"""A real worker sends to the simulated server, over TLS that it verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from itertools import islice
from typing import Any

import pytest

from watchfloor_email.connector import Email
from watchfloor_email.settings import Settings
from watchfloor_email_simulator import EmailSimulator
from watchfloor_sdk import AskAPerson, Context, Refused, RetryLater, WatchfloorError
from watchfloor_sdk.simulation import made_up_alert
from watchfloor_sdk.testing import HubDouble, Worker, check_manifest, simulated, worker_process

WATCH, DESK = "watch@agency.example.org", "desk@agency.example.org"


@asynccontextmanager
async def at_work(server: EmailSimulator) -> AsyncIterator[Worker]:
    """A worker process that is set up for the simulator."""
    setup = await server.start()
    try:
        async with worker_process(setup.connector, HubDouble(setup.credentials)) as worker:
            await worker.initialize(setup.connector, setup.config)
            yield worker
            await worker.stop()
    finally:
        await server.stop()


@pytest.mark.parametrize("secure", [False, True], ids=["STARTTLS", "TLS from the start"])
async def test_alerts_are_sent_and_the_receipt_is_the_servers_answer(secure: bool) -> None:
    server = EmailSimulator(secure=secure)
    async with at_work(server) as worker:
        receipts = [await worker.act(one) for one in islice(server.demo_requests(), 3)]
    assert [one.reference for one in receipts] == list(server.ledger)
    assert receipts[0].reference == "2.0.0 Ok: queued as SIM0001"
    assert {letter.recipients for letter in server.letters.values()} == {(WATCH, DESK)}
    subjects = [message_from_bytes(one.raw)["Subject"] for one in server.letters.values()]
    assert subjects == [f"Gunshot, danger to life (alert {number})" for number in (1, 2, 3)]


async def test_a_lost_answer_is_tried_again_by_the_hub_under_the_same_message_id() -> None:
    """Mail has no idempotency key: this is what at least once means."""
    server = EmailSimulator()
    server.play.lost = 1
    async with at_work(server) as worker:
        with pytest.raises(RetryLater):
            await worker.act(made_up_alert(1))
        await worker.act(made_up_alert(1))
    one, again = (message_from_bytes(letter.raw) for letter in server.letters.values())
    assert one["Message-ID"] == again["Message-ID"]


async def test_who_is_put_off_gets_it_later_and_the_others_get_it_once() -> None:
    server = EmailSimulator()
    server.play.replies[DESK] = [b"451 4.7.1 Greylisted, try again"]
    async with simulated(server, Settings) as ctx:
        connector = Email()
        with pytest.raises(RetryLater) as caught:
            await connector.act(ctx, made_up_alert(1))
        assert caught.value.code == "mail_deferred"
        receipt = await connector.act(ctx, made_up_alert(1))
    assert receipt.outcome == "done"
    assert [one.recipients for one in server.letters.values()] == [(WATCH,), (DESK,)]


async def test_one_recipient_that_is_refused_holds_up_no_other() -> None:
    server = EmailSimulator()
    server.play.replies[DESK] = [b"550 5.1.1 desk@agency.example.org unknown"]
    async with simulated(server, Settings) as ctx:
        receipt = await Email().act(ctx, made_up_alert(1))
    assert receipt.outcome == "done"
    assert receipt.detail == "The mail server refused 1 of 2 recipients (550)."
    assert [one.recipients for one in server.letters.values()] == [(WATCH,)]


def everybody(reply: bytes) -> dict[str, list[bytes]]:
    return {WATCH: [reply], DESK: [reply]}


@pytest.mark.parametrize(
    ("play", "kind", "code"),
    [
        ({"replies": everybody(b"451 4.7.1 Later")}, RetryLater, "mail_deferred"),
        ({"replies": everybody(b"550 5.1.1 Unknown")}, Refused, "mail_refused"),
        ({"to_mail": [b"550 5.7.1 Not your address"]}, Refused, "mail_refused"),
        ({"to_data": [b"554 5.7.1 Looks like spam"]}, Refused, "mail_refused"),
        ({"to_data": [b"452 4.3.1 Disk full"]}, RetryLater, "mail_deferred"),
        ({"drops": 1}, RetryLater, "vendor_unreachable"),
        ({"starttls": False}, AskAPerson, "mail_not_supported"),
    ],
)
async def test_what_goes_wrong_is_sorted_and_nothing_is_sent(
    play: dict[str, Any], kind: type[WatchfloorError], code: str
) -> None:
    server = EmailSimulator()
    for name, value in play.items():
        setattr(server.play, name, value)
    async with simulated(server, Settings) as ctx:
        with pytest.raises(kind) as caught:
            await Email().act(ctx, made_up_alert(1))
    assert caught.value.code == code
    assert caught.value.remedy
    assert "example.org" not in caught.value.detail + caught.value.remedy
    assert not server.ledger


@pytest.mark.parametrize("secure", [False, True])
async def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password(
    secure: bool,
) -> None:
    server = EmailSimulator(secure=secure)
    async with simulated(server, Settings, authority_file=None) as ctx:
        with pytest.raises(AskAPerson) as caught:
            await Email().act(ctx, made_up_alert(1))
    assert caught.value.code == "certificate"
    assert not server.logins


async def _code(ctx: Context[Settings]) -> str:
    with pytest.raises(WatchfloorError) as caught:
        await Email().check(ctx)
    return caught.value.code


async def test_check_names_what_is_wrong_and_sends_nothing() -> None:
    server = EmailSimulator()
    async with simulated(server, Settings) as ctx:
        assert [one.ok for one in await Email().check(ctx)] == [True]
        server.play.replies[DESK] = [b"550 5.1.1 Unknown"]
        _, wrong = await Email().check(ctx)
        assert (wrong.ok, wrong.what) == (False, "setting recipients, number 2")
        server.play.to_mail = [b"553 5.7.1 Not yours"]
        _, wrong = await Email().check(ctx)
        assert (wrong.ok, wrong.what) == (False, "setting sender")
        server.rotate()
        assert await _code(ctx) == "vendor_refused"
        await server.cut()
        assert await _code(ctx) == "vendor_unreachable"
    assert not server.ledger


async def test_an_authority_file_that_is_none_is_a_setting_to_correct() -> None:
    async with simulated(EmailSimulator(), Settings, authority_file="/nowhere.pem") as ctx:
        assert await _code(ctx) == "mail_authority"


def test_the_manifest_fits_its_schema_and_the_settings() -> None:
    check_manifest(Email)
