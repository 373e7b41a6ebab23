"""docs/errors.md has every code that the hub, the SDK and the connectors use, and no other."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = ("core/src", "sdk/src", "sdk/city/src/*/demo", "connectors/*/src")
OTHER_CODES = {"Coded", "Code", "NamedTopic", "Purpose", "PurposeKind", "RpcError"}
"""Classes whose ``code`` is something else: an agency's own code, a topic, a reason for asking, a
number of JSON-RPC."""

KINDS = {"RetryLater", "AskAPerson", "Refused", "GiveUp", "NotFound"}
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Codes(ast.NodeVisitor):
    """Collects the texts that become a ``code``: as a keyword, as a positional argument that
    lands on a parameter or field called ``code``, or by assignment to that name."""

    def __init__(self, positions: dict[str, int]) -> None:
        self.found: set[str] = set()
        self._positions = positions
        self._loops: dict[str, list[str]] = {}

    def visit_For(self, node: ast.For) -> None:
        if isinstance(node.target, ast.Name):
            self._loops[node.target.id] = [
                text for one in _items(node.iter) for text in _texts(one)
            ]
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            for name, value in zip(_items(target), _items(node.value), strict=False):
                if isinstance(name, ast.Name) and name.id == "code":
                    self._take(value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        if name not in OTHER_CODES:
            for keyword in node.keywords:
                if keyword.arg == "code":
                    self._take(keyword.value)
            position = self._positions.get(name, len(node.args))
            for argument in node.args[position : position + 1]:
                self._take(argument)
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """A row of a table of errors: the class, its code, and the rest."""
        if len(node.elts) > 1 and _name(node.elts[0]) in KINDS:
            self._take(node.elts[1])
        self.generic_visit(node)

    def _take(self, value: ast.expr) -> None:
        if isinstance(value, ast.JoinedStr):
            spelt_out = self._spelt_out(value)
            self.found.update(text for text in spelt_out if _CODE.fullmatch(text.rstrip("*_")))
        else:
            self.found.update(text for text in _texts(value) if _CODE.fullmatch(text))

    def _spelt_out(self, value: ast.JoinedStr) -> Iterator[str]:
        """``f"no_{what}"`` for each ``what`` of the loop around it; ``http_*`` where the rest is
        only known at run time."""
        start, rest = value.values
        assert isinstance(start, ast.Constant)
        assert isinstance(rest, ast.FormattedValue)
        for text in self._loops.get(_name(rest.value), ["*"]):
            yield f"{start.value}{text}"


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may come to."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one), *_texts(other))
        case ast.BoolOp(values=values):
            yield from (text for value in values for text in _texts(value))
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            yield from _texts(inner)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _positions(trees: list[ast.Module]) -> dict[str, int]:
    """Function or class → the index of the positional argument that is its ``code``."""
    found: dict[str, int] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [one.arg for one in node.args.args if one.arg != "self"]
        elif isinstance(node, ast.ClassDef) and node.name not in OTHER_CODES:
            names = [_name(one.target) for one in node.body if isinstance(one, ast.AnnAssign)]
        else:
            continue
        if "code" in names:
            found[node.name] = names.index("code")
    return found


@pytest.fixture(scope="module")
def used(root: Path) -> set[str]:
    files = [
        file for each in SOURCES for folder in root.glob(each) for file in folder.rglob("*.py")
    ]
    trees = [ast.parse(file.read_text("utf-8")) for file in files]
    codes = Codes(_positions(trees))
    for tree in trees:
        codes.visit(tree)
    return codes.found.union(*map(_declared, root.glob("connectors/*/src/*/source.json")))


def _declared(file: Path) -> set[str]:
    """The codes of a connector without code."""
    failures = json.loads(file.read_text("utf-8")).get("failures", {})
    told = [*failures.get("known", []), failures.get("otherwise", {})]
    return {one["code"] for one in told if one}


@pytest.fixture(scope="module")
def documented(pages) -> list[list[str]]:
    return pages["docs/errors.md"].table("code")


def test_the_collector_sees_every_way_to_give_a_code(used: set[str]):
    """One of each: keyword, class, choice, positional, passed on by a helper, put together."""
    assert {
        "bad_token", "retry_later", "rate_limited", "foreign_source", "no_heartbeat", "no_owner",
        "mapping_failed", "rpc_error", "ends_the_worker", "proxy_refused",
    } <= used  # fmt: skip


def test_every_code_is_documented_and_none_is_stale(used: set[str], documented):
    codes = {row[0].strip("`") for row in documented}
    assert not (missing := sorted(used - codes)), f"add to docs/errors.md: {missing}"
    assert not (stale := sorted(codes - used)), f"no longer used: {stale}"


def test_each_code_stands_once_with_a_meaning_and_what_to_do(documented):
    counts = Counter(row[0] for row in documented)
    assert not [code for code, count in counts.items() if count > 1]
    for code, meaning, remedy in documented:
        assert meaning.endswith("."), code
        assert remedy.endswith("."), code
