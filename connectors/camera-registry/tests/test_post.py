"""Letters leave once, or stay until they can."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest

from watchfloor_camera_registry_desk import Settings
from watchfloor_camera_registry_desk.book import Letter
from watchfloor_camera_registry_desk.footage import Questioner
from watchfloor_camera_registry_desk.mailbag import Mailbag
from watchfloor_camera_registry_desk.post import TRIES, Post, Undeliverable, carrier, message
from watchfloor_email_simulator import EmailSimulator

SETTINGS = Settings(
    agency="Example Police Department",
    contact="cameras@police.example.org",
    evidence="Bring it to any station.",
    sender="cameras@police.example.org",
    time_zone="America/Chicago",
)
LETTER = Letter(
    id=7,
    recipient="zed@example.org",
    subject="Confirm",
    body="Grüße\n",
    made=1777756440,
    tries=0,
)


class Carrier:
    def __init__(self, *errors):
        self.errors = list(errors)
        self.carried = []

    def __call__(self, letter):
        if self.errors:
            raise self.errors.pop(0)
        self.carried.append(letter)


def test_a_letter_that_cannot_leave_now_leaves_later_and_no_other_waits_for_it(at_work, caplog):
    at_work.register()
    at_work.register(email="other@example.org")
    carrier = Carrier(OSError("zed@example.org: try later"))
    post = Post(Mailbag(at_work.book), carrier)
    assert post.deliver() == 1
    assert [one.recipient for one in carrier.carried] == ["other@example.org"]
    at_work.now += timedelta(minutes=1)
    assert post.deliver() == 1
    assert "zed" not in caplog.text


def test_a_letter_is_not_tried_for_ever(at_work):
    at_work.register()
    carrier = Carrier(*[OSError() for _ in range(TRIES)])
    post = Post(Mailbag(at_work.book), carrier)
    for _ in range(TRIES):
        assert post.deliver() == 0
        at_work.now += timedelta(hours=1)
    assert at_work.count("letters") == 0


def test_a_request_whose_letter_nobody_takes_says_so(at_work):
    camera, _ = at_work.confirmed()
    at_work.ask(camera)
    Post(Mailbag(at_work.book), Carrier(Undeliverable())).deliver()
    by = Questioner(requester="Casey Analyst", purpose="investigation")
    (request,) = at_work.desk.footage.of_case("SIM-1", by)
    assert (request.state, request.sent) == ("undeliverable", None)


@asynccontextmanager
async def mail_server(monkeypatch, tmp_path, *, secure):
    """A server with a certificate of an authority that this machine is told to trust, and the
    settings of a desk that writes by it."""
    server = EmailSimulator(secure=secure)
    setup = await server.start()
    monkeypatch.setenv("SSL_CERT_FILE", setup.config["authority_file"])
    password = tmp_path / "password"
    password.write_text(setup.credentials["mailbox"]["password"] + "\n")
    try:
        yield (
            server,
            msgspec.structs.replace(
                SETTINGS,
                server=setup.config["server"],
                username="alerts",
                password_file=str(password),
            ),
        )
    finally:
        await server.stop()


@pytest.mark.parametrize("secure", [False, True], ids=["starttls", "tls"])
async def test_a_letter_goes_to_the_agencys_server(monkeypatch, tmp_path, secure):
    async with mail_server(monkeypatch, tmp_path, secure=secure) as (server, settings):
        await asyncio.to_thread(carrier(settings, tmp_path), LETTER)
    (taken,) = server.letters.values()
    assert (taken.sender, taken.recipients) == (settings.sender, ("zed@example.org",))
    assert "Grüße" in message_from_bytes(taken.raw, policy=default).get_content()


@pytest.mark.parametrize(
    ("reply", "raised"),
    [(b"550 5.1.1 No such user", Undeliverable), (b"451 4.3.0 Later", OSError)],
)
async def test_nobody_there_and_not_now_are_two_things(monkeypatch, tmp_path, reply, raised):
    async with mail_server(monkeypatch, tmp_path, secure=True) as (server, settings):
        server.play.replies["zed@example.org"] = [reply]
        with pytest.raises(raised):
            await asyncio.to_thread(carrier(settings, tmp_path), LETTER)


async def test_without_a_trusted_certificate_nothing_is_said(monkeypatch, tmp_path):
    async with mail_server(monkeypatch, tmp_path, secure=False) as (server, settings):
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(carrier(settings, tmp_path), LETTER)
    assert (server.letters, server.logins) == ({}, 0)


def test_a_letter_is_called_the_same_with_every_try():
    first, again = (message(LETTER, SETTINGS)["Message-ID"] for _ in range(2))
    assert first == again == "<camera-registry.1777756440.7@police.example.org>"
