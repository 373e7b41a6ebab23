"""The examples beside the schemas: the good ones pass everywhere, the bad ones nowhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from watchfloor.contracts import schemas

LENIENT = {
    "event/bad-specversion-missing": "the class takes its only version for granted",
    "event/bad-data-base64": "a class reads past attributes that it does not know",
    "event/bad-extension-in-capitals": "the same",
    "event/bad-extension-too-long": "the same",
    "event/bad-extension-an-object": "the same",
    "event/bad-extension-a-fraction": "the same",
    "event/bad-time-lower-case": "RFC 3339 allows it; the schema wants one spelling",
    "event/bad-time-with-a-space": "the class reads ISO 8601 a little wider",
    "event/bad-time-with-short-offset": "the same",
    "event/bad-time-year-0001": "a moment, but never one that was meant",
    "event/bad-time-year-9999": "the same",
    "asset/bad-geometry-without-type": "the class keeps GeoJSON as it came",
    "asset/bad-geometry-type-unknown": "the same",
    "asset/bad-geometry-out-of-range": "the same",
    "asset/bad-geometry-ring-not-long-enough": "the same",
}
"""Bad examples that the class alone would take, each with the reason. The hub asks the schema."""


def test_a_good_example_keeps_to_the_schema(good: Any) -> None:
    assert schemas.explain(good.schema, good.document) == []


def test_a_good_example_is_read_by_the_class_and_written_back_good(
    good: Any, decode: Callable[[str, bytes], msgspec.Struct]
) -> None:
    written = msgspec.json.encode(decode(good.schema, good.raw))
    assert schemas.explain(good.schema, json.loads(written)) == []
    assert msgspec.json.encode(decode(good.schema, written)) == written


def test_a_bad_example_is_refused_by_the_schema_in_words(bad: Any) -> None:
    reasons = schemas.explain(bad.schema, bad.document)
    assert reasons
    assert all(": " in reason and len(reason) < 300 for reason in reasons)


def test_a_bad_example_is_refused_by_the_class(
    bad: Any, decode: Callable[[str, bytes], msgspec.Struct]
) -> None:
    if f"{bad.schema}/{bad.name}" in LENIENT:
        decode(bad.schema, bad.raw)
    else:
        with pytest.raises(msgspec.ValidationError):
            decode(bad.schema, bad.raw)


def test_every_exception_is_an_example(corpus: list[Any]) -> None:
    assert set(LENIENT) <= {f"{example.schema}/{example.name}" for example in corpus}


def test_each_schema_has_at_least_three_good_and_three_bad(
    schema_name: str, corpus: list[Any]
) -> None:
    count = Counter(e.name.partition("-")[0] for e in corpus if e.schema == schema_name)
    assert count["good"] >= 3
    assert count["bad"] >= 3
    assert set(count) == {"good", "bad"}


def test_plates_and_phones_in_examples_are_made_up(corpus: list[Any]) -> None:
    for example in corpus:
        if example.name.startswith("good-") and isinstance(example.document, dict):
            data = example.document.get("data", example.document)
            assert str(data.get("plate", "Z")).upper().startswith("Z")
            assert "010-01" in (data.get("callback") or "010-01") or data["callback"] == "unknown"
