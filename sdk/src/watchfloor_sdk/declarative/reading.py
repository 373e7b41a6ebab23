"""Where a mapping's values come from: paths into the record and outside it, templates, JMESPath,
and the conditions that are put on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from string import Formatter
from typing import Any

import msgspec
from msgspec import inspect

from watchfloor.contracts import GiveUp

from . import values
from .code import Code
from .fields import Condition
from .frames import At, Frame, Surroundings, Wrong
from .shapes import Shape
from .targets import Reading, Type, conversion, ready

ANY = inspect.AnyType()
TEXT = inspect.StrType()
_UNREADABLE = re.compile(r'[\x00-\x1f"\\]')
"""Signs that the decoder takes in no field's name. A JMESPath may have them."""


class Paths:
    """Writes the expressions that read."""

    def __init__(self, around: Surroundings, document: Shape) -> None:
        self.record = Shape()
        self.needs_raw = False
        self.hashes = False
        self._around = around
        self._document = Frame("document", document)
        self._code = Code()
        self._told: str | None = None
        self._observed = "None"
        self._told_fields: frozenset[str] = frozenset()
        file = around.file
        self._how = Reading(file.time_formats, file.time_zone, file.yes)

    def _conv(self, name: str, type_: Type, how: Reading) -> str:
        convert = self._code.bind(conversion(type_, how))
        sound = self._sound(type_, how, name)
        ready_made = f"{name} if {sound} else " if sound else ""
        return self._code.put(f"{ready_made}{convert}({name})")

    def _sound(self, type_: Type, how: Reading, name: str) -> str | None:
        """An expression: the value is taken as it is."""
        if isinstance(type_, inspect.StrType):
            return f"{name} is None or {name}.__class__ is str and {name}"
        if isinstance(type_, inspect.DateTimeType):
            return f"{name} is None or {self._in_utc(name)}"
        return ready(type_, how, name)

    def _in_utc(self, name: str) -> str:
        """An expression: the value is a time that needs no conversion."""
        utc, time = self._code.bind(UTC), self._code.bind(datetime)
        return f"{name}.__class__ is {time} and {name}.tzinfo is {utc}"

    # --- Paths -------------------------------------------------------------------------------

    def _path(self, path: str, type_: Any, frame: Frame, at: At) -> str:
        if path.startswith("@"):
            return self._outside(path, at)
        steps = self._steps(path, at)
        head = next((i for i, s in enumerate(steps) if i and s.isdecimal()), len(steps))
        found = self._walk(
            frame, frame.shape.value(steps[:head], type_ if head == len(steps) else Any)
        )
        if head == len(steps):
            return found
        pick, rest = self._code.bind(values.pick), self._code.bind(steps[head:])
        return self._code.put(f"{pick}({found}, {rest})")

    def _walk(self, frame: Frame, attributes: Sequence[str]) -> str:
        found = self._code.put(f"{frame.variable}.{attributes[0]}")
        for attribute in attributes[1:]:
            found = self._code.put(f"None if {found} is None else {found}.{attribute}")
        return found

    def _steps(self, path: str, at: At) -> list[str]:
        steps = path.split(".") if self._around.dotted else [path]
        if not all(steps) or _UNREADABLE.search(path):
            raise Wrong(at, f"no path: {path!r}")
        return steps

    def _outside(self, path: str, at: At) -> str:
        word, _, rest = path[1:].partition(".")
        if word == "settings":
            if rest not in self._around.settings:
                raise Wrong(at, f"there is no setting {rest!r}")
            return self._code.bind(self._around.settings[rest])
        if word == "document" and rest:
            attributes = self._document.shape.value(rest.split("."))
            return self._walk(self._document, attributes)
        if word == "headers" and rest:
            return self._code.put(f"scope.headers.get({self._code.bind(rest.lower())})")
        if word == "told" and self._told and rest in self._told_fields:
            return self._code.put(f"{self._told}.{rest}")
        if word == "hash" and self._told:
            self.hashes = True
            digest = self._code.bind(values.digest)
            return self._code.put(f"{digest}({self._told}, {self._observed})")
        if word in ("root", "number", "now") and not rest:
            return self._code.put(f"scope.{word}")
        raise Wrong(at, f"there is no {path!r}")

    def _template(self, template: str, frame: Frame, at: At) -> str:
        pattern, paths = _opened(template, at)
        found = [self._conv(self._path(p, Any, frame, at), TEXT, self._how) for p in paths]
        some = " or ".join(f"{name} is None" for name in found)
        fill = self._code.bind(pattern.format)
        return self._code.put(f"None if {some} else {fill}({', '.join(found)})")

    def _jmespath(self, expression: str, frame: Frame, at: At) -> str:
        import jmespath  # only where a mapping needs it

        if not frame.top:
            raise Wrong(at, "jmespath reads a whole record, not the members of a list")
        try:
            search = jmespath.compile(expression).search
        except jmespath.exceptions.JMESPathError as error:
            raise Wrong(at, f"no JMESPath ({str(error).splitlines()[0]})") from None
        self.needs_raw = True
        return self._code.put(f"{self._code.bind(_searching(search))}(raw)")

    # --- Conditions --------------------------------------------------------------------------

    def _condition(self, condition: Condition, frame: Frame, at: At) -> str:
        holds = self._code.put("True")
        if condition.path or condition.jmespath:
            self._code.again(holds, f"{self._test(condition, frame, at)}")
        for word, together, wanted_ in (
            ("all", "all", True), ("any", "any", True), ("never", "any", False),
        ):  # fmt: skip
            several = getattr(condition, word)
            if several:
                parts = [
                    self._condition(one, frame, (*at, word, index))
                    for index, one in enumerate(several)
                ]
                joined = f"{together}(({', '.join(parts)},))"
                self._code.again(holds, f"{holds} and {joined} is {wanted_}")
        return holds

    def _test(self, condition: Condition, frame: Frame, at: At) -> str:
        if condition.jmespath:
            found = self._jmespath(condition.jmespath, frame, (*at, "jmespath"))
        else:
            found = self._path(condition.path or "", Any, frame, (*at, "path"))
        return self._code.put(f"{self._code.bind(_tester(condition))}({found})")


def _opened(template: str, at: At) -> tuple[str, list[str]]:
    """``gunshot/{id}`` as a format of positions, and the paths."""
    pattern, paths = "", []
    try:
        for literal, name, spec, conversion_ in Formatter().parse(template):
            pattern += literal.replace("{", "{{").replace("}", "}}")
            if name is not None:
                if not name or spec or conversion_:
                    raise ValueError("braces hold a path and nothing else")
                pattern += "{}"
                paths.append(name)
    except ValueError as error:
        raise Wrong(at, f"no template: {error}") from None
    return pattern, paths


def _searching(search: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A search whose errors are the record's: a function of the wrong type of value."""
    from jmespath.exceptions import JMESPathError

    def find(raw: Any) -> Any:
        try:
            return search(raw)
        except JMESPathError:
            raise GiveUp("A JMESPath of the mapping does not fit.", code="bad_path") from None

    return find


def _tester(condition: Condition) -> Callable[[Any], bool]:
    """The test of one value."""
    wants = None if condition.one_of is None else {values.text(v) for v in condition.one_of}
    not_ = None if condition.none_of is None else {values.text(v) for v in condition.none_of}
    pattern = re.compile(condition.matches) if condition.matches else None
    there = condition.there
    bare = wants is None and not_ is None and pattern is None and there is None

    def holds(value: Any) -> bool:
        said = values.text(value) if not _composed(value) else "(composed)"
        if bare:
            return said not in (None, "false", "0")
        return (
            (wants is None or said in wants)
            and (not_ is None or said not in not_)
            and (there is None or (said is not None) is there)
            and (pattern is None or pattern.search(said or "") is not None)
        )

    return holds


def _composed(value: Any) -> bool:
    """An object or a list: it is there, and says no word."""
    return isinstance(value, dict | list | msgspec.Struct) and bool(value)
