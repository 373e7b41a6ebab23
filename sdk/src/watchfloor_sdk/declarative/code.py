"""Writes the one function that a mapping becomes.

A function is several times as fast as walking through the mapping for each record. **Nothing of a
mapping file gets into its text**: the text is made of the fixed pieces in ``reading.py``,
``making.py`` and ``compiling.py``, and of names counted here (``t1``, ``c1``); every word of the
file is a value bound to such a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_COUNTED = re.compile(r"[tc]\d+")


class Code:
    """A function body, line by line."""

    def __init__(self) -> None:
        self._bound: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 1
        self._count = 0

    def bind(self, value: Any) -> str:
        """A name for a value."""
        name = self._name("c")
        self._bound[name] = value
        return name

    def name(self) -> str:
        """A name that has no value yet."""
        return self._name("t")

    def put(self, expression: str) -> str:
        """A name for what an expression comes to."""
        name = self.name()
        self.line(f"{name} = {expression}")
        return name

    def again(self, name: str, expression: str) -> None:
        """Give a name another value."""
        assert _COUNTED.fullmatch(name)
        self.line(f"{name} = {expression}")

    def line(self, statement: str) -> None:
        """One statement."""
        self._lines.append("    " * self._depth + statement)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Statements under a head such as ``if t1 is None``."""
        self.line(f"{head}:")
        self._depth += 1
        yield
        self.line("pass")
        self._depth -= 1

    def function(self, parameters: str) -> Callable[..., Any]:
        """The function, compiled."""
        source = "\n".join([f"def made({parameters}):", *self._lines, "    return"])
        names = dict(self._bound)
        exec(compile(source, "<mapping>", "exec"), names)  # noqa: S102 - see the module's docstring
        made: Callable[..., Any] = names["made"]
        return made

    def _name(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"
