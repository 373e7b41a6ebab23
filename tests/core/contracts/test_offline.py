"""No schema and no validator reaches the network, whatever a schema refers to."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing.exceptions import Unresolvable

from watchfloor.contracts import schemas
from watchfloor.ingest.validation import Validators, compiled

REMOTE = {"$ref": "https://schemas.example.org/remote.json"}


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every try to use the network; each is refused."""
    seen: list[str] = []

    def refuse(*args: object, **kwargs: object) -> Any:
        seen.append(repr(args))
        raise OSError("no network in this test")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    yield seen
    assert seen == []


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for inner in schema.values():
            yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


@pytest.mark.parametrize("name", schemas.names())
def test_every_reference_is_answered_by_the_package(name: str) -> None:
    schema = schemas.schema(name)
    resolver = schemas.registry().resolver(schema["$id"])
    for reference in _references(schema):
        assert reference.startswith(("#", "urn:watchfloor:schema:"))
        assert resolver.lookup(reference).contents is not None


@pytest.mark.usefixtures("tries")
def test_all_schemas_validate_with_the_network_gone(corpus: list[Any]) -> None:
    for cached in (schemas.schema, schemas.names, schemas.registry, schemas.validator):
        cached.cache_clear()
    Validators()
    for example in corpus:
        schemas.explain(example.schema, example.document)
        compiled(schemas.schema(example.schema)).is_valid(example.document)


@pytest.mark.usefixtures("tries")
def test_a_remote_reference_is_an_error_at_once() -> None:
    with pytest.raises(Unresolvable):
        schemas.registry().resolver().lookup(REMOTE["$ref"])
    with pytest.raises(Exception, match=r"remote\.json"):
        Draft202012Validator(REMOTE, registry=schemas.registry()).is_valid({})
    with pytest.raises((jsonschema_rs.ReferencingError, jsonschema_rs.ValidationError, ValueError)):
        compiled(json.loads(json.dumps(REMOTE))).is_valid({})


def test_the_guard_itself_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without our registry the same reference would be fetched: the trap is real."""
    asked: list[str] = []

    def note(url: object, *_args: object, **_kwargs: object) -> Any:
        asked.append(str(getattr(url, "full_url", url)))
        raise OSError("stopped")

    monkeypatch.setattr("urllib.request.urlopen", note)
    with pytest.raises(Exception, match=r"remote\.json"):
        Draft202012Validator(REMOTE).is_valid({})
    assert asked == [REMOTE["$ref"]]


def test_the_contracts_do_not_import_jsonschema_before_it_is_needed() -> None:
    """Every worker imports the contracts; few ever check a document."""
    code = "import sys, watchfloor.contracts as c; c.schemas.schema('event'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "watchfloor.contracts.schemas" in done.stdout.split()
    assert not {"jsonschema", "jsonschema_rs"} & set(done.stdout.split())
