"""Writes the reference of docs/policy.md from the code: words, limits, gates, presets.

After one was added or changed, run ``.venv/bin/python tests/docs/policy_reference.py --write``.
Without the option it prints. ``test_policy.py`` fails while the page is behind.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from watchfloor.identity import ROLE_PERMISSIONS, Permission
from watchfloor.policy import GATES, PRESETS, Agency, Facts, Limits, groups_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy.md"
START, END = (
    "<!-- reference: written by tests/docs/policy_reference.py -->",
    "<!-- end of reference -->",
)


def reference() -> str:
    """Markdown: a heading and a table for each kind of word."""
    return "\n".join(
        [
            *_section("Facts: `context.…`", ("fact", "type or values", "meaning"), _facts()),
            *_section("For whom: `context.asker.…`", ("asker", "type", "meaning"), _asker()),
            *_section(
                "Actions", ("action", "in the groups", "roles that may do it at all"), _actions()
            ),
            *_section("Limits", ("limit", "when not set", "meaning"), _limits()),
            *_section("Gates", ("gate", "refuses", "citation", "mark"), _gates()),
            *_section("Presets", ("preset", "rule", "made of", "citation", "mark"), _presets()),
        ]
    )


def _section(title: str, header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"### {title}\n"
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _facts() -> Iterator[tuple[str, ...]]:
    for name, meaning in _documented(Facts):
        default = getattr(Facts(), name)
        yield f"`{name}`", _closed(_type(Facts, name)) or _words(default), meaning


def _asker() -> Iterator[tuple[str, ...]]:
    meanings = {**dict(_documented(Agency.__base__)), **dict(_documented(Agency))}
    meanings["agency"] = meanings["id"]
    meanings["known"] = "Whether it is this hub's own or listed."
    for name, value in Agency().as_context().items():
        yield f"`{name}`", _words(value), meanings[name]


def _actions() -> Iterator[tuple[str, ...]]:
    for permission in Permission:
        roles = (role.value for role, may in ROLE_PERMISSIONS.items() if permission in may)
        yield f"`{permission}`", ", ".join(groups_of(permission)), ", ".join(roles)


def _limits() -> Iterator[tuple[str, ...]]:
    for name, meaning in _documented(Limits):
        yield f"`{name}`", f"`{getattr(Limits(), name)}`", meaning


def _gates() -> Iterator[tuple[str, ...]]:
    for gate in GATES.values():
        yield f"`{gate.id}`", gate.refuses, gate.citation, gate.mark


def _presets() -> Iterator[tuple[str, ...]]:
    for preset in PRESETS.values():
        parts = ", ".join(f"`{gate.id}`" for gate in preset.gates)
        yield f"`{preset.id}`", preset.rule, parts, preset.citation, preset.mark


def _type(struct: type, name: str) -> Any:
    return next(each.type for each in msgspec.structs.fields(struct) if each.name == name)


def _closed(type: Any) -> str:
    """The values of a closed list, or of a set of such."""
    values = get_args(type)
    if get_origin(type) is frozenset:
        return f"Set of {_closed(values[0]) or 'String'}"
    return ", ".join(f"`{each}`" for each in values) if get_origin(type) is Literal else ""


def _words(value: object) -> str:
    """The type of a word, as Cedar calls it."""
    if isinstance(value, bool):
        return "Bool"
    return {int: "Long", str: "String"}[type(value)]


def _documented(struct: type) -> Iterator[tuple[str, str]]:
    """A struct's fields with the text that stands below each."""
    (body,) = ast.parse(inspect.getsource(struct)).body
    assert isinstance(body, ast.ClassDef)
    for field, text in zip(body.body, body.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign):
            continue
        assert isinstance(field.target, ast.Name)
        assert isinstance(text, ast.Expr), f"{field.target.id} says what it means"
        yield field.target.id, " ".join(ast.literal_eval(text.value).split())


def page() -> str:
    """The whole page, with the reference as it should be."""
    before, rest = PAGE.read_text("utf-8").split(START)
    return f"{before}{START}\n\n{reference()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    else:
        print(reference())
