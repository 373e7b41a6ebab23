"""Errors say which field and what is wrong, in plain words, and never quote a text value."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from watchfloor.contracts import schemas


@pytest.fixture
def event(corpus: list[Any]) -> dict[str, Any]:
    full = next(e for e in corpus if e.schema == "event" and e.name == "good-full")
    return copy.deepcopy(full.document)


def _set(document: Any, path: str, value: Any) -> None:
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        document = document[part]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("data.place.point.0", 181.2, "181.2 is more than 180"),
        ("data.place.point.1", -91, "-91 is less than -90"),
        ("data.place.point", [0, 0, 0], "has 3 entries, more than 2"),
        ("data.place.point", [0], "has 1 entries, fewer than 2"),
        ("data.confidence", "0.9", "must be a number or null, is text"),
        ("data.plate", 5550100142, "must be text, is a whole number"),
        ("data.media", None, "must be a list, is null"),
        ("data.media.0.kind", "gif", "is not one of plate_picture, vehicle_picture, scene_picture, clip, audio"),  # noqa: E501
        ("data.reader", "", "has 0 characters, fewer than 1"),
        ("data.reader", "a\n", "is not a name of 1 to 256 characters without control characters"),
        ("data.vehicle.make", "x" * 1025, "has 1025 characters, more than 1024"),
        ("specversion", "0.3", "is not one of 1.0"),
        ("type", "Read", "is not a type such as watchfloor.lpr.read.v1"),
        ("time", "2026-02-30T00:00:00Z", "is not a moment with its offset, such as 2026-05-02T21:14:07Z (RFC 3339, years 1900 to 2199, no leap second)"),  # noqa: E501
        ("acmesite", [], "must be text or true or false or a whole number or null, is a list"),
    ],
)  # fmt: skip
def test_says_what_is_wrong_where(
    event: dict[str, Any], path: str, value: object, words: str
) -> None:
    _set(event, path, value)
    assert schemas.explain("event", event) == [f"{path}: {words}"]


@pytest.mark.parametrize(
    ("name", "document", "reason"),
    [
        ("event", [], "document: must be an object, is a list"),
        ("place", {"lat": 1, "lon": 2}, "document: has a field that is not known: lat, lon"),
        ("lpr.read.v1", {}, "document: lacks plate, reader"),
        ("media", {"handle": "h", "kind": "clip", "owner": "o", "retention_class": "r",
                   "state": "fetched"}, "document: lacks sha256"),
        ("event.correction.v1", {"corrects": "a", "reason": "b", "replaced": {}},
         "replaced: has 0 fields, fewer than 1"),
        ("event.correction.v1", {"corrects": "a", "reason": "b", "replaced": {"x": 1}},
         "replaced: the name 'x' is not a JSON Pointer that begins with /"),
        ("lookup-request", {"id": "q", "offer": "o", "subject_kind": "plate", "subject": "s",
                            "deadline_s": 0, "purpose": {"code": "c", "requester": "r"}},
         "deadline_s: 0 is not more than 0"),
        ("credential", {"name": "n"}, "document: fits none of the forms that are allowed here"),
    ],
)  # fmt: skip
def test_says_what_is_wrong_with_a_whole(name: str, document: Any, reason: str) -> None:
    assert schemas.explain(name, document) == [reason]


def test_no_text_value_is_quoted(event: dict[str, Any]) -> None:
    """A value may be a plate, a name or a secret; the path and the rule are enough to mend it."""
    secret = "ZZSECRET"
    for path in ("data.plate", "data.reader", "data.media.0.kind", "dataclassification", "time"):
        _set(event, path, secret + "\n" * 300)
    event["data"]["heading_deg"] = secret
    reasons = schemas.explain("event", event, at_most=100)
    assert len(reasons) >= 6
    assert secret not in " ".join(reasons)


def test_numbers_of_the_wrong_type_are_not_quoted(event: dict[str, Any]) -> None:
    """A phone number that came as a number is still a phone number."""
    event["data"]["region"] = 5550100142
    assert "5550100142" not in " ".join(schemas.explain("event", event))


def test_reasons_are_few_and_short_however_much_is_wrong(event: dict[str, Any]) -> None:
    event["data"]["media"] = [{"x" * 5000: n} for n in range(100_000)]
    started = time.monotonic()
    reasons = schemas.explain("event", event)
    assert time.monotonic() - started < 5  # it stops at five, not at 100,000
    assert len(reasons) == 5
    assert max(map(len, reasons)) < 300


def test_nothing_wrong_is_an_empty_list(event: dict[str, Any]) -> None:
    assert schemas.explain("event", event) == []
