"""What is refused before a service is asked, and what passes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from watchfloor_osint_style.answers import Answer
from watchfloor_osint_style.purposes import permitted, tables
from watchfloor_osint_style.queries import query
from watchfloor_osint_style.refusals import speaks_of_views
from watchfloor_osint_style.settings import Settings
from watchfloor_osint_style_simulator import question
from watchfloor_sdk import Refused, RetryLater, http

SETTINGS = Settings(
    base_url="http://127.0.0.1:1", token_url="http://127.0.0.1:1/t", case_formats=("SIM-##-######",)
)


@pytest.mark.parametrize(
    "reason",
    [
        "His political and religious views",
        "What are the social associations of this woman",
        "Seen at the rally, an activist",
        "Attended a protest last week",
        "Is a member of the Example Party",
        "supports the union at the plant",
        "voter registration and voting history",
    ],
)
def test_views_are_no_reason(reason: str) -> None:
    assert speaks_of_views(reason)
    with pytest.raises(Refused) as refused:
        query(question("q", "person", "Example, Sam", reason=reason), SETTINGS)
    assert refused.value.code == "views_refused"
    assert reason not in refused.value.detail


@pytest.mark.parametrize(
    "reason",
    [
        "Burglary at the church on Example St",
        "Stabbing at a protest: to find the victim",
        "Member of a crew that steals catalytic converters",
        "Threats in social media posts against a school",
        "Robbery in Union Street, suspect's last address",
        "Third party saw the vehicle",
    ],
)
def test_crimes_where_people_gather_are_a_reason(reason: str) -> None:
    assert not speaks_of_views(reason)
    query(question("q", "person", "Example, Sam", reason=reason), SETTINGS)


@pytest.mark.parametrize(
    ("offer", "subject", "more"),
    [
        ("person", "members of the Example Party", {}),
        ("person", "Example", {}),
        ("person", "Example, 5", {}),
        ("address", "Example Mosque", {"zip": "00000"}),
        ("address", "1 Example St", {}),
        ("phone", "555-0100", {}),
        ("phone", "everybody", {}),
    ],
)
def test_a_subject_is_one_person_address_or_number(
    offer: str, subject: str, more: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        query(question("q", offer, subject, **more), SETTINGS)
    assert refused.value.code == "subject_unreadable"
    assert subject not in refused.value.detail


@pytest.mark.parametrize("number", [None, "", "SIM-26-00012", "sim-26-000123", "SIM-26-000123x"])
def test_no_case_no_subject(number: str | None) -> None:
    with pytest.raises(Refused) as refused:
        query(question("q", "person", "Example, Sam", case_number=number), SETTINGS)
    assert refused.value.code == "purpose_incomplete"


@pytest.mark.parametrize(("dppa", "glba"), [("15", "5"), ("12", "5"), ("1", "3"), ("none", "9")])
def test_a_purpose_must_be_one_of_the_law_and_of_the_agency(dppa: str, glba: str) -> None:
    with pytest.raises(Refused) as refused:
        permitted(dppa, glba, SETTINGS)
    assert refused.value.code == "purpose_not_taken"


def test_the_tables_are_whole_and_the_manifest_offers_them() -> None:
    manifest = json.loads(files("watchfloor_osint_style").joinpath("connector.json").read_bytes())
    for name, count in (("dppa", 14), ("glba", 8)):
        codes = list(tables()[name].codes)  # type: ignore[index]
        assert codes == [str(number) for number in range(1, count + 1)]
        for lookup in manifest["lookups"]:
            assert lookup["filters"]["properties"][name]["enum"] == [*codes, "none"]
    assert all(one["automatic"] is False and one["cost"] for one in manifest["lookups"])


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"billed": 7}', b"\xff", b'{"result": []}'])
def test_an_answer_that_is_none_is_not_taken_for_an_empty_one(body: bytes) -> None:
    with pytest.raises(RetryLater):
        http.Answer(200, {}, body, "example.org").read(Answer)
