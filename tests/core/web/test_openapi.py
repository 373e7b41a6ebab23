"""The document describes what is served: no more, no less, and in valid OpenAPI 3.1."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from watchfloor.web import API, ROUTES, document, make_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT = document(ROUTES)


def _refs(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def _operations():
    return [
        (path, method, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


async def test_it_is_valid_openapi_3_1():
    Draft202012Validator(OPENAPI_31).validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


async def test_every_schema_in_it_is_a_schema():
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_every_reference_in_it_leads_somewhere():
    known = DOCUMENT["components"]["schemas"]
    for ref in set(_refs(DOCUMENT)):
        assert ref.removeprefix("#/components/schemas/") in known


async def test_it_lists_exactly_what_is_served(hub):
    app = make_app(hub.hub, ROUTES, None)
    served = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource.canonical.startswith(API)
    }
    assert {(path, method) for path, method, _ in _operations()} == served
    assert len(served) == len(ROUTES)


async def test_every_parameter_of_a_path_is_described():
    for path, _, operation in _operations():
        described = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert described == set(re.findall(r"\{(\w+)\}", path))


async def test_names_of_operations_are_unique():
    names = [operation["operationId"] for _, _, operation in _operations()]
    assert len(set(names)) == len(names)


async def test_what_needs_no_session_says_so_and_nothing_else_does():
    open_ = {path.removeprefix(API) for path, _, op in _operations() if op.get("security") == []}
    assert open_ == {
        "/health", "/openapi.json", "/session", "/session/break-glass", "/session/terminal",
        "/sign-in", "/sign-in/callback", "/sign-in/contact", "/sign-in/logged-out",
        "/sign-in/terminal",
        "/transparency", "/transparency.json", "/transparency.csv", "/transparency.pdf",
        "/vendor-sign-in/{source}/returned", "/witness/add-checkpoint",
    }  # fmt: skip
    assert DOCUMENT["security"] == [{"session": []}]


async def test_the_hub_gives_this_document_to_anybody(nobody):
    assert (await nobody.get("/openapi.json")) == json.loads(json.dumps(DOCUMENT))
