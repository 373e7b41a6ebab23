"""A cassette that was not scrubbed, or was edited by hand, is known as such."""

import json
import sys
from pathlib import Path

import pytest

from watchfloor_sdk.cassettes import Heard, Recorder, remains

sys.path.insert(0, str(Path(__file__).parent))
from seeded import samples


def cassette(body, content_type="application/json", fields=None):
    recorder = Recorder("acme", fields=fields or {})
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    recorder.hear(Heard(raw, {"content-type": content_type}, method="GET", url="https://a.test/x"))
    return recorder.cassette()


WHAT_GOES = {
    "plate": ("plate", "ZZB 1234"),
    "vin": ("vin", "1ZZZZ00X0XZ000001"),
    "person": ("owner_name", "Zed Example"),
    "phone": ("callback", "(000) 123-4567"),
    "email": ("email", "zed@example.com"),
    "address": ("home_address", "12 Example Ave"),
    "born": ("date_of_birth", "05/02/1984"),
    "number": ("ssn", "000-12-3456"),
    "text": ("narrative", "Somebody was seen."),
    "secret": ("api_key", "hunter2hunter2"),
}


@pytest.mark.parametrize("kind", WHAT_GOES)
def test_a_value_that_was_put_back_is_found_and_its_stand_in_is_not(kind):
    name, value = WHAT_GOES[kind]
    made = cassette({"id": 1, name: value})
    assert remains(made) == {}
    made.exchanges[0].body.json[name] = value
    assert remains(made) == {kind: 1}


def test_an_address_of_a_request_is_looked_at_too():
    made = cassette({"id": 1})
    made.exchanges[0].path = "/plates/ZZB1234?token=hunter2hunter2"
    assert remains(made) == {"plate": 1, "secret": 1}


def test_a_place_of_a_person_that_is_too_exact_is_found():
    made = cassette({"caller_phone": "(504) 555-0100", "lat": 29.95123, "lon": -90.07123})
    assert remains(made) == {}
    made.exchanges[0].body.json["lat"] = 29.95123
    assert remains(made) == {"other": 1}


def test_what_its_author_said_of_a_field_holds_there_too():
    made = cassette({"owner": "SIM-CITY"}, fields={"owner": "keep"})
    assert made.exchanges[0].body.json == {"owner": "SIM-CITY"}
    assert remains(made) == {}


def test_of_what_was_scrubbed_nothing_is_found():
    """In all formats: a stand-in taken for somebody's would have good cassettes refused."""
    left = {
        (sample.shape, kind)
        for sample in samples(20260502, 40)
        for kind in remains(cassette(sample.body, sample.content_type))
    }
    assert left == set()
