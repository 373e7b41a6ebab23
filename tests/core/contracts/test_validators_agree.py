"""jsonschema (thorough, for words) and jsonschema-rs (compiled, for the hot path) never differ, on
the corpus and on thousands of seeded mutations of it; nor does the class where the schema agrees.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from watchfloor.contracts import BY_TYPE, schemas
from watchfloor.ingest.validation import Compiled, Validators, compiled

MUTATIONS = 400
"""A schema."""

TIMES = [
    "2026-05-02T21:14:07", "2026-05-02T21:14:07z", "2026-05-02t21:14:07Z", "2026-05-02 21:14:07Z",
    "2016-12-31T23:59:60Z", "2016-12-31T23:59:61Z", "2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z",
    "2024-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z",
    "1900-01-01T00:00:00+14:00", "2199-12-31T23:59:59-14:00", "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z", "2026-05-00T00:00:00Z", "2026-05-02T24:00:00Z", "2026-05-02T23:60:00Z",
    "2026-05-02T21:14:07+24:00", "2026-05-02T21:14:07+12:60", "2026-05-02T21:14:07-00:00",
    "2026-05-02T21:14:07+0530", "2026-05-02T21:14:07+05", "2026-05-02T21:14Z",
    "2026-05-02T21:14:07.Z", "2026-05-02T21:14:07.123456789Z", "2026-05-02T21:14:07.1234567890Z",
    "2026-05-02T21:14:07,5Z", "20260502T211407Z", "2026-W18-6T21:14:07Z", "2026-122T21:14:07Z",
    "2026-05-02", "21:14:07Z", "2026-05-02T21:14:07Z\n", " 2026-05-02T21:14:07Z",
    "２０２６-05-02T21:14:07Z", "٢٠٢٦-05-02T21:14:07Z", "2026-05-02T21:14:07ZZ", "",
]  # fmt: skip
JUNK: list[Any] = [
    None, True, False, 0, -0.0, -1, 1, 1.0, 1.5, 9, 10, 90, 90.000001, -180, 181.2, 360, 361, 1e308,
    2**53, 2**63, -(2**64), "NaN", "Infinity", "1", "", " ", "\n", "\x00", "a\n", "a\x85", "\u2028",
    "\ufeff", "é", "🚓", "ZZT1234\n", "---", "ÄÖ", "x" * 256, "x" * 257, "🚓" * 256, "🚓" * 257,
    "x" * 1025, "x" * 70000, [], {}, [0, 0], [0], [0, 0, 0], ["0", "0"], [None], [[]], {"x": 1},
    {"type": "Point", "coordinates": [0, 0]}, {"type": "Point", "coordinates": [[0, 0]]}, {"a": {}},
    "public", "fetched", "1.0", "watchfloor.lpr.read.v1", "watchfloor.lpr.read.v1\n", "a.b.v0",
    *TIMES,
]  # fmt: skip
NAMES = ["x", "Foo", "foo_bar", "data_base64", "ä", "", "a\n", "a" * 20, "a" * 21, "/x", "value"]


def _places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = document if isinstance(document, dict) else {}
    inner = dict(enumerate(document)) if isinstance(document, list) else inner
    for key, value in inner.items():
        yield from _places(value, (*path, key))


def _mutated(document: Any, rng: random.Random) -> Any:
    """One or two changes: a field gone, another value, a field too many, an entry doubled."""
    box = [copy.deepcopy(document)]
    for _ in range(rng.choice((1, 1, 1, 2))):
        *way, last = rng.choice(list(_places(box))[1:])
        parent: Any = box
        for key in way:
            parent = parent[key]
        rng.choice(_CHANGES)(parent, last, rng)
        if not box:
            return None
    return box[0]


def _drop(parent: Any, key: Any, _rng: random.Random) -> None:
    del parent[key]


def _replace(parent: Any, key: Any, rng: random.Random) -> None:
    parent[key] = copy.deepcopy(rng.choice(JUNK))


def _time(parent: Any, key: Any, rng: random.Random) -> None:
    old = parent[key]
    parent[key] = rng.choice(TIMES if isinstance(old, str) and old[:2] == "20" else JUNK)


def _add(parent: Any, key: Any, rng: random.Random) -> None:
    target = parent[key] if isinstance(parent[key], dict) else parent
    if isinstance(target, dict):
        target[rng.choice(NAMES)] = copy.deepcopy(rng.choice(JUNK))
    else:
        target.append(copy.deepcopy(target[-1]))


_CHANGES = (_drop, _replace, _replace, _time, _time, _add)


@pytest.fixture(scope="module")
def fast() -> Callable[[str], Compiled]:
    """The compiled validator of any schema by name."""
    return lambda name: compiled(schemas.schema(name))


def _documents(name: str, corpus: list[Any]) -> list[Any]:
    seeds = [e.document for e in corpus if e.schema == name]
    good = [e.document for e in corpus if e.schema == name and e.name.startswith("good-")]
    rng = random.Random(f"{name} 20261122")
    return seeds + [_mutated(rng.choice(good), rng) for _ in range(MUTATIONS)]


def test_both_validators_agree(
    schema_name: str, corpus: list[Any], fast: Callable[[str], Compiled]
) -> None:
    thorough, quick = schemas.validator(schema_name), fast(schema_name)
    verdicts = []
    for document in _documents(schema_name, corpus):
        verdicts.append(quick.is_valid(document))
        assert thorough.is_valid(document) == verdicts[-1], document
        assert (schemas.explain(schema_name, document) == []) == verdicts[-1], document
    assert 0.03 < sum(verdicts) / len(verdicts) < 0.97  # the corpus tries both sides


def test_what_the_schema_takes_the_class_takes(
    schema_name: str,
    corpus: list[Any],
    fast: Callable[[str], Compiled],
    decode: Callable[[str, bytes], msgspec.Struct],
) -> None:
    quick = fast(schema_name)
    for document in _documents(schema_name, corpus):
        if quick.is_valid(document):
            decode(schema_name, json.dumps(_whole(document)).encode())


def _whole(document: Any) -> Any:
    """1.0 written 1: to the schema it is an integer, to the class it is not."""
    if isinstance(document, dict):
        return {key: _whole(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_whole(value) for value in document]
    return int(document) if isinstance(document, float) and document.is_integer() else document


def test_the_validator_of_a_type_is_the_event_schema_with_its_data(
    corpus: list[Any], fast: Callable[[str], Compiled]
) -> None:
    whole, by_type = fast("event"), Validators()
    for document in _documents("event", corpus):
        kind = BY_TYPE.get(document.get("type")) if _has_text_type(document) else None
        if kind is not None:
            validator = by_type.for_type(kind.type)
            assert validator is not None
            assert validator.is_valid(document) == whole.is_valid(document), document


def _has_text_type(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("type"), str)


def test_a_type_validator_takes_its_own_type_alone(corpus: list[Any]) -> None:
    validators = Validators()
    reads = validators.for_type("watchfloor.lpr.read.v1")
    assert reads is not None
    others = [
        e.document for e in corpus if e.schema == "event" and e.name.startswith("good-")
        and e.document["type"] != "watchfloor.lpr.read.v1"
    ]  # fmt: skip
    assert others
    assert not any(map(reads.is_valid, others))


def test_an_unknown_type_has_no_validator() -> None:
    assert Validators().for_type("org.example.weather.v2") is None
    assert Validators().for_type("") is None


def test_assets_have_the_asset_schema(corpus: list[Any]) -> None:
    validators = Validators()
    for example in corpus:
        if example.schema == "asset":
            good = example.name.startswith("good-")
            assert validators.asset().is_valid(example.document) == good
            assert (validators.explain("asset", example.document) == "") == good


def test_patterns_are_linear() -> None:
    """A pattern that makes a backtracking engine stall is answered at once, or not compiled."""
    evil = compiled({"type": "string", "pattern": "^(a+)+$"})
    assert not evil.is_valid("a" * 50_000 + "!")


def test_a_parsed_event_with_a_huge_field_is_refused_not_choked_on(corpus: list[Any]) -> None:
    document = next(e for e in corpus if e.schema == "event" and e.name == "good-full").document
    document["data"]["reader"] = "x" * 10_000_000
    validator = Validators().for_type(document["type"])
    assert validator is not None
    assert not validator.is_valid(json.loads(json.dumps(document)))
    assert schemas.explain("event", document) == [
        "data.reader: has 10000000 characters, more than 256"
    ]
