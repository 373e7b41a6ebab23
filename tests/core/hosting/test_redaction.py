"""Credentials are not shown, in whatever form they were sent."""

import base64
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from watchfloor.hosting.redaction import Redactor

VALUE = {"user": "watch", "password": "p@ss w/ord"}


@pytest.mark.parametrize(
    "shown",
    [
        "p@ss w/ord",
        quote("p@ss w/ord", safe=""),
        base64.b64encode(b"p@ss w/ord").decode(),
        base64.b64encode(b"watch:p@ss w/ord").decode(),
    ],
)
def test_each_form_is_taken_out(shown):
    redactor = Redactor()
    redactor.learn(VALUE)
    cleaned = redactor.clean(f"GET /x?key={shown}&y=1")
    assert shown.rstrip("=") not in cleaned
    assert cleaned.startswith("GET /x?key=[credential]")


def test_short_values_do_not_black_out_every_line():
    redactor = Redactor()
    redactor.learn({"pin": "1"})
    assert redactor.clean("1 of 10 reads") == "1 of 10 reads"


SECRET = 'canary-SIM-7"\\é+/'


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(repr(ValueError(SECRET)), ensure_ascii=False),
        json.dumps(json.dumps({"error": SECRET}, ensure_ascii=False), ensure_ascii=False),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        *(base64.b64encode(b"x" * n + SECRET.encode() + b" is wrong").decode() for n in range(4)),
        *(base64.urlsafe_b64encode(b"x" * n + SECRET.encode()).decode() for n in range(4)),
    ],
)
def test_nothing_that_is_kept_has_it_in_any_form(shown):
    redactor = Redactor()
    redactor.learn({"username": "watch-officer-1", "secret": SECRET}, {"username"})
    cleansed = redactor.cleanse(f"before {shown} watch-officer-1".encode()).decode()
    assert cleansed.startswith("before ")
    assert cleansed.endswith(" watch-officer-1"), "a user's name is no secret"
    assert shown not in cleansed
    for part in re.findall(r"[A-Za-z0-9+/_-]{8,}=*", cleansed):
        decoded = base64.urlsafe_b64decode(part.translate({43: 45, 47: 95}) + "===")
        assert b"canary" not in decoded


def test_base64_stays_base64_and_json_json():
    redactor = Redactor()
    redactor.learn({"secret": SECRET})
    page = json.dumps({"a": [SECRET, 1]}, ensure_ascii=False).encode()
    assert json.loads(redactor.cleanse(page)) == {"a": ["[credential]", 1]}
    wrapped = base64.b64encode(b"\xff" + SECRET.encode() + b"\xff")
    left = base64.b64decode(redactor.cleanse(wrapped), validate=True)
    assert (left[:1], left[-1:], len(left)) == (b"\xff", b"\xff", len(SECRET.encode()) + 2)


def test_a_private_key_is_known_by_each_of_its_lines():
    body = [base64.b64encode(bytes(range(n, n + 48))).decode() for n in range(0, 192, 48)]
    pem = "\n".join(["-----BEGIN PRIVATE KEY-----", *body, "-----END PRIVATE KEY-----"])
    redactor = Redactor()
    redactor.learn({"private_key": pem})
    kept = redactor.cleanse(json.dumps({"said": pem}).encode()).decode()
    assert not [line for line in body if line in kept]
    assert "-----BEGIN PRIVATE KEY-----" in kept


@pytest.mark.parametrize("word", ["password", "watchfloor", "12345678", "secret1"])
def test_a_weak_secret_falsifies_nothing_that_is_kept(word):
    redactor = Redactor()
    redactor.learn({"secret": word})
    event = json.dumps({"password": "watchfloor", "id": 123456789, "note": "secret1"}).encode()
    assert redactor.cleanse(event) is event


def test_a_text_that_was_cut_within_a_secret_has_nothing_of_it():
    redactor = Redactor()
    redactor.learn({"secret": "canary-SIM-0123456789"})
    for length in range(8, 21):
        cut = "The vendor says canary-SIM-0123456789"[: 16 + length]
        assert redactor.clean(cut) == "The vendor says [credential]"
    assert redactor.clean("The vendor says canary") == "The vendor says canary"


def test_what_is_shown_in_quotes_is_taken_out_of_texts():
    redactor = Redactor()
    redactor.learn({"secret": SECRET})
    assert (
        redactor.clean(f"It fails: {ValueError(SECRET)!r}")
        == "It fails: ValueError('[credential]')"
    )
