"""Describes the route table as an OpenAPI 3.1 document. Its schemas are JSON Schema already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from watchfloor import __version__

from .admission import asked_for
from .cookies import COOKIE
from .routes import Answer, Param, Route
from .server import API

_REF = "#/components/schemas/{name}"

_ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "detail", "remedy"],
            "properties": {
                "code": {"type": "string", "description": "Stable; quote it."},
                "detail": {"type": "string", "description": "What happened and why."},
                "remedy": {"type": "string", "description": "What to do."},
                "approval": {
                    "type": "string",
                    "description": "What a second person was asked: GET /approvals/{id}.",
                },
            },
        }
    },
}

_ERRORS = {
    401: "Nobody is signed in.",
    403: "A rule says no.",
    404: "There is no such thing.",
    409: "Somebody has to change something first.",
    413: "The body is too large.",
    422: "A parameter or the body does not fit.",
    429: "Too much was asked from here in a short time.",
    503: "Busy or full: try again later.",
}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document."""
    types = _types(routes)
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip(map(str, types), schemas, strict=True))
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(API + route.path, {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Watchfloor",
            "version": __version__,
            "description": "The hub's API, version 1. Everything the console does goes through it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _ERROR_SCHEMA},
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": COOKIE}},
        },
    }


def _types(routes: Sequence[Route]) -> list[Any]:
    found: dict[str, Any] = {}
    for route in routes:
        for type_ in (route.body, *(answer.body for answer in route.answers.values())):
            if type_ is not None and type_ is not bytes and not isinstance(type_, dict):
                found[str(type_)] = type_
    return list(found.values())


def _operation(route: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [route.tag],
        "summary": route.summary,
        "operationId": route.handler.__name__,
        "parameters": [_parameter(param) for param in asked_for(route)],
        "responses": _responses(route, by_type),
    }
    if not route.session:
        operation["security"] = []
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {route.body_content_type: {"schema": _schema(route.body, by_type)}},
        }
    return operation


def _parameter(param: Param) -> dict[str, Any]:
    schema = dict(param.schema)
    if param.default is not None:
        schema["default"] = param.default
    return {
        "name": param.name,
        "in": param.where,
        "required": param.required,
        "description": param.help,
        "schema": schema,
    }


def _responses(route: Route, by_type: dict[str, Any]) -> dict[str, Any]:
    responses = {
        str(status): _response(answer, by_type) for status, answer in route.answers.items()
    } or {"204": {"description": "Done."}}
    error = {"application/json": {"schema": {"$ref": _REF.format(name="Error")}}}
    for status, help_ in _ERRORS.items():
        responses.setdefault(str(status), {"description": help_, "content": error})
    return responses


def _response(answer: Answer, by_type: dict[str, Any]) -> dict[str, Any]:
    if answer.body is None and answer.content_type == "application/json":
        return {"description": answer.help}
    schema = {} if answer.body is None else _schema(answer.body, by_type)
    return {"description": answer.help, "content": {answer.content_type: {"schema": schema}}}


def _schema(type_: Any, by_type: dict[str, Any]) -> Any:
    if type_ is bytes:
        return {}
    return type_ if isinstance(type_, dict) else by_type[str(type_)]
