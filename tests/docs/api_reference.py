"""Writes the list of routes in docs/api.md from the route table.

After a route was added or changed, run ``.venv/bin/python tests/docs/api_reference.py --write``.
Without the option it prints. ``test_api.py`` fails while the page is behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from watchfloor.web import API, ROUTES, document

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
START, END = "<!-- routes: written by tests/docs/api_reference.py -->", "<!-- end of routes -->"
_ERROR = {"$ref": "#/components/schemas/Error"}


def reference() -> str:
    """Markdown: a heading a tag, an entry a route."""
    described = document(ROUTES)
    lines = []
    for tag, routes in groupby(ROUTES, key=lambda route: route.tag):
        lines += [f"### {tag.capitalize()}", ""]
        for route in routes:
            operation = described["paths"][API + route.path][route.method.lower()]
            lines += [*_entry(route.method, route.path, operation, described), ""]
    return "\n".join(lines)


def _entry(
    method: str, path: str, operation: Mapping[str, Any], described: Mapping[str, Any]
) -> Iterator[str]:
    free = " No session needed." if operation.get("security") == [] else ""
    yield f"**`{method} {path}`** {operation['summary']}.{free}"
    yield ""
    for parameter in operation["parameters"]:
        yield f"- `{parameter['name']}` ({_terms(parameter)}): {parameter['description']}"
    for content_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"- body, `{content_type}`{_fields(content['schema'], described)}"
    for status, response in operation["responses"].items():
        yield from _answer(status, response)


def _terms(parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    terms = [parameter["in"], schema.get("type", "text")]
    if "enum" in schema:
        terms[1] = "one of " + ", ".join(f"`{each}`" for each in schema["enum"])
    if "minimum" in schema and schema.get("maximum", 2**53) < 2**53 - 1:
        terms.append(f"{schema['minimum']} to {schema['maximum']}")
    if parameter["required"] and parameter["in"] == "query":
        terms.append("required")
    if "default" in schema:
        terms.append(f"else {schema['default']}")
    return ", ".join(terms)


def _fields(schema: Mapping[str, Any], described: Mapping[str, Any]) -> str:
    """The names of a body's fields; those that must be there are marked."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        return ""
    component = described["components"]["schemas"][name]
    required = component.get("required", [])
    fields = (f"`{field}`{' *' if field in required else ''}" for field in component["properties"])
    return ": " + ", ".join(fields)


def _answer(status: str, response: Mapping[str, Any]) -> Iterator[str]:
    """The route's own answers; errors that every route may give stand once on the page."""
    contents = response.get("content", {})
    if any(content["schema"] == _ERROR for content in contents.values()):
        return
    shape = next((f", `{kind}`" for kind in contents if kind != "application/json"), "")
    yield f"- answers {status}{shape}: {response['description']}"


def page() -> str:
    """The whole page with the list as it should be."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{reference()}\n{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), "utf-8")
    else:
        print(reference())
