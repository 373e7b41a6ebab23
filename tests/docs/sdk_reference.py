"""Writes sdk/docs/reference.md from the docstrings of the SDK.

After a docstring or a signature was changed, run
``.venv/bin/python tests/docs/sdk_reference.py --write``. Without the option it prints.
``test_guide.py`` fails while the page is behind.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "sdk" / "docs" / "reference.md"
CONTRACTS = "watchfloor.contracts"
HEAD = """# Reference of the SDK

Written from the docstrings by `tests/docs/sdk_reference.py`. The classes of events, assets,
look-ups and actions are in [contracts.md](../../docs/contracts.md); the SDK hands them on:
{contracts}.
"""
CHAPTERS = {
    "The connector": ("connector", "context"),
    "Mapping": ("mapping", "csv_text", "json_text", "xml", "mapping_files", "faces", "alert"),
    "HTTP": ("http", "answer", "auth", "auth.digest", "auth.certificate", "auth.principal",
             "auth.username_token", "pace", "paging", "skew"),
    "Other transports": ("network", "transports.websocket", "transports.mqtt", "transports.sftp",
                         "transports.drop", "transports.sql", "exports"),
    "NENA EIDO": ("eido", "eido.conveyance"),
    "Simulators": ("simulation", "simulation.signing", "simulation.eido"),
    "Tests": ("testing", "cassettes.simulator"),
}  # fmt: skip
"""Chapter → modules of ``watchfloor_sdk``, in the order in which they are needed."""


def reference() -> str:
    """The page."""
    import watchfloor_sdk

    handed_on = [
        name for name in watchfloor_sdk.__all__
        if getattr(getattr(watchfloor_sdk, name), "__module__", "").startswith(CONTRACTS)
    ]  # fmt: skip
    names = ", ".join(f"`{name}`" for name in handed_on)
    lines = [HEAD.format(contracts=textwrap.fill(names, 100))]
    for chapter, modules in CHAPTERS.items():
        lines += [f"## {chapter}", ""]
        for name in modules:
            lines += _module(importlib.import_module(f"watchfloor_sdk.{name}"))
    return "\n".join(lines).rstrip() + "\n"


def _module(module: ModuleType) -> Iterator[str]:
    yield f"### `{module.__name__}`"
    yield ""
    yield _text(module)
    yield ""
    for name, value in _public(module):
        yield from _entry(name, value)


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What ``__all__`` names and is at home here, or what is written in the module, in its
    order."""
    named = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]  # fmt: skip
    for name in named:
        value = getattr(module, name)
        at_home = getattr(value, "__module__", "").startswith(module.__name__)
        if at_home and (inspect.isclass(value) or inspect.isfunction(value)):
            yield name, value


def _entry(name: str, value: Any) -> Iterator[str]:
    yield f"**`{_waited(value)}{name}{_signature(value)}`**"
    yield ""
    yield _text(value)
    yield ""
    if inspect.isclass(value):
        yield from (lines := [*_attributes(value), *_methods(value)])
        yield from [""] if lines else []


def _attributes(value: type) -> Iterator[str]:
    """Those with a text beneath them, which is only in the source."""
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    assert isinstance(tree, ast.ClassDef)
    for one, text in itertools.pairwise(tree.body):
        if isinstance(one, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(text.value, ast.Constant)
            yield f"- `{ast.unparse(one.target)}`: {_marked(' '.join(text.value.value.split()))}"


def _methods(value: type) -> Iterator[str]:
    for name, function in vars(value).items():
        if not name.startswith("_") and _is_method(function):
            yield _method(name, _plain(function))


def _is_method(value: Any) -> bool:
    return inspect.isfunction(_plain(value)) or isinstance(value, property | cached_property)


def _plain(value: Any) -> Any:
    return value.__func__ if isinstance(value, classmethod | staticmethod) else value


def _method(name: str, function: Any) -> str:
    text = " ".join(_text(function).split("\n\n")[0].split()) if inspect.getdoc(function) else ""
    return f"- `{_waited(function)}{name}{_signature(function)}`{': ' if text else ''}{text}"


def _waited(value: Any) -> str:
    """What has to be awaited says so: whoever overrides it must know."""
    return "async " if inspect.iscoroutinefunction(value) else ""


def _signature(value: Any) -> str:
    """Parameters with types and defaults, and what comes back; nothing for plain exceptions."""
    if isinstance(value, property | cached_property):
        return _answer(value.fget if isinstance(value, property) else value.func)
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return ""
    shown = [_parameter(one) for one in parameters if one.name not in ("self", "cls")]
    names = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    if names and not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        first = next(i for i, text in enumerate(shown) if re.match(rf"{names[0]}\b", text))
        shown.insert(first, "*")
    answer = "" if inspect.isclass(value) else _answer(value)
    return f"({', '.join(shown)}){answer}"


def _answer(function: Any) -> str:
    kind = getattr(function, "__annotations__", {}).get("return")
    return f" -> {kind}" if isinstance(kind, str) and kind != "None" else ""


def _parameter(one: inspect.Parameter) -> str:
    stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    kind = one.annotation if isinstance(one.annotation, str) else ""
    text = f"{stars}{one.name}{': ' if kind else ''}{kind}"
    if one.default is one.empty:
        return text
    default = repr(one.default)
    return f"{text} = {default if len(default) < 40 and '<' not in default else '...'}"


def _text(value: Any) -> str:
    """A docstring as Markdown."""
    return _marked(inspect.getdoc(value) or "")


def _marked(text: str) -> str:
    return re.sub(r"``(.+?)``", r"`\1`", text, flags=re.DOTALL)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(reference(), "utf-8")
    else:
        print(reference())
