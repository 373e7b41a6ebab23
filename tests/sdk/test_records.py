"""A vendor's records, found in its JSON and its XML, and changed there."""

import json

import pytest

from watchfloor_sdk import xml
from watchfloor_sdk.simulation.records import changed, extended, renamed, reordered, retyped, spoilt

FEED = b"""<feed xmlns="urn:example:calls" version="2" count="2" page="1">
  <call id="SIM-1"><type>SHOTS</type><place><x>-90.1</x><x>-90.2</x></place></call>
  <call id="SIM-2"><type>ALARM</type><unit kind="car">12</unit></call>
</feed>"""
ONE = b"""<envelope><header id="SIM-9"/><call><type>SHOTS</type><at>T10</at></call></envelope>"""
PAGE = json.dumps({"next": 3, "calls": [{"id": "SIM-1", "at": {"x": 1}}, {"id": "SIM-2"}]}).encode()


def calls(body):
    return xml.parse(body, {"c": "urn:example:calls"}).all("c:call")


def short(body):
    """Without what separates elements."""
    return b"".join(line.strip() for line in body.splitlines()[1:]).decode()


@pytest.mark.parametrize(("body", "count"), [(FEED, 2), (ONE, 1), (PAGE, 2), (b"id,type", 0)])
def test_all_records_are_changed_or_the_first_ones(body, count):
    assert changed(body, extended)[1] == count
    assert changed(body, extended, most=1)[1] == min(count, 1)
    assert (changed(body, extended)[0] == body) is (count == 0)


def test_in_a_document_of_one_record_it_is_what_says_the_most():
    assert "<call><type>SHOTS</type><at>T10</at><added_in_v2>" in short(changed(ONE, extended)[0])


def test_numbers_are_spoilt_and_words_stay():
    first, second = calls(changed(FEED, spoilt("ZZ"))[0])
    assert (first.attribute("id"), first.text("c:type"), second.text("c:unit")) == (
        "ZZ", "SHOTS", "ZZ",
    )  # fmt: skip
    assert second.first("c:unit").attribute("kind") == "car"
    assert json.loads(changed(PAGE, spoilt("ZZ"))[0])["calls"][0] == {"id": "ZZ", "at": {"x": "ZZ"}}


def test_a_field_is_renamed_with_all_that_is_in_it():
    assert [one.attribute("id_v2") for one in calls(changed(FEED, renamed("@id"))[0])] == [
        "SIM-1", "SIM-2",
    ]  # fmt: skip
    first, second = calls(changed(FEED, renamed("place"))[0])
    assert first.first("c:place") is None
    assert [one.content for one in first.all("c:place_v2/c:x")] == ["-90.1", "-90.2"]
    assert [one.name for one in second.all("*")] == ["type", "unit"]


@pytest.mark.parametrize(
    ("field", "path"),
    [("@id", "c:id/c:item"), ("type", "c:type/c:item"), ("place", "c:place/c:item/c:x")],
)
def test_a_retyped_field_stands_in_a_list(field, path):
    before = calls(FEED)[0]
    after = calls(changed(FEED, retyped(field))[0])[0]
    assert after.attribute("id") == (None if field == "@id" else "SIM-1")
    assert after.text(path) == {"@id": "SIM-1", "type": "SHOTS", "place": "-90.1"}[field]
    assert before.first(path) is None


def test_what_comes_several_times_is_one_field():
    body = b"<calls><call><unit>A</unit><unit>B</unit><a>1</a></call><call><a>2</a></call></calls>"
    assert "<unit><item><item>A</item><item>B</item></item></unit>" in short(
        changed(body, retyped("unit"))[0]
    )


def test_records_change_places_or_come_twice():
    assert [one.attribute("id") for one in calls(reordered(FEED, lambda rows: rows[::-1]))] == [
        "SIM-2", "SIM-1",
    ]  # fmt: skip
    assert len(calls(reordered(FEED, lambda rows: [*rows, *rows]))) == 4
    assert len(json.loads(reordered(PAGE, lambda rows: [*rows, *rows]))["calls"]) == 4
    assert reordered(b"id,type", lambda rows: rows[::-1]) == b"id,type"
    assert "<call><type>SHOTS" in short(reordered(ONE, lambda rows: [*rows, *rows]))
