"""The corpus of examples, which class writes which schema, and instances made from the classes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec import inspect

from watchfloor import contracts
from watchfloor.contracts import BY_DATA, BY_TYPE, KINDS, Event
from watchfloor.contracts.registry import Registry

settings.register_profile(
    "shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared-machine")

CLASSES: dict[str, tuple[type[msgspec.Struct], ...]] = {
    **{kind.type.removeprefix("watchfloor."): (kind.data,) for kind in KINDS},
    "event": (Event,),
    "place": (contracts.Place,),
    "media": (contracts.Media,),
    "asset": (contracts.Asset,),
    "credential": (contracts.CredentialDeclaration, contracts.CredentialLease),
    "lookup-request": (contracts.LookupRequest,),
    "lookup-answer": (contracts.LookupAnswer,),
    "action-request": (contracts.ActionRequest,),
    "action-receipt": (contracts.ActionReceipt,),
    "manifest": (contracts.Manifest,),
    "registry": (Registry,),
}
"""Schema name → the classes that write it."""


class Example(NamedTuple):
    """One file of the corpus."""

    schema: str
    name: str
    raw: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.raw)


def _corpus() -> list[Example]:
    folder = files("watchfloor.contracts") / "examples"
    found = [
        Example(sub.name, entry.name.removesuffix(".json"), entry.read_bytes())
        for sub in folder.iterdir()
        if sub.name in CLASSES
        for entry in sub.iterdir()
    ]
    return sorted(found)


CORPUS = _corpus()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``good`` and ``bad`` are one example each, ``schema_name`` one contract."""
    for word in ("good", "bad"):
        if word in metafunc.fixturenames:
            chosen = [example for example in CORPUS if example.name.startswith(f"{word}-")]
            metafunc.parametrize(word, chosen, ids=[f"{e.schema}/{e.name}" for e in chosen])
    if "schema_name" in metafunc.fixturenames:
        metafunc.parametrize("schema_name", sorted(CLASSES))


@pytest.fixture(scope="session")
def classes() -> dict[str, tuple[type[msgspec.Struct], ...]]:
    return CLASSES


@pytest.fixture(scope="session")
def corpus() -> list[Example]:
    return CORPUS


@pytest.fixture(scope="session")
def decode() -> Callable[[str, bytes], msgspec.Struct]:
    """Reads a document with the class; an event together with the class of its data."""
    return _decode


@pytest.fixture(scope="session")
def instances() -> Callable[[str], st.SearchStrategy[msgspec.Struct]]:
    """Any instance of the classes of a schema."""
    return _instances


def _decode(schema: str, raw: bytes) -> msgspec.Struct:
    *others, last = CLASSES[schema]
    for cls in others:
        try:
            return msgspec.json.decode(raw, type=cls)
        except msgspec.ValidationError:
            continue
    decoded = msgspec.json.decode(raw, type=last)
    if isinstance(decoded, Event) and decoded.type in BY_TYPE:
        decoded.data = msgspec.convert(decoded.data, BY_TYPE[decoded.type].data)
    return decoded


# --- Instances from the classes' own type information -----------------------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=_OFFSETS)
_CHARACTERS = st.characters(codec="utf-8")
_PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc"])
_NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f]*\Z"
_GEOMETRIES = st.fixed_dictionaries(
    {
        "type": st.just("Point"),
        "coordinates": st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
    }
)


def _instances(schema: str) -> st.SearchStrategy[msgspec.Struct]:
    if schema == "event":
        return st.sampled_from(KINDS).flatmap(lambda kind: _struct(kind.data)).flatmap(_event)
    return st.one_of([_struct(cls) for cls in CLASSES[schema]])


def _event(data: msgspec.Struct) -> st.SearchStrategy[msgspec.Struct]:
    return _struct(Event, data=st.just(data), type=st.just(BY_DATA[type(data)].type))


def _struct(cls: type[msgspec.Struct], **known: Any) -> st.SearchStrategy[Any]:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    if cls is contracts.Asset:
        known["geometry"] = st.none() | _GEOMETRIES  # the class takes any object for GeoJSON
    fields = {f.name: _of(f.type) for f in info.fields} | known
    required = {f.name: fields.pop(f.name) for f in info.fields if f.required}
    return (
        st.fixed_dictionaries(required, optional=fields)
        .filter(_media_holds)
        .map(lambda given: cls(**given))
    )


def _media_holds(given: dict[str, Any]) -> bool:
    return given.get("state") != "fetched" or bool(given.get("sha256"))


def _of(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.StructType():
            return st.deferred(lambda: _struct(info.cls))
        case inspect.UnionType():
            return st.one_of([_of(option) for option in info.types])
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.ListType():
            return st.lists(_of(info.item_type), min_size=info.min_length or 0, max_size=3)
        case inspect.TupleType():
            return st.tuples(*map(_of, info.item_types))
        case inspect.DictType():
            return _dict(info)
        case inspect.AnyType():
            return _JSON
        case _:
            return _simple(info)


def _dict(info: inspect.DictType) -> st.SearchStrategy[Any]:
    keys, values = _of(info.key_type), _of(info.value_type)
    return st.dictionaries(keys, values, min_size=info.min_length or 0, max_size=3)


def _simple(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(info.ge, 2**53 if info.le is None else info.le)
        case inspect.FloatType():
            return _float(info)
        case inspect.DateTimeType():
            return _INSTANTS
        case inspect.StrType():
            return _text(info)
    raise AssertionError(f"no strategy for {info}")


def _float(info: inspect.FloatType) -> st.SearchStrategy[float]:
    low = info.gt if info.ge is None else info.ge
    return st.floats(
        low, info.le, exclude_min=info.gt is not None, allow_nan=False, allow_infinity=False
    )


def _text(info: inspect.StrType) -> st.SearchStrategy[str]:
    shortest, longest = info.min_length or 0, info.max_length or 64
    if info.pattern is None:
        return st.text(_CHARACTERS, min_size=shortest, max_size=min(longest, 40))
    if info.pattern == _NO_CONTROLS:
        return st.text(_PRINTABLE, min_size=1, max_size=40)
    matching = st.from_regex(info.pattern, alphabet=_CHARACTERS)
    return matching.filter(lambda text: shortest <= len(text) <= longest)
